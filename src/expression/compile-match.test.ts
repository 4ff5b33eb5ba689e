import { describe, expect, it } from 'vitest';
import type { JsonObject, JsonValue } from '../record/json.ts';
import { compileMatch } from './compile-match.ts';
import { defaultScope } from './scope.ts';

const scope = { ...defaultScope, elements: ['small', 'big'] };

/** Evaluates it for a record, where `small` has taken these, in this order, and `big` none. */
function evaluate(text: string, value: JsonObject, small: readonly JsonObject[] = []): JsonValue | undefined {
  const compiled = compileMatch(text, scope);
  if (!compiled.ok) throw new Error(compiled.errors.map(({ message }) => message).join('; '));
  const taken = [small.toReversed(), []];
  const match = { time: 17, key: 'k', last: (i: number) => taken[i]?.[0], taken: (i: number) => taken[i] ?? [] };
  return compiled.match.evaluate(value, match);
}

const three = [{ amount: 1, at: { city: 'Oslo' } }, { amount: 5 }, { amount: null, at: { city: 'Rome' } }];

describe('an expression over a match', () => {
  it.each<[string, JsonValue | undefined]>([
    ['amount', 7],
    ['small.amount', null],
    ['small.at.city', 'Rome'],
    ['last(small.at.city)', 'Rome'],
    ['first(small.at.city)', 'Oslo'],
    ['count(small)', 3],
    ['count(small.amount)', 2],
    ['sum(small.amount) + amount', 13],
    ['avg(small.amount)', 3],
    ['min(small.amount)', 1],
    ['max(small.amount)', 5],
    ['big.amount', undefined],
    ['count(big)', 0],
    ['sum(big.amount)', 0],
    ['avg(big.amount)', undefined],
    ['first(big)', undefined],
    ["first(small)['amount']", 1],
    ['$time', 17],
    ['$key', 'k'],
    ['$value.small', 'own'],
    // Of what is no element they are the functions of that name.
    ['min(amount, 3)', 3],
    ['first(list)', 'x'],
    ["sum(small['amount'])", 6],
    ['big.amount > 3 || amount === 7', true],
  ])('%s', (text, expected) => {
    expect(evaluate(text, { amount: 7, list: ['x', 'y'], small: 'own' }, three)).toEqual(expected);
  });

  it('says whether it depends on what has been taken', () => {
    const iterative = (text: string): unknown => {
      const compiled = compileMatch(text, scope);
      return compiled.ok && compiled.match.iterative;
    };
    expect(['amount > 3', 'amount > small.amount', 'count(small) < 3', '$time > 5'].map(iterative)).toEqual([
      false,
      true,
      true,
      false,
    ]);
  });

  it.each([
    ['amount > 3', [['amount']], []],
    ['amount > 10 * small.amount', [['amount']], [['amount']]],
    ["small['@timestamp'] < $time", [], [['@timestamp']]],
    ['small.geo.location.lat + small.list[0].x', [], [['geo', 'location', 'lat'], ['list']]],
    ['small[name]', [['name']], [[]]],
    ['sum(small.price.eur) + count(small)', [], [['price', 'eur']]],
    ['first(small)', [], [[]]],
    ['keys(small)', [], [[]]],
    ['$value.small.amount + $value.x', [['small', 'amount'], ['x']], []],
  ])('says what %s reads of the record and of those that were taken', (text, own, ofTaken) => {
    const compiled = compileMatch(text, scope);
    expect(compiled.ok && { own: compiled.match.own, ofTaken: compiled.match.ofTaken }).toEqual({ own, ofTaken });
  });

  it.each([
    ["$headers['x']", '$time and $key only'],
    ['sum(small.__proto__)', 'the path of a field below'],
    ['sum(small[$topic])', 'the path of a field below'],
    ['sum(small[amount])', 'the path of a field below'],
    ['sum(small.amount * 2)', 'the path of a field below'],
    ['smal.amount >', ''],
    ['nosuch(amount)', 'nosuch'],
  ])('refuses %s', (text, reason) => {
    const compiled = compileMatch(text, scope);
    expect(compiled).toMatchObject({ ok: false, errors: [{ message: expect.stringContaining(reason) as string }] });
  });
});
