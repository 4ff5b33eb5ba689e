import { concat, from, lastValueFrom, map, NEVER, type Observable, Subject, toArray } from 'rxjs';
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../record/json.ts';
import { ProcessorRecord } from '../sdk/processor-record.ts';
import { aggregate, calendar, deduplicate, hopping, intervalJoin, keyedState, session, sliding, tumbling } from './index.ts';

const MINUTE = 60_000;

const recordOf = (time: number, value: JsonObject = {}, key: string | null = null, offset = 0): ProcessorRecord =>
  new ProcessorRecord({ topic: 'in', partition: 0, offset, value, key, time });

const all = (results: Observable<ProcessorRecord>): Promise<readonly unknown[]> =>
  lastValueFrom(
    results.pipe(
      map(({ value }) => value),
      toArray(),
    ),
  );

/** Start, pane and what was computed, in short. */
const short = async (results: Observable<ProcessorRecord>): Promise<unknown[]> =>
  (await all(results)).map((value) => {
    const { window, pane, '@timestamp': _, revision, ...rest } = value as JsonObject;
    return [Date.parse((window as { start: string }).start), pane, rest, ...(revision === 1 || revision === 0 ? [] : [revision])];
  });

describe('windows of an Observable', () => {
  const input = [
    recordOf(1_000, { path: '/a', bytes: 1 }),
    recordOf(4_000, { path: '/b', bytes: 10 }),
    recordOf(2_000, { path: '/a', bytes: 100 }),
    recordOf(11_000, { path: '/a', bytes: 1_000 }),
    recordOf(9_000, { path: '/a', bytes: 5 }),
  ];

  it('close when the watermark has passed, and are early where the input ends', async () => {
    const compute = { n: 'count()', bytes: 'sum(bytes)' };
    expect(await short(from(input).pipe(tumbling({ size: '10s', by: ['path'], compute })))).toEqual([
      [0, 'on_time', { path: '/a', n: 2, bytes: 101 }],
      [0, 'on_time', { path: '/b', n: 1, bytes: 10 }],
      [10_000, 'early', { path: '/a', n: 1, bytes: 1_000 }],
    ]);
  });

  it('take functions for expressions, and tell of what is refused', async () => {
    const late: unknown[] = [];
    const windows = tumbling({
      size: '10s',
      by: { path: ({ value }) => (value['path'] as string).slice(1) },
      compute: {
        n: aggregate.count(),
        bytes: aggregate.sum(({ value }) => value['bytes']),
        most: aggregate.max('bytes'),
        half: aggregate.quantile('bytes', 0.5),
        list: aggregate.collect(({ value }) => value['bytes'], 3),
        rate: 'sum(bytes) / 10',
      },
      having: 'n > 1',
      refused: (record, { code }) => late.push([record.time, code]),
    });
    const [first, ...others] = (await all(from(input).pipe(windows))) as JsonObject[];
    expect(first).toMatchObject({ path: 'a', n: 2, bytes: 101, most: 100, list: [1, 100], rate: 10.1 });
    expect(others).toEqual([]);
    expect(late).toEqual([[9_000, 'WINDOW_LATE']]);
  });

  it('wait for stragglers, and correct themselves within keep', async () => {
    const compute = { n: 'count()' };
    expect(await short(from(input).pipe(tumbling({ size: '10s', wait: '2s', compute })))).toEqual([
      [0, 'early', { n: 4 }],
      [10_000, 'early', { n: 1 }],
    ]);
    expect((await short(from(input).pipe(tumbling({ size: '10s', keep: '1m', compute })))).slice(0, 2)).toEqual([
      [0, 'on_time', { n: 3 }],
      [0, 'late', { n: 4 }, 2],
    ]);
  });

  it('give a result with each record, where asked to', async () => {
    const results = await short(
      from(input.slice(0, 3)).pipe(tumbling({ size: '10s', emit: 'update', compute: { n: 'count()' } })),
    );
    expect(results.map((result) => (result as [unknown, unknown, { n: number }])[2].n)).toEqual([1, 2, 3, 3]);
  });

  it('hop, slide, follow the calendar and its sessions', async () => {
    const compute = { n: 'count()' };
    const at = (...times: number[]): Observable<ProcessorRecord> => from(times.map((time) => recordOf(time)));
    expect(await short(at(7_000, 30_000).pipe(hopping({ size: '10s', every: '5s', compute })))).toEqual([
      [0, 'on_time', { n: 1 }],
      [5_000, 'on_time', { n: 1 }],
      [25_000, 'early', { n: 1 }],
      [30_000, 'early', { n: 1 }],
    ]);
    expect(await short(at(0, 60_000, 150_000, 500_000).pipe(session({ gap: '90s', compute })))).toEqual([
      [0, 'on_time', { n: 3 }],
      [500_000, 'early', { n: 1 }],
    ]);
    expect((await short(at(8_000, 9_200, 12_400, 99_000).pipe(sliding({ size: '5s', compute })))).slice(0, 3)).toEqual([
      [3_000, 'on_time', { n: 1 }],
      [4_200, 'on_time', { n: 2 }],
      [7_400, 'on_time', { n: 3 }],
    ]);
    const days = calendar({ unit: 'day', zone: 'Europe/Berlin', compute });
    expect(await short(at(Date.UTC(2024, 5, 1, 22), Date.UTC(2024, 5, 1, 21)).pipe(days))).toEqual([
      [Date.UTC(2024, 5, 1, 22), 'early', { n: 1 }],
    ]);
  });

  it('say at once what is wrong with their options', () => {
    expect(() => tumbling({ size: '10', compute: { n: 'count()' } })).toThrow(/^making the operator window: tumbling/);
    expect(() => tumbling({ size: '10s', compute: { n: 'cuont()' } })).toThrow(/"cuont\(\)"/);
    expect(() => tumbling({ size: '10s', compute: { n: aggregate.sum('a +') } })).toThrow(/making the operator sum: "a \+"/);
    expect(() => tumbling({ size: '10s', wait: 'long', compute: { n: 'count()' } })).toThrow(/wait: "long" is no span/);
  });

  it('pass an error on, and end with the subscription', () => {
    const input = new Subject<ProcessorRecord>();
    const seen: unknown[] = [];
    const windows = tumbling({ size: '10s', compute: { n: aggregate.sum(() => JSON.parse('{') as number) } });
    const subscription = input.pipe(windows).subscribe({ error: (error: Error) => seen.push(error.name) });
    input.next(recordOf(1));
    expect(seen).toEqual(['SyntaxError']);
    expect(subscription.closed).toBe(true);
    expect(input.observed).toBe(false);
  });

  it('do not grow with the records that have gone', async () => {
    const many = Array.from({ length: 20_000 }, (_, i) => recordOf(i * 10, { path: `/${i % 7}` }));
    const results = (await short(from(many).pipe(tumbling({ size: '10s', by: ['path'], compute: { n: 'count()' } })))) as [
      number,
      string,
      { n: number },
    ][];
    expect(results.reduce((sum, [, , { n }]) => sum + n, 0)).toBe(20_000);
    expect(results.filter(([, pane]) => pane === 'early')).toHaveLength(7);
  });
});

describe('joins of Observables', () => {
  const orders = from([recordOf(0, { id: 1 }), recordOf(2 * MINUTE, { id: 2 }), recordOf(30 * MINUTE, { id: 3 })]);
  const payments = from([recordOf(MINUTE, { order: 1 }, null, 1), recordOf(20 * MINUTE, { order: 2 }, null, 2)]);

  it('give pairs near in time, and what has met none', async () => {
    const on = { left: 'id', right: ({ value }: ProcessorRecord) => value['order'] };
    const results = (await all(
      orders.pipe(intervalJoin(payments, { on, within: '10m', type: 'left', as: 'payment' })),
    )) as JsonObject[];
    expect(results.map(({ id, payment }) => [id, (payment as JsonObject | undefined)?.['order']])).toEqual([
      [1, 1],
      [2, undefined],
      [3, undefined],
    ]);
  });

  it('are held back by the side that has not come yet', () => {
    const seen: unknown[] = [];
    const left = concat(orders, NEVER);
    const right = new Subject<ProcessorRecord>();
    const join = intervalJoin(right, {
      on: ({ value }) => value['id'] ?? value['order'],
      within: '10m',
      type: 'left',
      as: 'payment',
    });
    left.pipe(join).subscribe(({ value }) => seen.push(value['id']));
    expect(seen).toEqual([]);
    right.next(recordOf(MINUTE, { order: 1 }));
    expect(seen).toEqual([1]);
    right.complete();
    expect(seen).toEqual([1, 2]);
  });
});

describe('deduplicate', () => {
  it('lets the first of each key within a time go on, as it is', async () => {
    const input = [
      recordOf(0, { id: 'a' }),
      recordOf(1_000, { id: 'a' }),
      recordOf(1_500, { id: 'b' }),
      recordOf(9_000, { id: 'a' }),
    ];
    const first = from(input).pipe(deduplicate({ by: ['id'], within: '5s' }));
    expect((await lastValueFrom(first.pipe(toArray()))).map(({ time, topic }) => [time, topic])).toEqual([
      [0, 'in'],
      [1_500, 'in'],
      [9_000, 'in'],
    ]);
  });

  it('is an error beyond its bound', async () => {
    const input = from([recordOf(0, { id: 'a' }), recordOf(1, { id: 'b' })]);
    await expect(all(input.pipe(deduplicate({ by: ['id'], within: '5s', maxKeys: 1 })))).rejects.toThrow(/"refused"/);
  });
});

describe('keyedState', () => {
  const seenBefore = keyedState<number>({
    update: (seen = 0, record) => ({ state: seen + 1, emit: [record.with({ value: { seen } })] }),
    ttl: '10s',
  });

  it('keeps something of each key, for a time', async () => {
    const input = [
      recordOf(0, {}, 'a'),
      recordOf(1, {}, 'b'),
      recordOf(2, {}, 'a'),
      recordOf(20_000, {}, 'b'),
      recordOf(20_001, {}, 'a'),
    ];
    expect(await all(from(input).pipe(seenBefore))).toEqual([{ seen: 0 }, { seen: 0 }, { seen: 1 }, { seen: 0 }, { seen: 0 }]);
  });

  it('lets what has no key go by, forgets what is told to, and has a bound', async () => {
    const forgetting = keyedState<number>({ update: (seen = 0) => (seen === 1 ? {} : { state: seen + 1 }), maxKeys: 1 });
    expect(
      await all(
        from([recordOf(0, { by: true }), recordOf(1, {}, 'a'), recordOf(2, {}, 'a'), recordOf(3, {}, 'b')]).pipe(forgetting),
      ),
    ).toEqual([{ by: true }]);
    await expect(all(from([recordOf(1, {}, 'a'), recordOf(2, {}, 'b')]).pipe(forgetting))).rejects.toThrow(/holds 1 entries/);
  });
});
