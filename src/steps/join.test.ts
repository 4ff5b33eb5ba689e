import { describe, expect, it } from 'vitest';
import { type Arrival, JoinDriver, operatorContext, recordOf } from '../../test/support/join-driver.ts';
import { bindAll } from '../../test/support/run-step.ts';
import { bindOption, defaultScope } from '../expression/index.ts';
import type { JsonObject } from '../record/json.ts';
import type { InputSide } from '../sdk/operator.ts';
import { JoinTable } from '../stream/join/table.ts';
import { join } from './join.ts';

function read(options: object) {
  const parsed = join.options.parse({ as: 'payment', ...options });
  bindAll(parsed, (option) => expect(bindOption(option, defaultScope)).toEqual([]));
  return parsed;
}

const arrival = (side: InputSide, time: number, value: JsonObject): Arrival => ({ side, partition: 0, time, value });

function keysOf(options: object, arrivals: readonly Arrival[]): unknown[] {
  const driver = new JoinDriver({ create: (context) => join.state.create(read(options), context), arrivals, wait: 0 });
  driver.finish();
  return driver.results.map(({ value }) => value);
}

describe('the step join', () => {
  it('joins on one expression, or one for each side, within a time to each side', () => {
    const within = { before: '1s', after: '2s' };
    const arrivals = [
      ...[arrival('main', 0, { order: { id: 1 } }), arrival('joined', -1_000, { ref: 1 })],
      ...[arrival('joined', 2_000, { ref: '1' }), arrival('joined', 2_001, { ref: 1 })],
    ];
    const results = keysOf({ with: 'payments', within, on: { left: 'order.id', right: 'ref' } }, arrivals);
    expect(results).toMatchObject([{ payment: { ref: 1 } }, { payment: { ref: '1' } }]);
    expect(
      keysOf({ with: 'p', within: '1s', on: 'id' }, [arrival('main', 0, { id: 2 }), arrival('joined', 1_000, { id: 2 })]),
    ).toHaveLength(1);
  });

  it('puts the key of an unmatched record of the other topic where the stream has it', () => {
    const alone = (left: string): unknown =>
      keysOf({ with: 'p', within: '1s', on: { left, right: 'ref' }, type: 'outer' }, [arrival('joined', 0, { ref: 1 })])[0];
    expect(alone('order.id')).toMatchObject({ order: { id: 1 } });
    for (const none of ['$key', 'lower(id)', 'true', "$value['a']"])
      expect(Object.keys(alone(none) as object)).toEqual(['payment', '@timestamp']);
  });

  it('looks a table up by the one expression', () => {
    const table = new JoinTable({ topic: 'customers', maxKeys: 5 });
    table.apply(Buffer.from('7'), Buffer.from('{"name":"Ann"}'));
    const operator = join.state.create(
      read({ table: 'customers', on: 'customer.id', as: 'customer.row' }),
      operatorContext({ table }),
    );
    const record = recordOf(arrival('main', 0, { customer: { id: 7 } }), 0);
    const at = { time: 0, watermark: 0, side: 'main' } as const;
    expect(operator.process(record, at)).toBeUndefined();
    expect(record.value).toEqual({ customer: { id: 7, row: { name: 'Ann' } } });
    expect(operator.process(recordOf(arrival('main', 0, { customer: { id: 8 } }), 0), at)).toEqual({ kind: 'dropped' });
  });

  it('says what it reads, and how records must be spread', () => {
    const { state } = join;
    const stream = read({ with: 'payments', within: '1s', on: { left: 'order.id', right: '$key' } });
    expect([state.joins?.(stream), state.table?.(stream)]).toEqual(['payments', undefined]);
    expect(state.grouping(stream, 'joined')).toEqual({ by: 'key' });
    const left = state.grouping(stream, 'main');
    expect(left).toMatchObject({ by: 'values', texts: ['order.id'] });
    const keyOf = (value: JsonObject): unknown => left.by === 'values' && left.keyOf(recordOf(arrival('main', 0, value), 0));
    expect([keyOf({ order: { id: 7 } }), keyOf({}), keyOf({ order: { id: null } })]).toEqual(['7', null, null]);
    const table = read({ table: 'customers', on: 'c', max_records: 9 });
    expect([state.joins?.(table), state.table?.(table)]).toEqual([undefined, { topic: 'customers', maxKeys: 9 }]);
  });

  it('cannot use its state any more once what it depends on has changed', () => {
    const print = (more: object): string =>
      JSON.stringify(join.state.fingerprint(read({ with: 'p', within: '1s', on: 'id', ...more })));
    const same = [
      {},
      { within: { before: '1s', after: '1000ms' } },
      { as: 'other' },
      { late: 'dead_letter' },
      { max_records: 5 },
    ];
    const other = [{ with: 'q' }, { within: '2s' }, { on: 'ref' }, { on: { left: 'id', right: 'ref' } }, { type: 'outer' }];
    expect(new Set(same.map(print)).size).toBe(1);
    expect(new Set([{}, ...other].map(print)).size).toBe(6);
  });

  it.each([
    [{ on: 'x' }, 'give "with"'],
    [{ with: 'p', table: 't', on: 'x', within: '1s' }, 'give "with"'],
    [{ with: 'p', on: 'x' }, 'needs "within"'],
    [{ table: 't', on: 'x', within: '1s' }, 'leave it out'],
    [{ table: 't', on: 'x', type: 'outer' }, 'inner or left'],
    [{ table: 't', on: 'x', late: 'dead_letter' }, 'no record is late'],
    [{ table: 't', on: { left: 'x', right: 'y' } }, 'give one expression'],
  ])('refuses %j', (options, message) => {
    const result = join.options.safeParse({ as: 'x', ...options });
    expect(result.error?.issues.map((issue) => issue.message).join('; ')).toContain(message);
  });
});
