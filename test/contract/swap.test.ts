import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Plugged } from '../support/plugged.ts';

let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'millrace-swap-'));
});

afterAll(() => rm(directory, { recursive: true }));

/** Numbers the records of a key, and tells which edition of it has done so. */
const plugin = (edition: number): string => `
import { defineProcessor } from 'millrace/sdk';
import { z } from 'zod';

export const count = defineProcessor({
  kind: 'count',
  summary: 'Counts.',
  options: z.strictObject({}),
  setup: (_, { state }) => {
    const counts = state.value('count');
    return {
      each: (record) => {
        const count = (counts.get(record.key) ?? 0) + 1;
        counts.set(record.key, count);
        return record.with({ value: { ...record.value, count, plugin: ${edition} } });
      },
    };
  },
});
`;

const pipeline = (edition: number, { within = '1h', more = '' } = {}): string => `pipeline: plugged
plugins: [ ./count.ts ]
topics: { in: { external: true }, mid: {}, out: {}, once: {} }
streams:
  mark: { from: in, steps: [ { set: { file: ${edition} } } ], to: mid }
  number: { from: mid, steps: [ { count: {} } ], to: out }
  untouched: { from: in, steps: [ { deduplicate: { by: [ n ], within: ${within} } } ], to: once }
${more}`;

describe('definitions that are swapped while records flow', () => {
  it('lose none and double none, ten times, and end only what has changed', async () => {
    await writeFile(join(directory, 'count.ts'), plugin(0));
    const plugged = await Plugged.start(pipeline(0), directory);
    let written = 0;
    const write = (count: number): void => {
      plugged.produce(
        'in',
        Array.from({ length: count }, (_, i) => ({ n: written + i })),
      );
      written += count;
    };
    write(12);
    await plugged.clock.advanceUntil(() => plugged.values('out').length >= 10);
    for (let edition = 1; edition <= 10; edition += 1) {
      write(12);
      const editsPlugin = edition % 2 === 0;
      if (editsPlugin) await writeFile(join(directory, 'count.ts'), plugin(edition));
      const outcome = await plugged.swap(pipeline(editsPlugin ? edition - 1 : edition));
      const changed = editsPlugin ? 'plugged/number' : 'plugged/mark';
      expect([outcome.begun, outcome.ended]).toEqual([[changed], [changed]]);
      expect(outcome.kept).toHaveLength(3);
      write(12);
      const marks = (name: string): boolean => plugged.values('out').at(-1)?.[name] === edition;
      await plugged.clock.advanceUntil(() => marks(editsPlugin ? 'plugin' : 'file'));
    }
    await plugged.clock.advanceUntil(() => plugged.values('out').length >= written && plugged.values('once').length >= written);
    expect(await plugged.stop()).toBe(true);
    const all = Array.from({ length: written }, (_, n) => n);
    expect(plugged.values('out').map(({ n }) => n)).toEqual(all);
    expect(plugged.values('out').map(({ count }) => count)).toEqual(all.map((n) => n + 1));
    expect(plugged.values('once').map(({ n }) => n)).toEqual(all);
    expect(plugged.dead).toEqual([]);
  });

  it('may come and go', async () => {
    await writeFile(join(directory, 'count.ts'), plugin(0));
    const plugged = await Plugged.start(pipeline(0), directory);
    plugged.produce('in', [{ n: 1 }]);
    await plugged.clock.advanceUntil(() => plugged.values('out').length === 1);
    const more = '  added: { from: out, steps: [ { filter: "n > 1" } ], to: more }\n';
    const withMore = pipeline(0, { more }).replace('once: {}', 'once: {}, more: {}');
    expect((await plugged.swap(withMore)).begun).toContain('plugged/added');
    plugged.produce('in', [{ n: 2 }]);
    await plugged.clock.advanceUntil(() => plugged.values('more').length === 1);
    const { ended } = await plugged.swap(pipeline(0));
    expect(ended).toContain('plugged/added');
    expect(plugged.engine.stats.map(({ component }) => component)).toEqual([
      'mark',
      'number',
      'untouched',
      'untouched.deduplicate-1',
    ]);
    expect(await plugged.stop()).toBe(true);
  });

  it('are refused where the state that is there does not fit, and what ran goes on', async () => {
    await writeFile(join(directory, 'count.ts'), plugin(0));
    const plugged = await Plugged.start(pipeline(0), directory);
    plugged.produce('in', [{ n: 1 }]);
    await plugged.clock.advanceUntil(() => plugged.values('once').length === 1);
    const other = pipeline(0).replace('by: [ n ]', 'by: [ n, site ]');
    await expect(plugged.swap(other)).rejects.toMatchObject({ code: 'STATE_INCOMPATIBLE' });
    plugged.produce('in', [{ n: 1 }, { n: 2 }]);
    await plugged.clock.advanceUntil(() => plugged.values('once').length === 2 && plugged.values('out').length === 3);
    expect(await plugged.stop()).toBe(true);
    expect(plugged.values('once').map(({ n }) => n)).toEqual([1, 2]);
  });
});
