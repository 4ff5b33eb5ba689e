import { describe, expect, it } from 'vitest';
import { type Arrival, JoinDriver, operatorContext, recordOf } from '../../test/support/join-driver.ts';
import { bindAll } from '../../test/support/run-step.ts';
import { bindOption, defaultScope } from '../expression/index.ts';
import type { JsonObject } from '../record/json.ts';
import type { OperatorContext, PartitionOperator } from '../sdk/operator.ts';
import { deduplicate } from './deduplicate.ts';

const M = 60_000;

function read(options: object) {
  const parsed = deduplicate.options.parse({ within: '10m', ...options });
  bindAll(parsed, (option) => expect(bindOption(option, defaultScope)).toEqual([]));
  return parsed;
}

const create =
  (options: object) =>
  (context: OperatorContext): PartitionOperator =>
    deduplicate.state.create(read(options), context);

const at = (time: number, value: JsonObject): Arrival => ({ side: 'main', partition: 0, time, value });

function fatesOf(arrivals: readonly Arrival[], options: object, wait = 0): string[] {
  const driver = new JoinDriver({ create: create(options), arrivals, wait });
  driver.finish();
  return driver.fates.map(({ kind }) => kind);
}

describe('deduplicate', () => {
  it('lets the first of a key through, and again once more than `within` has passed', () => {
    const id = { order: { id: 1 } };
    const arrivals = [at(0, id), at(10 * M, id), at(10 * M + 1, id), at(0, { order: { id: '2' } })];
    expect(fatesOf(arrivals, { by: ['order.id'] }, 60 * M)).toEqual(['passed', 'dropped', 'passed', 'passed']);
  });

  it('knows a duplicate that is older than the first, which came late', () => {
    expect(fatesOf([at(10 * M, { k: 1 }), at(0, { k: 1 }), at(-1, { k: 1 })], { by: ['k'] }, 60 * M)).toEqual([
      'passed',
      'dropped',
      'passed',
    ]);
  });

  it.each<[string, object, JsonObject, JsonObject, boolean]>([
    ['one value; numbers are their text', { by: ['k'] }, { k: 1, x: 1 }, { k: '1', x: 2 }, true],
    ['several values', { by: ['a', 'b'] }, { a: 1, b: 2 }, { a: 1, b: 3 }, false],
    ['several values, one of them missing', { by: { first: 'a', second: 'b' } }, { a: 1 }, { a: 1 }, true],
    ['nothing at all', { by: ['a', 'b'] }, { x: 1 }, { x: 1, a: null }, false],
    ['the Kafka key', { by: ['$key'] }, { $key: 'k', x: 1 }, { $key: 'k', x: 2 }, true],
    ['long values', { by: ['k'] }, { k: 'x'.repeat(1_000_000) }, { k: 'x'.repeat(1_000_000) }, true],
    ['long values that differ at their end', { by: ['k'] }, { k: `${'x'.repeat(99)}1` }, { k: `${'x'.repeat(99)}2` }, false],
    [
      'the whole value, in any order of its fields',
      {},
      { a: 1, b: { c: [1, { d: 2, e: 3 }] } },
      { b: { c: [1, { e: 3, d: 2 }] }, a: 1 },
      true,
    ],
    ['the whole value, with a list in another order', {}, { a: [1, 2] }, { a: [2, 1] }, false],
    ['the whole value, with names that look like values', {}, { a: { b: 'c' } }, { a: { fields: ['b', 'c'] } }, false],
    ['the whole value, with text for a number', {}, { a: 1 }, { a: '1' }, false],
  ])('compares by %s', (_, options, first, second, isDuplicate) => {
    expect(fatesOf([at(0, first), at(0, second)], options)).toEqual(['passed', isDuplicate ? 'dropped' : 'passed']);
  });

  it('remembers a long key by its hash', () => {
    const driver = new JoinDriver({ create: create({ by: ['k'] }), arrivals: [at(0, { k: 'x'.repeat(1_000_000) })], wait: 0 });
    driver.next();
    driver.flush();
    driver.commit();
    expect([...driver.changelog.keys()].join('').length).toBeLessThan(100);
  });

  it('does with late records what `late` says, once their time is over by their own watermark', () => {
    const process = (late: string, time: number) => {
      const context = operatorContext();
      const operator = create({ by: ['k'], late })(context);
      const outcome = operator.process(recordOf(at(time, { k: 1 }), 0), { time, watermark: 10 * M, side: 'main' });
      return [outcome, context.counters] as const;
    };
    expect(process('drop', 1)).toMatchObject([undefined, { pairs: 1, assigned: 1 }]);
    expect(process('drop', 0)).toMatchObject([{ kind: 'dropped' }, { pairs: 1, lateDropped: 1 }]);
    expect(process('late.ones', 0)).toMatchObject([{ kind: 'routed', topic: 'late.ones' }, { lateRouted: 1 }]);
    expect(process('dead_letter', 0)).toMatchObject([{ code: 'DEDUPLICATE_RECORD_LATE' }, { lateRouted: 1 }]);
  });

  it('rejects new keys beyond `max_keys`, and goes on once others are forgotten', () => {
    const arrivals = [
      at(0, { k: 1 }),
      at(0, { k: 2 }),
      at(0, { k: 3 }),
      at(0, { k: 1 }),
      at(0, {}),
      at(60 * M, { k: 4 }),
      at(60 * M, { k: 5 }),
    ];
    expect(fatesOf(arrivals, { by: ['k'], max_keys: 2 })).toEqual([
      ...['passed', 'passed', 'rejected', 'dropped', 'passed'],
      // The watermark moves on with this record, and not before it.
      ...['rejected', 'passed'],
    ]);
  });

  it('brings the records of a key together', () => {
    const keyFor = (options: object, value: JsonObject): unknown => {
      const grouping = deduplicate.state.grouping(read(options), 'main');
      return grouping.by === 'values' ? grouping.keyOf(recordOf(at(0, value), 0)) : grouping;
    };
    expect(keyFor({ by: ['k'] }, { k: 7 })).toBe('7');
    expect(keyFor({ by: ['a', 'b'] }, { a: 1 })).toBe('[1,null]');
    expect(keyFor({ by: ['a', 'b'] }, {})).toBeNull();
    expect(keyFor({ by: ['$key'] }, {})).toEqual({ by: 'key' });
    expect(keyFor({}, { a: 1, b: 2 })).toBe(keyFor({}, { b: 2, a: 1 }));
  });
});
