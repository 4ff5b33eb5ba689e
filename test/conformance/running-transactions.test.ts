import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/record/json.ts';
import { running } from '../../src/steps/running.ts';
import { OperatorDriver, operatorOf } from '../support/operator-driver.ts';

const TRANSACTIONS = '../shared/data/tx/sparkov/transactions.csv';

/**
 * The rows that SQLite 3.40 gives over the file, amounts in cents, as lines of values with commas between (no two transactions of a
 * card are of one second):
 *
 *     select line, count(*) over w, sum(c) over w, coalesce(sum(c) over b, ''),
 *            count(*) over r, sum(c) over r, min(c) over r, max(c) over r
 *     from t window w as (partition by cc_num order by ts rows unbounded preceding),
 *       b as (partition by cc_num order by ts rows between unbounded preceding and 1 preceding),
 *       r as (partition by cc_num order by ts range between 604800 preceding and current row)
 *     order by line
 */
const ROWS = 4498;
const SHA256 = 'c9451daeb21634b1f29f31646e569e4b341724b089def2c13130166f93051f18';

const WAIT_S = 3600;
const MS = 1000;

interface Transaction {
  readonly line: number;
  readonly card: string;
  readonly seconds: number;
  readonly cents: number;
}

function transactions(): Transaction[] {
  const [, ...lines] = readFileSync(TRANSACTIONS, 'utf8').trimEnd().split('\n');
  return lines.map((text, i) => {
    const [, seconds, card = '', , , amount] = text.split(',');
    return { line: i + 1, card, seconds: Number(seconds), cents: Math.round(Number(amount) * 100) };
  });
}

/** Each out of order by less than the wait, in an order that is always the same. */
function shuffled(all: readonly Transaction[]): Transaction[] {
  const due = ({ line, seconds }: Transaction): number => seconds + ((line * 7919) % WAIT_S);
  return all.toSorted((a, b) => due(a) - due(b));
}

/** What each transaction becomes, by its line. */
function madeOf(options: object, all: readonly Transaction[]): Map<unknown, JsonObject> {
  const driver = new OperatorDriver(operatorOf(running, { by: ['card'], ...options }), { wait: WAIT_S * MS });
  for (const [i, { seconds, ...value }] of all.entries()) {
    driver.record({ ...value }, seconds * MS);
    if (i % 500 === 0) driver.cut();
    if (i % 2000 === 0) driver.restart();
  }
  driver.watermark(Number.MAX_SAFE_INTEGER);
  expect(driver.counters.lateDropped).toBe(0);
  return new Map(driver.emitted.map(({ value }) => [value?.['line'], value ?? {}]));
}

function rowsOf(all: readonly Transaction[]): string {
  const soFar = madeOf({ compute: { n: 'count()', sum: 'sum(cents)' } }, all);
  const before = madeOf({ compute: { sum: 'sum(cents)' }, include_current: false }, all);
  const compute = { n: 'count()', sum: 'sum(cents)', least: 'min(cents)', most: 'max(cents)' };
  const week = madeOf({ over: '7d', compute }, all);
  const rows = all.map((_, i) => {
    const line = i + 1;
    const [w, b, r] = [soFar, before, week].map((made) => made.get(line) ?? {}) as [JsonObject, JsonObject, JsonObject];
    return [line, w['n'], w['sum'], b['sum'] ?? '', r['n'], r['sum'], r['least'], r['most']].join(',');
  });
  return `${rows.join('\n')}\n`;
}

describe.skipIf(!existsSync(TRANSACTIONS))('running aggregates over transactions', () => {
  it.each([
    ['in order', (all: Transaction[]) => all],
    ['shuffled within the wait', shuffled],
  ])('are the rows of SQL, %s', (_, ordered) => {
    const all = transactions();
    expect(all.length).toBe(ROWS);
    expect(
      createHash('sha256')
        .update(rowsOf(ordered(all)))
        .digest('hex'),
    ).toBe(SHA256);
  });
});
