import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OperatorDriver, operatorOf } from '../../test/support/operator-driver.ts';
import { eventsOf, inTurn, play, type ScriptEvent, scripts } from '../../test/support/rule-script.ts';
import type { JsonObject } from '../record/json.ts';
import { changes } from './changes.ts';

const EXPIRES = 20;

/** What records become that come in order, one a second. */
function driven(options: object, records: readonly JsonObject[]): OperatorDriver {
  const driver = new OperatorDriver((context) => operatorOf(changes, options)({ ...context, inOrder: true }), { wait: 0 });
  for (const [i, value] of records.entries()) driver.record(value, i * 1000);
  return driver;
}

const valuesOf = (options: object, records: readonly JsonObject[]): unknown[] =>
  driven(options, records).emitted.map(({ value }) => value);

/** The records that differ from the one before of their key, with what was before and since when. */
function expected(events: readonly ScriptEvent[], first: boolean): JsonObject[] {
  return events.flatMap(({ value, time }, at): JsonObject[] => {
    const before = events.slice(0, at).filter((one) => one.value['k'] === value['k']);
    const last = before.at(-1);
    if (last === undefined || time - last.time >= EXPIRES) return first ? [{ ...value }] : [];
    const was = last.value['status'] ?? null;
    if (JSON.stringify(was) === JSON.stringify(value['status'] ?? null)) return [];
    // The first of the row of records that have it, without a gap in which the key was forgotten.
    let since = last.time;
    for (let i = before.length - 2; i >= 0; i -= 1) {
      const one = before[i] as ScriptEvent;
      if (JSON.stringify(one.value['status'] ?? null) !== JSON.stringify(was) || since - one.time >= EXPIRES) break;
      since = one.time;
    }
    return [{ ...value, was, since: new Date(since).toISOString() }];
  });
}

const byKey = (values: readonly unknown[]): unknown =>
  ['a', 'b'].map((k) => values.filter((value) => (value as JsonObject)['k'] === k));

const value = fc.record(
  { k: fc.constantFrom('a', 'b'), n: fc.nat(), status: fc.constantFrom('on', 'off', null, { a: [1] }, { a: [2] }) },
  { requiredKeys: ['k', 'n'] },
) as fc.Arbitrary<JsonObject>;

describe('changes', () => {
  it.each([true, false])('lets go on what differs from the record before (the first: %s)', (first) => {
    const options = { by: ['k'], of: 'status', first, previous: 'was', since: 'since', expires: `${EXPIRES}ms` };
    fc.assert(
      fc.property(scripts(value), (steps) => {
        const driver = play(operatorOf(changes, options), steps);
        const made = driver.emitted.map((each) => each.value);
        expect(byKey(made)).toEqual(byKey(expected(inTurn(eventsOf(steps), driver.now), first)));
      }),
      { numRuns: 100 },
    );
  });

  it('watches several values together', () => {
    const records = [
      { country: 'DE', device: { id: 1 } },
      { country: 'DE', device: { id: 1 }, n: 3 },
      { country: 'DE', device: { id: 2 } },
      { device: { id: 2 } },
    ];
    expect(valuesOf({ of: ['country', 'device.id'], previous: 'was' }, records)).toEqual([
      records[0],
      { country: 'DE', device: { id: 2 }, was: { country: 'DE', device: { id: 1 } } },
      { device: { id: 2 }, was: { country: 'DE', device: { id: 2 } } },
    ]);
    expect(valuesOf({ of: { 'at.land': 'lower(country)' }, previous: 'was', first: false }, records)).toEqual([
      { device: { id: 2 }, was: { at: { land: 'de' } } },
    ]);
  });

  it('sends records on as they are where it adds nothing, and counts the others', () => {
    let dropped = 0;
    const driver = new OperatorDriver(
      (context) => operatorOf(changes, { of: 'status' })({ ...context, inOrder: true, drop: () => (dropped += 1) }),
      { wait: 0 },
    );
    for (const [i, status] of [1, 1, 2, 2, 2, 1].entries()) driver.record({ status }, i);
    expect(driver.emitted.map((each) => each.value)).toEqual([{ status: 1 }, { status: 2 }, { status: 1 }]);
    expect(dropped).toBe(3);
  });

  it('remembers what was there, whatever becomes of the record that it has sent on', () => {
    const driver = driven({ of: 'tags', previous: 'was' }, []);
    driver.record({ tags: ['a'] }, 0);
    const [sent] = driver.emitted;
    (sent as { value: { tags: string[] } } | undefined)?.value.tags.push('changed');
    driver.record({ tags: ['a'] }, 0);
    driver.record({ tags: ['b'] }, 0);
    expect(driver.emitted.slice(1).map((each) => each.value)).toEqual([{ tags: ['b'], was: ['a'] }]);
  });

  it('lets no field of the first record stand for what was before', () => {
    expect(valuesOf({ of: 'status', previous: 'was', since: 'at.since' }, [{ status: 1, was: 7, at: { since: 'x' } }])).toEqual([
      { status: 1, at: {} },
    ]);
  });

  it('writes no state for a record that changes nothing, where keys do not expire', () => {
    const driver = driven({ of: 'status' }, [{ status: 1 }]);
    driver.cut();
    const written: string[] = [];
    driver.record({ status: 1 }, 5000);
    driver.operator.flush({ put: (key) => written.push(key), remove: (key) => written.push(key) });
    expect(written).toEqual([]);
  });

  it('refuses fields that it cannot name or must not set', () => {
    expect(() => operatorOf(changes, { of: ['lower(a)'] })).toThrow(/write a mapping: \{ name: /);
    expect(() => operatorOf(changes, { of: 'a', previous: '@timestamp' })).toThrow(/must stay as it is/);
  });
});
