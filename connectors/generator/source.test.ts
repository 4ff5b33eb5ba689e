import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Clock, isJsonObject, type JsonValue, noMetrics, type SourceContext } from 'millrace/sdk';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { accessLine } from './access-line.ts';
import { generateAccessLog } from './access-log.ts';
import { FRAUD_KINDS, generator, Transactions } from './index.ts';

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
  const keys: (string | undefined)[] = [];
  const context: SourceContext = {
    positions: new Map(positions),
    signal: new AbortController().signal,
    once: false,
    host: 'web-1',
    room: async () => undefined,
    lost() {},
    clock,
    log: quiet,
    metrics: noMetrics,
  };
  let left = emits;
  const source = generator.create(generator.config.parse(options));
  const ended = await source
    .run(async (batch, more) => {
      if (left-- <= 0) throw new Error('killed');
      for (let i = 0; i < batch.length; i += 1) {
        values.push(batch.valueJson(i));
        keys.push(batch.key(i)?.toString());
      }
      for (const [id, position] of Object.entries(more?.positions ?? {})) if (position !== null) positions.set(id, position);
    }, context)
    .then(
      () => true,
      () => false,
    );
  return { values, keys, ended, clock };
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

  it('makes transactions keyed by card, and goes on with the next after it was killed', async () => {
    const options = { kind: 'transactions', count: 9000, seed: 4, fraud: 0.02, out_of_order: '10s', event_rate: 50 };
    const positions = new Map<string, JsonValue>();
    const first = await run(options, positions, 2);
    const second = await run(options, positions);
    const transactions = new Transactions({ seed: 4, eventRate: 50, outOfOrder: 10_000, fraud: evenly(0.02) });
    const expected = Array.from({ length: 9000 }, (_, i) => transactions.at(i));
    expect(first.values.length).toBeGreaterThan(0);
    expect([...first.values, ...second.values]).toEqual(expected);
    expect([...first.keys, ...second.keys]).toEqual(expected.map(({ card }) => card.id));
  });

  it('makes the table of customers keyed by their ids, and ends', async () => {
    const positions = new Map<string, JsonValue>();
    const { values, keys, ended } = await run({ kind: 'customers', customers: 5000, seed: 4 }, positions);
    const transactions = new Transactions({ seed: 4, customers: 5000 });
    expect(ended).toBe(true);
    expect(values).toEqual(Array.from({ length: 5000 }, (_, i) => transactions.customer(i)));
    expect(keys).toEqual(Array.from({ length: 5000 }, (_, i) => `c-${i}`));
    // Each kind of record has numbers of its own.
    expect((await run({ kind: 'transactions', count: 10, seed: 4 }, positions)).values).toHaveLength(10);
  });

  it.each([
    [{ kind: 'json', customers: 10 }, 'customers', 'is an option of kind: transactions, and has no meaning for kind: json'],
    [{ kind: 'customers', fraud: 0.1 }, 'fraud', 'has no meaning for kind: customers'],
    [{ kind: 'transactions', fraud: { velocity: 0.06, probe_then_big: 0.05 } }, 'fraud', 'together they may be at most 0.1'],
    [{ kind: 'transactions', out_of_order: '1h', event_rate: 1000 }, 'out_of_order', 'more than 1000000 would change places'],
    [{ kind: 'transactions', start: '2024-13-01T00:00:00Z' }, 'start', 'is no time'],
    [{ kind: 'transactions', start: '2250-01-01T00:00:00Z' }, 'start', 'must be from 1970 to 2199'],
  ])('refuses %j', (options, path, message) => {
    const { error } = z.safeParse(generator.config, options);
    expect(error?.issues).toHaveLength(1);
    expect(error?.issues[0]?.path).toEqual([path]);
    expect(error?.issues[0]?.message).toContain(message);
  });
});

const evenly = (total: number): Record<string, number> =>
  Object.fromEntries(FRAUD_KINDS.map((kind) => [kind, total / FRAUD_KINDS.length]));
