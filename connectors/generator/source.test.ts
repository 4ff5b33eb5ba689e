import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Clock, isJsonObject, type JsonValue, type SourceContext } from 'millrace/sdk';
import { describe, expect, it } from 'vitest';
import { accessLine } from './access-line.ts';
import { generateAccessLog } from './access-log.ts';
import { generator } from './index.ts';

const quiet = { debug() {}, info() {}, warn() {}, error() {} };

class TestClock implements Clock {
  time = 0;
  now = (): number => this.time;
  monotonic = (): number => this.time;
  sleep = async (ms: number): Promise<void> => {
    this.time += ms;
  };
}

/** Runs the source until its end or until `emits` emits, after which the process is as good as killed. */
async function run(
  options: unknown,
  positions: Map<string, JsonValue>,
  emits = Number.POSITIVE_INFINITY,
  clock = new TestClock(),
) {
  const values: JsonValue[] = [];
  const context: SourceContext = {
    positions: new Map(positions),
    signal: new AbortController().signal,
    once: false,
    host: 'web-1',
    lost() {},
    clock,
    log: quiet,
  };
  let left = emits;
  const source = generator.create(generator.config.parse(options));
  const ended = await source
    .run(async (batch, more) => {
      if (left-- <= 0) throw new Error('killed');
      for (let i = 0; i < batch.length; i += 1) values.push(batch.valueJson(i));
      for (const [id, position] of Object.entries(more?.positions ?? {})) if (position !== null) positions.set(id, position);
    }, context)
    .then(
      () => true,
      () => false,
    );
  return { values, ended, clock };
}

function sequences(values: readonly JsonValue[]): JsonValue[] {
  return values.map((value) => {
    const event = isJsonObject(value) ? value['event'] : undefined;
    return isJsonObject(event) ? (event['sequence'] ?? null) : null;
  });
}

describe('generator source', () => {
  it('makes each record once, also when it was killed in between', async () => {
    const positions = new Map<string, JsonValue>();
    const first = await run({ count: 9000 }, positions, 2);
    expect(first.ended).toBe(false);
    const second = await run({ count: 9000 }, positions);
    expect(second.ended).toBe(true);
    expect(sequences([...first.values, ...second.values])).toEqual(Array.from({ length: 9000 }, (_, i) => i));
    expect((await run({ count: 9000 }, positions)).values).toEqual([]);
  });

  it('keeps to its rate', async () => {
    const { values, clock } = await run({ kind: 'json', rate: 50, count: 100 }, new Map());
    expect(values).toHaveLength(100);
    expect(clock.time).toBe(2000);
  });

  it('gives the same lines for the same seed, and others for another', async () => {
    const lines = (seed: number) => Array.from({ length: 500 }, (_, i) => accessLine(seed, i)).join('\n');
    expect(lines(1)).toBe(lines(1));
    expect(lines(2)).not.toBe(lines(1));
    // A change here changes every figure that docs and tests derive from the generated log.
    expect(createHash('sha256').update(lines(1)).digest('hex').slice(0, 16)).toMatchInlineSnapshot(`"cdca7c134e8c2a34"`);
  });

  it('writes a log of numbered lines in the combined format', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'millrace-generator-'));
    try {
      const path = join(directory, 'logs', 'access.log');
      await generateAccessLog({ path, lines: 6000, seed: 3 });
      await generateAccessLog({ path, lines: 10, seed: 3, first: 6000, append: true });
      const lines = (await readFile(path, 'utf8')).trimEnd().split('\n');
      const combined =
        /^\d+\.\d+\.\d+\.\d+ - - \[\d\d\/\w{3}\/\d{4}:\d\d:\d\d:\d\d \+0000\] "[A-Z]+ \/\S+\?n=(\d+) HTTP\/1\.1" \d{3} (\d+|-) "[^"]+" "[^"]+"$/;
      expect(lines.map((line) => Number(combined.exec(line)?.[1]))).toEqual(Array.from({ length: 6010 }, (_, i) => i));
      await expect(generateAccessLog({ path: directory, lines: 1 })).rejects.toThrow(/writing generated lines to .*directory/);
    } finally {
      await rm(directory, { recursive: true });
    }
  });
});
