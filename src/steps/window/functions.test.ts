import fc from 'fast-check';
import { expect, it } from 'vitest';
import { evaluate } from '../../../test/support/evaluate.ts';
import { OperatorDriver, operatorOf } from '../../../test/support/operator-driver.ts';
import { CALENDAR_UNITS } from '../../record/calendar-units.ts';
import { window } from '../window.ts';
import { calendarWindows } from './calendar-windows.ts';

it('computes with names that are aggregates and functions, each in its meaning', () => {
  const compute = {
    total: 'sum(x)',
    mean: 'avg(x)',
    'of.groups': 'sum([total, mean])',
    'of.list': 'sum(collect(x))',
    'of.records': 'sum(sum([x, y]))',
    spread: 'stddev(x)',
    listed: 'stddev(collect(x))',
    middle: 'median(x)',
    q: 'quantile(collect(x), 0.75)',
    score: 'zscore(max(x), avg(x), stddev(x))',
    variance: 'variance([total, mean])',
  };
  const driver = new OperatorDriver(operatorOf(window, { tumbling: '10ms', by: ['k'], compute }));
  for (const [x, y] of [
    [2, 10],
    [4, 20],
    [4, 30],
    [6, 40],
  ])
    driver.record({ k: 'a', x: x as number, y: y as number }, 0);
  driver.watermark(9);
  const value = driver.emitted[0]?.value as Record<string, unknown>;
  const spread = Math.sqrt(8 / 3);
  expect(value).toMatchObject({ total: 16, mean: 4, of: { groups: 20, list: 16, records: 116 }, q: 4, variance: 72 });
  for (const name of ['spread', 'listed']) expect(value[name]).toBeCloseTo(spread, 12);
  expect(value['middle']).toBeCloseTo(4, 1);
  expect(value['score']).toBeCloseTo(2 / spread, 12);
});

it('begins where date_trunc says', () => {
  const zones = ['UTC', 'Europe/Berlin', 'America/St_Johns', 'Australia/Lord_Howe', 'Pacific/Apia', '+05:45'];
  fc.assert(
    fc.property(
      fc.integer({ min: Date.UTC(1985, 0, 1), max: Date.UTC(2030, 0, 1) }),
      fc.constantFrom(...CALENDAR_UNITS),
      fc.constantFrom(...zones),
      (time, unit, zone) => {
        const start = evaluate('date_trunc(time, unit, zone)', { time, unit, zone });
        expect(start).toBe(calendarWindows(unit, zone, 'monday')?.lastStart(time));
      },
    ),
  );
});
