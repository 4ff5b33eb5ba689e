import { BatchBuilder, defineSink, defineSource } from 'millrace/sdk';
import { z } from 'zod';
import { hostile } from './hostile.ts';

/** Connectors of a plugin that fail as they are told, and work at the next try. */

const options = z.strictObject({ how: z.string() });

export const source = defineSource({
  type: 'shaky-source',
  summary: 'Emits numbers, and fails once.',
  config: options,
  examples: [],
  create({ how }) {
    return {
      async run(emit, { positions, signal, clock, metrics }) {
        const emitted = metrics.counter('emitted');
        for (let n = Number(positions.get('n') ?? 0); n < 6; n += 1) {
          const builder = new BatchBuilder(['numbers']);
          builder.begin(0, -1, -1);
          builder.value(JSON.stringify({ n }));
          if (n === 3 && !failed.has(how)) {
            failed.add(how);
            if (how === 'throws') throw new Error('the device is busy');
            throwHostile(how);
            if (how === 'emits rubbish') await emit([{ n }] as never, { positions: { n: n + 1 } });
          }
          await emit(builder.batch(), { positions: { n: n + 1 } });
          emitted.inc();
        }
        if (how === 'never ends') await new Promise(() => undefined);
        await clock.sleep(1_000_000_000, signal).catch(() => undefined);
      },
      close: () => (how === 'never ends' ? new Promise(() => undefined) : Promise.resolve()),
    };
  },
});

const failed = new Set<string>();

function throwHostile(how: string): void {
  const make = how.startsWith('throws ') ? hostile[how.slice(7)] : undefined;
  if (make !== undefined) throw make();
}

export const delivered: string[] = [];

export const sink = defineSink({
  type: 'shaky-sink',
  summary: 'Delivers to memory, and fails once.',
  config: options,
  examples: [],
  batch: { records: 2, bytes: 1_000_000 },
  concurrency: 1,
  delivery: 'at_least_once',
  create({ how }, { metrics }) {
    const writes = metrics.gauge('writes');
    let count = 0;
    return {
      async open() {
        if (how === 'does not open' && !failed.has(how)) {
          failed.add(how);
          await new Promise(() => undefined);
        }
      },
      async write({ records }, outcomes) {
        count += 1;
        writes.set(count);
        if (count === 2 && !failed.has(how)) {
          failed.add(how);
          if (how === 'throws') throw new Error('the other side has hung up');
          throwHostile(how);
          if (how === 'hangs') await new Promise(() => undefined);
        }
        for (let row = 0; row < records.length; row += 1) {
          const text = records.valueText(row);
          if (how === 'rejects' && text.includes('3')) outcomes.reject(row, { code: 'PLUGIN_REJECTED', message: 'no threes' });
          else if (how.startsWith('rejects ') && text.includes('3')) outcomes.reject(row, hostile[how.slice(8)]?.() as never);
          else {
            delivered.push(`${how} ${text}`);
            outcomes.delivered(row);
          }
        }
      },
      async close() {
        if (how === 'throws') throw new Error('it cannot be closed');
        await Promise.resolve();
      },
    };
  },
});
