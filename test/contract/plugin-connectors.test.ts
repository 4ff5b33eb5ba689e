import { describe, expect, it } from 'vitest';
import { createMetrics } from '../../src/telemetry/metrics.ts';
import { Plugged } from '../support/plugged.ts';
import { hostile } from '../support/plugins/hostile.ts';

const source = (how: string): string => `pipeline: plugged
plugins: [ ./connectors.ts ]
topics: { out: {} }
sources: { numbers: { shaky-source: { how: ${how} }, to: out } }
`;

const sink = (how: string): string => `pipeline: plugged
plugins: [ ./connectors.ts ]
topics: { in: { external: true } }
sinks: { memory: { from: in, shaky-sink: { how: ${how} } } }
`;

describe('a source of a plugin', () => {
  it.each(['throws', 'emits rubbish'])('that %s is started again where it was', async (how) => {
    const plugged = await Plugged.start(source(how));
    await plugged.clock.advanceUntil(() => plugged.values('out').length === 6);
    expect(plugged.values('out').map(({ n }) => n)).toEqual([0, 1, 2, 3, 4, 5]);
    expect(plugged.statsOf('numbers').restarts).toBe(1);
    expect(plugged.log.lines.join('\n')).toMatch(/running the source shaky-source of the plugin .\/connectors.ts: /);
    expect(await plugged.stop()).toBe(true);
    expect(
      await createMetrics(
        () => plugged.engine.stats,
        () => plugged.faults.counts,
      ).metrics(),
    ).toMatch(/millrace_plugin_counter_total\{pipeline="plugged",component="numbers",kind="source",step="",name="emitted"\} 6\n/);
  });

  it.each(Object.keys(hostile))('that throws %s is started again, and something is said of it', async (name) => {
    const plugged = await Plugged.start(source(`throws ${name}`));
    await plugged.clock.advanceUntil(() => plugged.values('out').length === 6);
    expect(await plugged.stop()).toBe(true);
    expect(plugged.log.lines.join('\n')).toMatch(/running the source shaky-source of the plugin .\/connectors.ts: \S/);
  });

  it('that does not end when it is told to holds nobody up for ever', async () => {
    const plugged = await Plugged.start(source('never ends'));
    await plugged.clock.advanceUntil(() => plugged.values('out').length === 6);
    expect(await plugged.stop()).toBe(true);
    expect(plugged.log.lines.join('\n')).toMatch(
      /the source shaky-source .* has not ended 30 s after its signal; it is left behind/,
    );
  });
});

describe('a sink of a plugin', () => {
  const numbers = [1, 2, 3, 4, 5, 6].map((n) => ({ n }));

  it.each(['throws', 'hangs', 'does not open'])('that %s delivers at the next try', async (how) => {
    const plugged = await Plugged.start(sink(how));
    plugged.produce('in', numbers);
    await plugged.clock.advanceUntil(() => plugged.statsOf('memory').recordsOut === 6);
    expect(await plugged.stop()).toBe(true);
    expect(plugged.dead).toEqual([]);
    expect([...plugged.faults.counts]).toEqual([['./connectors.ts', expect.any(Number)]]);
  });

  it.each(Object.keys(hostile))('that throws %s delivers at the next try, and rejects by it one record', async (name) => {
    for (const [how, delivered] of [
      [`throws ${name}`, 6],
      [`rejects ${name}`, 5],
    ] as const) {
      const plugged = await Plugged.start(sink(how));
      plugged.produce('in', numbers);
      await plugged.clock.advanceUntil(() => plugged.statsOf('memory').recordsOut === delivered);
      await plugged.clock.advanceUntil(() => plugged.dead.length === 6 - delivered);
      expect(await plugged.stop()).toBe(true);
      const letter = { value: '{"n":3}', code: 'PLUGIN_REJECTED', message: expect.stringMatching(/^\S/) as string };
      expect(plugged.dead).toEqual(delivered === 6 ? [] : [letter]);
    }
  });

  it('that rejects a record costs that, and no other', async () => {
    const plugged = await Plugged.start(sink('rejects'));
    plugged.produce('in', numbers);
    await plugged.clock.advanceUntil(() => plugged.statsOf('memory').recordsOut === 5);
    await plugged.clock.advanceUntil(() => plugged.dead.length === 1);
    expect(await plugged.stop()).toBe(true);
    expect(plugged.dead).toEqual([{ value: '{"n":3}', code: 'PLUGIN_REJECTED', message: 'no threes' }]);
  });
});
