import { describe, expect, it } from 'vitest';
import { operatorContext, recordOf } from '../../../test/support/join-driver.ts';
import type { JsonObject } from '../../record/json.ts';
import { JoinTable } from './table.ts';
import { TableJoin, type TableJoinOptions } from './table-join.ts';

const bytes = (text: string): Buffer => Buffer.from(text);

function tableOf(rows: readonly (readonly [string | null, string | null])[], maxKeys = 10): JoinTable {
  const table = new JoinTable({ topic: 'customers', maxKeys });
  for (const [key, value] of rows) table.apply(key === null ? null : bytes(key), value === null ? null : bytes(value));
  return table;
}

describe('a table', () => {
  it('holds the last value of each key, and forgets a key with a null value', () => {
    const table = tableOf([
      ['a', '{"v":1}'],
      ['b', '"text"'],
      ['a', '{"v":2}'],
      ['b', null],
      ['gone', null],
    ]);
    expect([table.get('a'), table.get('b'), table.get('toString'), table.size]).toEqual([{ v: 2 }, undefined, undefined, 1]);
    expect(table.characters).toBe('a{"v":2}'.length);
  });

  it('gives each asker a value of its own', () => {
    const table = tableOf([['a', '{"v":{"w":1}}']]);
    ((table.get('a') as JsonObject)['v'] as JsonObject)['w'] = 2;
    expect(table.get('a')).toEqual({ v: { w: 1 } });
  });

  it('counts what it cannot read, and does not take the value before for it', () => {
    const table = tableOf([
      ['a', '{"v":1}'],
      ['a', '{broken'],
      [null, '{}'],
    ]);
    expect([table.get('a'), table.size, table.unreadable, table.characters]).toEqual([undefined, 0, 2, 0]);
  });

  it('refuses more keys than it may have, but not new values of those it has', () => {
    const table = tableOf(
      [
        ['a', '1'],
        ['b', '1'],
        ['a', '2'],
      ],
      2,
    );
    expect(() => table.apply(bytes('c'), bytes('1'))).toThrow(
      expect.objectContaining({ code: 'JOIN_TABLE_TOO_LARGE', message: expect.stringContaining('customers') as string }) as Error,
    );
    expect(table.get('a')).toBe(2);
  });
});

describe('a join with a table', () => {
  const table = tableOf([
    ['7', '{"name":"Ann"}'],
    ['["a",1]', '1'],
    ['null', '"never"'],
  ]);

  function run(type: TableJoinOptions['type'], value: JsonObject): [string | undefined, JsonObject] {
    const join = new TableJoin(
      { type, key: (record) => record.value['id'], as: ['customer', 'row'] },
      operatorContext({ table }),
    );
    const record = recordOf({ side: 'main', partition: 0, time: 0, value }, 0);
    return [join.process(record)?.kind, record.value];
  }

  it('puts the row of the key into the record, a number being its text', () => {
    expect(run('inner', { id: 7 })).toEqual([undefined, { id: 7, customer: { row: { name: 'Ann' } } }]);
    expect(run('inner', { id: ['a', 1] })).toEqual([undefined, { id: ['a', 1], customer: { row: 1 } }]);
  });

  it('passes records without a row by with `left`, and drops them with `inner`', () => {
    for (const value of [{ id: 8 }, { id: null }, {}]) {
      expect(run('left', value)).toEqual([undefined, value]);
      expect(run('inner', value)).toEqual(['dropped', value]);
    }
  });

  it('cannot be without its table', () => {
    expect(() => new TableJoin({ type: 'left', key: () => 1, as: ['x'] }, operatorContext())).toThrow('was given no table');
  });
});
