import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { JsonObject } from '../../src/record/json.ts';
import { pattern } from '../../src/steps/pattern.ts';
import { OperatorDriver, operatorOf } from '../support/operator-driver.ts';
import { play, type ScriptStep, scripts } from '../support/rule-script.ts';

/** What is asked of matches: of elements, of loops, of the last record, and by conditions of records before. */
const PATTERN = {
  by: ['k'],
  within: '60ms',
  sequence: [
    { begin: 'a', where: 'n < 4' },
    { followed_by: 'b', where: 'n > a.n && geo.lat >= a.geo.lat', one_or_more: true, optional: true },
    { followed_by: 'c', where: 'n === 9 || n > sum(b.n) + a.limits[0]' },
  ],
  timed_out: 'emit',
};

const COMPUTE = {
  from: 'a.geo.city',
  place: 'a.geo',
  first: 'first(b.n)',
  sum: 'sum(b.n)',
  count: 'count(b)',
  last: 'n',
  time: '$time',
  limit: 'c.limits[1]',
};

type Taken = JsonObject & { n: number; geo: { city: string }; limits: number[] };

/** The same of a match with all of its records. */
function computed({ matched }: JsonObject, time: number): JsonObject {
  const { a = [], b = [], c = [] } = matched as unknown as Record<string, Taken[]>;
  const last = c.at(-1) ?? b.at(-1) ?? a.at(-1);
  return JSON.parse(
    JSON.stringify({
      ...{ from: a.at(-1)?.geo.city, place: a.at(-1)?.geo, first: b[0]?.n, sum: b.reduce((sum, { n }) => sum + n, 0) },
      ...{ count: b.length, last: last?.n, time, limit: c.at(-1)?.limits[1] },
    }),
  ) as JsonObject;
}

const values: fc.Arbitrary<JsonObject> = fc
  .record({ k: fc.constantFrom('x', 'y'), n: fc.integer({ min: 0, max: 9 }), lat: fc.integer({ min: 0, max: 2 }) })
  .map(({ k, n, lat }) => ({ k, n, geo: { lat, city: `c${lat}` }, limits: [n % 3, n], message: 'not asked for' }));

const resultsOf = (options: object, steps: readonly ScriptStep[]): OperatorDriver => {
  const driver = play(operatorOf(pattern, options), steps);
  driver.watermark(10_000);
  return driver;
};

it('a pattern computes of the fields that it keeps what it would of whole records', () => {
  fc.assert(
    fc.property(scripts(values), (steps) => {
      const whole = resultsOf(PATTERN, steps).emitted.map(({ value, id }) => {
        const { match } = value as { match: { end: string } };
        return [id, computed(value as JsonObject, Date.parse(match.end))];
      });
      const kept = resultsOf({ ...PATTERN, compute: COMPUTE }, steps).emitted.map(({ value, id }) => {
        const { '@timestamp': _at, k: _k, match: _match, ...rest } = value as JsonObject;
        return [id, rest];
      });
      expect(kept).toEqual(whole);
    }),
    { numRuns: 60 },
  );
});

it('a pattern stores no more of records than is asked of them later', () => {
  const driver = new OperatorDriver(operatorOf(pattern, { ...PATTERN, compute: { from: 'a.geo.city' } }), { wait: 0 });
  driver.record({ k: 'x', n: 3, geo: { lat: 1, city: 'c1' }, limits: [1], message: 'not asked for' }, 100);
  driver.watermark(101);
  driver.cut();
  const [stored] = [...driver.changelog.values()];
  const [next, [event]] = JSON.parse(stored as string) as [number, unknown[][]];
  expect(next).toBe(1);
  expect(event?.at(-1)).toEqual({ n: 3, geo: { lat: 1, city: 'c1' }, limits: [1] });
  expect(stored).not.toContain('message');
});
