import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { boundOptions, OperatorDriver } from '../../../test/support/operator-driver.ts';
import type { JsonObject } from '../../record/json.ts';
import { NO_WATERMARK } from '../../sdk/operator.ts';
import { window } from '../window.ts';

const WAIT = 5;

/** The halves of a step, the first for each of two partitions, with what the runtime does between them. */
class Halves {
  readonly partials: readonly OperatorDriver[];
  readonly final: OperatorDriver;
  /** How far each partition had come at its last cut. */
  readonly #markers = [NO_WATERMARK, NO_WATERMARK];

  constructor(options: object) {
    const halves = window.state.preaggregate?.(boundOptions(window, options));
    if (halves === undefined) throw new Error('these windows are not preaggregated');
    this.partials = [0, 1].map(() => new OperatorDriver(halves.partial, { wait: WAIT }));
    this.final = new OperatorDriver(halves.final);
  }

  /** The micro-batch of a partition ends: its results go to the second half, and then how far event time has come. */
  cut(partition: number): void {
    const partial = this.partials[partition] as OperatorDriver;
    const before = partial.emitted.length;
    partial.cut();
    for (const { value, time, key } of partial.emitted.slice(before)) {
      const options = { own: Number.NaN, ...(key === null ? {} : { key }) };
      expect(this.final.record(JSON.parse(JSON.stringify(value)) as JsonObject, time, options)).toEqual({ kind: 'absorbed' });
    }
    this.#markers[partition] = partial.now;
    this.final.watermark(Math.min(...this.#markers));
    this.final.cut();
  }

  end(): void {
    for (const [partition, partial] of this.partials.entries()) {
      partial.watermark(100_000);
      this.cut(partition);
    }
  }
}

const results = (driver: OperatorDriver): string[] =>
  driver.emitted.map(({ id, key, value }) => JSON.stringify([id, key, value])).toSorted();

describe('windows in two halves', () => {
  it.each([
    { tumbling: '10ms' },
    { tumbling: '10ms', by: ['k'] },
    { tumbling: '10ms', by: ['k', 'v'] },
    { hopping: { size: '10ms', every: '3ms' }, by: ['k'] },
    { hopping: { size: '3ms', every: '10ms' } },
    { calendar: 'hour' },
  ])('give what a batch computation gives, with %j', (kind) => {
    const options = { ...kind, compute: { n: 'count()', sum: 'sum(v)', most: 'max(v)' } };
    const record = fc.record({
      partition: fc.nat(1),
      value: fc.record({ k: fc.constantFrom('a', 'b'), v: fc.nat(5) }),
      time: fc.integer({ min: -30, max: 60 }),
      cut: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(record, { maxLength: 40 }), (records) => {
        const halves = new Halves(options);
        const whole = new OperatorDriver((context) => window.state.create(boundOptions(window, options), context));
        for (const { partition, value, time, cut } of records) {
          const partial = halves.partials[partition] as OperatorDriver;
          whole.record(structuredClone(value), time, { own: partial.now });
          partial.record(structuredClone(value), time);
          if (cut) halves.cut(partition);
        }
        halves.end();
        whole.watermark(100_000_000);
        halves.final.watermark(100_000_000);
        whole.cut();
        expect(results(halves.final)).toEqual(results(whole));
        const counted = halves.partials.map(({ counters }) => counters);
        for (const [name, count] of Object.entries(whole.counters))
          expect(counted.reduce((sum, counters) => sum + counters[name as keyof typeof counters], 0)).toBe(count);
        expect(halves.final.counters.pairs).toBe(0);
      }),
      { numRuns: 60 },
    );
  });

  it('forget a micro-batch that is taken back', () => {
    const halves = new Halves({ tumbling: '10ms', compute: { n: 'count()' } });
    const [partial] = halves.partials as [OperatorDriver];
    partial.record({}, 1);
    partial.rollback();
    partial.record({}, 1);
    expect(partial.operator.size).toBe(1);
    halves.cut(0);
    halves.end();
    expect(halves.final.emitted.map(({ value, key }) => [key, value?.['n'], value?.['pane']])).toEqual([[null, 1, 'on_time']]);
  });

  it('revise what was emitted, within keep', () => {
    const halves = new Halves({ tumbling: '10ms', compute: { n: 'count()' }, keep: '20ms' });
    const [one, other] = halves.partials as [OperatorDriver, OperatorDriver];
    one.record({}, 1);
    for (const partial of [one, other]) partial.record({}, 20);
    halves.cut(0);
    halves.cut(1);
    one.record({}, 2);
    halves.cut(0);
    expect(halves.final.emitted.map(({ value }) => [value?.['n'], value?.['pane'], value?.['revision']])).toEqual([
      [1, 'on_time', 1],
      [2, 'late', 2],
    ]);
    expect(one.counters).toMatchObject({ assigned: 2, lateKept: 1 });
  });

  it('do not open a window again that has been given up, when a partition that had been silent speaks', () => {
    const halves = new Halves({ tumbling: '10ms', compute: { n: 'count()' } });
    const [partial] = halves.partials as [OperatorDriver];
    partial.record({}, 3);
    partial.cut();
    const gathered = JSON.parse(JSON.stringify(partial.emitted[0]?.value)) as JsonObject;
    halves.final.record(gathered, 3);
    halves.final.watermark(9);
    halves.final.cut();
    expect(halves.final.record(gathered, 3)).toEqual({ kind: 'dropped' });
    halves.final.cut();
    expect(halves.final.emitted.map(({ value, version }) => [value?.['n'], version])).toEqual([[1, 1]]);
    expect(halves.final.counters).toMatchObject({ pairs: 1, lateDropped: 1 });
  });

  it('are not made of sessions and sliding windows', () => {
    for (const kind of [{ session: '1m' }, { sliding: '1m' }])
      expect(window.state.preaggregate?.(boundOptions(window, { ...kind, compute: { n: 'count()' } }))).toBeUndefined();
  });
});
