import { concatMap, delay, filter, from, map, mergeMap, type Observable, of, take, toArray } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { RecordingLog } from '../../../test/support/tasks.ts';
import type { ProcessorOutput } from '../../sdk/batch-processor.ts';
import { noMetrics } from '../../sdk/metrics.ts';
import { defineProcessor, type ProcessorContext, type ProcessorOperator, type ProcessorWork } from '../../sdk/processor.ts';
import { ProcessorRecord } from '../../sdk/processor-record.ts';
import { retryable } from '../../sdk/retryable.ts';
import { VirtualClock } from '../../testing/virtual-clock.ts';
import { MicroBatchProcessor } from './micro-batch-processor.ts';

interface Given {
  readonly key?: string;
  readonly time: number;
  readonly n?: number;
}

const NEVER_ABORTED = new AbortController().signal;

/** A processor in a partition whose watermark is one ms behind the latest time. */
class Bench {
  readonly clock = new VirtualClock(0);
  readonly log = new RecordingLog();
  readonly processor: MicroBatchProcessor;
  #offset = 0;
  #watermark = Number.NEGATIVE_INFINITY;

  constructor(setup: (context: ProcessorContext) => ProcessorOperator | ProcessorWork, retryFor = '30s') {
    const definition = defineProcessor({
      ...{ kind: 'test', summary: 'A processor of a test.', options: z.unknown(), retryFor },
      setup: (_, context) => setup(context),
    });
    const { clock, log } = this;
    const place = { pipeline: 'p', component: 'stream', id: 'test-1', partition: 3, clock, log, metrics: noMetrics };
    this.processor = new MicroBatchProcessor(definition, {}, place);
    this.processor.restored(Number.NEGATIVE_INFINITY);
  }

  process(given: readonly Given[], { signal = NEVER_ABORTED, at = 0 } = {}): Promise<ProcessorOutput> {
    const arrivals = given.map(({ key = 'k', time, n = 0 }) => {
      this.#watermark = Math.max(this.#watermark, time - 1);
      this.#offset += 1;
      const place = { topic: 'in', partition: 3, offset: this.#offset - 1 };
      return { record: new ProcessorRecord({ ...place, value: { n }, key, time }), watermark: this.#watermark };
    });
    return this.processor.process({ arrivals, watermark: Math.max(this.#watermark, at), now: this.clock.now() }, signal);
  }
}

const numbers = ({ outputs }: ProcessorOutput): unknown[] => outputs.map(({ value }) => value['n']);

const counted =
  (context: ProcessorContext): ProcessorOperator =>
  (records) => {
    const count = context.state.value<number>('count');
    return records.pipe(
      map((record) => {
        const n = (count.get(record.key as string) ?? 0) + 1;
        count.set(record.key as string, n);
        if (record.value['n'] === -1) throw new Error('bad');
        return record.with({ value: { ...record.value, n } });
      }),
    );
  };

describe('a processor per micro-batch', () => {
  it('completes the Observable at the end of each, and gives what it emits, in order', async () => {
    const sizes: number[] = [];
    const bench = new Bench(() => (records) => {
      return records.pipe(
        toArray(),
        concatMap((all) => {
          sizes.push(all.length);
          return from(all.toReversed());
        }),
      );
    });
    expect(
      numbers(
        await bench.process([
          { time: 1, n: 1 },
          { time: 2, n: 2 },
        ]),
      ),
    ).toEqual([2, 1]);
    expect(numbers(await bench.process([{ time: 3, n: 3 }]))).toEqual([3]);
    expect(sizes).toEqual([2, 1]);
  });

  it('waits for what is asynchronous, and keeps where records come from', async () => {
    const bench = new Bench(() =>
      mergeMap((record) => Promise.resolve(record.with({ value: { n: 7 }, key: 'new', time: 9 })), 2),
    );
    const { outputs } = await bench.process([{ time: 1 }, { time: 2 }]);
    expect(outputs.map(({ key, time, topic, partition, offset }) => ({ key, time, topic, partition, offset }))).toEqual([
      { key: 'new', time: 9, topic: 'in', partition: 3, offset: 0 },
      { key: 'new', time: 9, topic: 'in', partition: 3, offset: 1 },
    ]);
  });

  it('rejects only the record that is bad, and takes back what the failed run had changed', async () => {
    const bench = new Bench(counted);
    const { outputs, rejected } = await bench.process([{ time: 1 }, { time: 2, n: -1 }, { time: 3 }, { time: 4, key: 'other' }]);
    expect(outputs.map(({ offset, value }) => [offset, value['n']])).toEqual([
      [0, 1],
      [2, 2],
      [3, 1],
    ]);
    expect(rejected.map(({ record: { offset }, code, message }) => [offset, code, message])).toEqual([
      [1, 'PROCESSOR_THREW', 'the processor threw: bad'],
    ]);
  });

  it('finds the bad record also where it fails later', async () => {
    const fails = async (record: ProcessorRecord): Promise<ProcessorRecord> => {
      await Promise.resolve();
      if (record.value['n'] === -1) throw new Error('late');
      return record;
    };
    const bench = new Bench(() => mergeMap(fails));
    const { outputs, rejected } = await bench.process([{ time: 1 }, { time: 2, n: -1 }, { time: 3 }]);
    expect(outputs.map(({ offset }) => offset)).toEqual([0, 2]);
    expect(rejected.map(({ record }) => record.offset)).toEqual([1]);
  });

  it('refuses changes by what a failed run has left behind', async () => {
    const errors: unknown[] = [];
    const bench = new Bench(({ state, clock }) => {
      const count = state.value<number>('count');
      return mergeMap(async (record: ProcessorRecord) => {
        if (record.value['n'] === -1) throw new Error('bad');
        await clock.sleep(10);
        try {
          count.set('k', (count.get('k') ?? 0) + 1);
        } catch (error) {
          errors.push(error);
        }
        return record.with({ value: { n: count.get('k') ?? 0 } });
      });
    });
    const output = await bench.clock.run(bench.process([{ time: 1 }, { time: 2, n: -1 }, { time: 3 }]));
    expect(numbers(output)).toEqual([1, 2]);
    // Two were under way when the run failed.
    expect(errors).toEqual([expect.objectContaining({ code: 'PROCESSOR_RUN_OVER' }), expect.any(Error)]);
  });

  it('tries an error that may pass again, the whole micro-batch, with waits', async () => {
    let away = 3;
    const bench = new Bench(() =>
      map((record) => {
        if (record.value['n'] === 2 && away > 0) {
          away -= 1;
          throw retryable(new Error('away'));
        }
        return record;
      }),
    );
    const output = await bench.clock.run(
      bench.process([
        { time: 1, n: 1 },
        { time: 2, n: 2 },
      ]),
    );
    expect(numbers(output)).toEqual([1, 2]);
    expect(output.rejected).toEqual([]);
    expect(bench.clock.now()).toBeGreaterThan(100);
  });

  it('gives up after retryFor, on that record alone', async () => {
    const bench = new Bench(
      () =>
        map((record) => {
          if (record.value['n'] === 2) throw retryable(new Error('away'));
          return record;
        }),
      '5s',
    );
    const output = await bench.clock.run(
      bench.process([
        { time: 1, n: 1 },
        { time: 2, n: 2 },
        { time: 3, n: 3 },
      ]),
    );
    expect(numbers(output)).toEqual([1, 3]);
    expect(output.rejected[0]).toMatchObject({
      code: 'PROCESSOR_RETRIED',
      message: expect.stringMatching(/^the processor was tried for 5 s .* away$/),
    });
    expect(bench.clock.now()).toBeLessThan(10_000);
  });

  it('is ended by the signal, with nothing changed', async () => {
    const stop = new AbortController();
    const bench = new Bench((context) => (records) => counted(context)(records).pipe(delay(1_000_000)));
    await bench.process([]);
    const work = bench.process([{ time: 1 }], { signal: stop.signal });
    stop.abort(new Error('the task ends'));
    await expect(work).rejects.toThrow('the task ends');
    expect(bench.processor.size).toBe(0);
  });

  it('refuses what is no record, what is more than a bound, and a value that is written to', async () => {
    const made: Record<number, (record: ProcessorRecord) => Observable<unknown>> = {
      0: of,
      1: () => of({ value: {} }),
      2: (record) => from(Array.from({ length: 10_001 }, () => record)),
      3: (record) => {
        (record.value as { n: number }).n = 4;
        return of(record);
      },
    };
    const bench = new Bench(() =>
      concatMap((record) => made[record.value['n'] as number]?.(record) as Observable<ProcessorRecord>),
    );
    const { outputs, rejected } = await bench.process([
      { time: 1, n: 1 },
      { time: 2, n: 2 },
      { time: 3, n: 3 },
      { time: 4, n: 0 },
    ]);
    expect(outputs).toHaveLength(1);
    expect(rejected.map(({ code }) => code)).toEqual(['PROCESSOR_OUTPUT', 'PROCESSOR_TOO_MANY', 'PROCESSOR_THREW']);
    expect(rejected[2]?.message).toContain('read only');
  });

  it('lets an operator end before its input, and leave records out', async () => {
    const first = new Bench(() => take(1));
    expect(
      numbers(
        await first.process([
          { time: 1, n: 1 },
          { time: 2, n: 2 },
        ]),
      ),
    ).toEqual([1]);
    const none = new Bench(() => filter(() => false));
    expect(await none.process([{ time: 1 }])).toEqual({ outputs: [], rejected: [] });
  });

  it('tells of a micro-batch that does not end', async () => {
    const bench = new Bench(({ clock }) => mergeMap((record) => clock.sleep(90_000).then(() => record)));
    await bench.clock.run(bench.process([{ time: 1 }]));
    expect(bench.log.lines).toEqual([expect.stringContaining('long at work on a micro-batch')]);
  });
});

describe('timers of a processor', () => {
  /** Counts the records of a key until its timer comes. */
  const counting = ({ state, timers, record }: ProcessorContext): ProcessorWork => {
    const count = state.value<number>('count');
    return {
      process: (records) =>
        records.pipe(
          concatMap(({ key, time }) => {
            const n = count.get(key as string) ?? 0;
            if (n === 0) timers.at(key as string, time + 10, 'end');
            count.set(key as string, n + 1);
            return [];
          }),
        ),
      onTimer: ({ key, time }) => {
        const n = count.get(key) ?? 0;
        count.delete(key);
        return [record({ value: { key, n }, key, time })];
      },
    };
  };
  const input: Given[] = [0, 4, 3, 9, 12, 11, 30, 31, 60].map((time, i) => ({ time, key: i % 3 === 2 ? 'b' : 'a' }));

  it('come between two records, wherever micro-batches are cut', async () => {
    const whole = new Bench(counting);
    const together = (await whole.process(input)).outputs.map(({ value, time }) => [time, value['key'], value['n']]);
    expect(together).toEqual([
      [10, 'a', 4],
      [13, 'b', 2],
      [40, 'a', 2],
    ]);
    for (let cut = 1; cut < input.length; cut += 1) {
      const bench = new Bench(counting);
      const parts = [await bench.process(input.slice(0, cut)), await bench.process(input.slice(cut))];
      expect(parts.flatMap(({ outputs }) => outputs.map(({ value, time }) => [time, value['key'], value['n']]))).toEqual(
        together,
      );
    }
  });

  it('come without records too, by either clock', async () => {
    const fired: unknown[] = [];
    const bench = new Bench(({ timers }) => ({
      process: concatMap(({ key }) => {
        timers.after(key as string, 5_000, 'soon');
        timers.at(key as string, 100, 'then');
        return [];
      }),
      onTimer: ({ name, time, clock }) => {
        fired.push([name, time, clock]);
        return undefined;
      },
    }));
    await bench.process([{ time: 1 }]);
    expect(bench.processor.isDue(99, 4_999)).toBe(false);
    await bench.clock.advance(5_000);
    expect(bench.processor.isDue(99, bench.clock.now())).toBe(true);
    await bench.process([], { at: 99 });
    expect(fired).toEqual([['soon', 5_000, 'wall']]);
    await bench.process([], { at: 100 });
    expect(fired).toEqual([
      ['soon', 5_000, 'wall'],
      ['then', 100, 'event'],
    ]);
    expect(bench.processor.size).toBe(0);
  });

  it('that fail are told of by a record, and hold nothing up', async () => {
    const bench = new Bench(({ timers }) => ({
      process: map((record) => {
        timers.at(record.key as string, 5, 'end');
        return record;
      }),
      onTimer: () => {
        throw new Error('no');
      },
    }));
    const { outputs, rejected } = await bench.process([
      { time: 1, n: 1 },
      { time: 10, n: 2 },
    ]);
    expect(outputs).toHaveLength(2);
    expect(rejected).toHaveLength(1);
    expect(rejected[0]).toMatchObject({
      code: 'PROCESSOR_TIMER_THREW',
      record: { key: 'k', offset: -1, value: { timer: { name: 'end' } } },
    });
    expect(rejected[0]?.message).toContain('due at 1970-01-01T00:00:00.005Z: no');
    expect(bench.processor.size).toBe(0);
  });

  it('need somebody to take them', async () => {
    const bench = new Bench(({ timers }) =>
      map((record) => {
        timers.at('k', 5, 'end');
        return record;
      }),
    );
    expect((await bench.process([{ time: 1 }])).rejected[0]).toMatchObject({ code: 'PROCESSOR_NO_ON_TIMER' });
  });
});
