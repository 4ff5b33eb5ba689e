import { bufferCount, concatMap, filter, map, mergeMap, NEVER, of, scan, take } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { RecordingLog } from '../../../test/support/tasks.ts';
import { noMetrics } from '../../sdk/metrics.ts';
import { defineProcessor, type ProcessorContext, type ProcessorOperator } from '../../sdk/processor.ts';
import { ProcessorRecord } from '../../sdk/processor-record.ts';
import { VirtualClock } from '../../testing/virtual-clock.ts';
import { ContinuousRunner } from './continuous-runner.ts';

const clock = new VirtualClock(0);
const signal = new AbortController().signal;

function runnerOf(setup: (context: ProcessorContext) => ProcessorOperator): ContinuousRunner {
  const definition = defineProcessor({
    ...{ kind: 'test', summary: 'A processor of a test.', options: z.unknown(), continuous: { hold: '60s' } },
    setup: (_, context) => setup(context),
  });
  const place = {
    pipeline: 'p',
    component: 'stream',
    id: 'test-1',
    partition: 0,
    clock,
    log: new RecordingLog(),
    metrics: noMetrics,
  };
  return new ContinuousRunner(definition, {}, place);
}

const records = (...offsets: number[]): ProcessorRecord[] =>
  offsets.map((offset) => new ProcessorRecord({ topic: 'in', partition: 0, offset, value: { offset }, key: null, time: 0 }));

const feed = (runner: ContinuousRunner, given: readonly ProcessorRecord[]): void =>
  runner.feed(given, (given.at(-1)?.offset ?? -1) + 1);

const seen = (runner: ContinuousRunner): unknown[] => runner.take().outputs.map(({ value }) => value);

/** The last records of each three. */
const threes: ProcessorOperator = (input) =>
  input.pipe(
    bufferCount(3),
    map((all) => (all.at(-1) as ProcessorRecord).with({ value: { of: all.length } })),
  );

describe('a continuous processor', () => {
  it('keeps what its operators keep across micro-batches, and flushes it at the end', async () => {
    const runner = runnerOf(() => threes);
    feed(runner, records(0, 1));
    expect(seen(runner)).toEqual([]);
    feed(runner, records(2, 3));
    expect(seen(runner)).toEqual([{ of: 3 }]);
    await runner.complete(signal);
    expect(runner.take()).toMatchObject({ outputs: [{ offset: 3, value: { of: 1 } }], offset: 4 });
  });

  it('lets offsets be committed once they are older than hold', async () => {
    const runner = runnerOf(() => (input) => input);
    feed(runner, records(0, 1));
    await clock.advance(30_000);
    feed(runner, records(2));
    expect(runner.take().offset).toBeUndefined();
    await clock.advance(30_000);
    expect(runner.take().offset).toBe(2);
    expect(runner.take().offset).toBeUndefined();
    await clock.advance(30_000);
    expect(runner.take().offset).toBe(3);
  });

  it('takes no more than it may hold', async () => {
    const runner = runnerOf(() => filter(() => false));
    const thousand = records(...Array.from({ length: 1_000 }, (_, i) => i));
    for (let i = 0; i < 500; i += 1) feed(runner, thousand);
    expect(runner.full).toBe(true);
    await clock.advance(60_000);
    expect(runner.take().offset).toBe(1_000);
    expect(runner.full).toBe(false);
  });

  it('fails with a record, begins anew, and does not give it that record again', () => {
    const runner = runnerOf(
      () => (input) =>
        input.pipe(
          map((record) => {
            if (record.offset === 1) throw new Error('bad');
            return record;
          }),
          scan((sum, record) => record.with({ value: { sum: ((sum.value['sum'] as number) ?? 0) + record.offset } })),
        ),
    );
    const failure = { code: 'PROCESSOR_FAILED', message: expect.stringContaining('test-1 of stream: bad') };
    expect(() => feed(runner, records(0, 1, 2))).toThrow(expect.objectContaining(failure));
    expect(() => runner.take()).toThrow(expect.objectContaining(failure));
    runner.restart();
    feed(runner, records(0, 1, 2));
    const { outputs, rejected } = runner.take();
    expect(outputs.map(({ value }) => value)).toEqual([{ offset: 0 }, { sum: 2 }]);
    expect(rejected).toMatchObject([{ code: 'PROCESSOR_THREW', message: 'the processor threw: bad', record: { offset: 1 } }]);
  });

  it('fails with what is asynchronous, and where it completes or emits what it may not', async () => {
    const later = runnerOf(() => mergeMap(() => Promise.reject(new Error('later'))));
    feed(later, records(0));
    await clock.settle();
    expect(() => feed(later, records(1))).toThrow('later');
    const early = runnerOf(() => take(1));
    expect(() => feed(early, records(0))).toThrow('its Observable completed before its input did');
    const wrong = runnerOf(() => concatMap(() => of(1 as unknown as ProcessorRecord)));
    expect(() => feed(wrong, records(0))).toThrow('it is number and no record');
  });

  it('gives up waiting for the end at the signal', async () => {
    const stop = new AbortController();
    const runner = runnerOf(() => () => NEVER);
    const ended = runner.complete(stop.signal);
    stop.abort(new Error('enough'));
    await expect(ended).rejects.toThrow('enough');
  });

  it('has no state', () => {
    expect(() =>
      runnerOf(({ state }) => {
        state.value('count');
        return map((record) => record);
      }),
    ).toThrow(/it has none/);
  });
});
