import { describe, expect, it } from 'vitest';
import type { Expectation, ExpectedLetter } from '../../config/index.ts';
import type { JsonValue } from '../../record/json.ts';
import { checkDeadLetters, checkExpectation, checkMetrics, type Failure } from './check-expectation.ts';
import { differencesOf } from './differences.ts';

function expectation(values: readonly JsonValue[] | undefined, more: Partial<Expectation> = {}): Expectation {
  return {
    name: 'out',
    line: 1,
    compared: 'whole',
    unordered: false,
    absent: [],
    ...(values === undefined ? {} : { values: values.map((value, i) => ({ value, line: 10 + i })) }),
    ...more,
  };
}

const details = (failures: readonly Failure[]): string[] => failures.flatMap((each) => [`line ${each.line}`, ...each.details]);
const check = (expected: Expectation, values: readonly JsonValue[], keys?: readonly (string | null)[]): string[] =>
  details(checkExpectation('topic out', expected, { values, ...(keys === undefined ? {} : { keys }) }));

describe('an expectation', () => {
  it('shows the fields that differ, and no others', () => {
    const found = check(expectation([{ a: 1, 'b.c': 2, d: [1, { e: 1 }] }]), [
      { a: 1, b: { c: 3 }, d: [1, { e: 1, f: 2 }], g: true },
    ]);
    expect(found).toEqual([
      'line 10',
      'record 1',
      '  b.c: expected 2, is 3',
      '  d[1].f: is 2, not expected',
      '  g: is true, not expected',
    ]);
  });

  it('finds the record that is missing or too much, without making all that follow it wrong', () => {
    expect(check(expectation([1, 2, 3]), [1, 3])).toEqual(['line 11', 'missing: 2']);
    expect(check(expectation([1, 3]), [1, 2, 3])).toEqual(['line 1', 'record 2 is not expected: 2']);
    expect(check(expectation([1, 2]), [2, 1])).not.toEqual([]);
    expect(check(expectation([1, 2], { unordered: true }), [2, 1])).toEqual([]);
  });

  it('looks at some fields only, or for some records only', () => {
    expect(check(expectation([{ a: 1 }], { compared: 'partial' }), [{ a: 1, b: 2 }])).toEqual([]);
    expect(check(expectation([{ a: 1 }], { compared: 'partial' }), [{ a: 1 }, { a: 2 }])).toEqual([
      'line 1',
      'record 2 is not expected: {"a":2}',
    ]);
    expect(check(expectation([{ a: 1 }, { a: 2 }], { compared: 'contains' }), [{ a: 1 }, { a: 9 }, { a: 2 }])).toEqual([]);
    const wrongOrder = expectation([{ a: 2 }, { a: 1 }], { compared: 'contains' });
    expect(check(wrongOrder, [{ a: 1 }, { a: 2 }])).toHaveLength(4);
    expect(check({ ...wrongOrder, unordered: true }, [{ a: 1 }, { a: 2 }])).toEqual([]);
  });

  it('pairs records in any order so that as many as can be find one', () => {
    // The first fits both, the second only one of them.
    const expected = expectation([{ a: 1 }, { a: 1, b: 1 }], { compared: 'partial', unordered: true });
    expect(
      check(expected, [
        { a: 1, b: 1 },
        { a: 1, b: 2 },
      ]),
    ).toEqual([]);
  });

  it('counts records, and looks at keys and at what is to be absent', () => {
    expect(check(expectation(undefined, { count: 2 }), [1])).toEqual(['line 1', 'expected 2 records, there is 1']);
    expect(check(expectation(undefined, { keys: ['a', null] }), [1, 2], ['a', 'b'])).toEqual([
      'line 1',
      'keys',
      '  [1]: expected null, is "b"',
    ]);
    expect(check(expectation(undefined, { absent: [['a', 'b']] }), [{ a: {} }, { a: { b: 0 } }])).toEqual([
      'line 1',
      'record 2: a.b is 0, expected to be absent',
    ]);
  });

  it('takes a name with dots for a path, unless the record has just that name', () => {
    expect(differencesOf({ 'log.level': 'info' }, { 'log.level': 'info' }, false)).toEqual([]);
    expect(differencesOf({ 'log.level': 'info', log: { logger: 'a' } }, { log: { level: 'info', logger: 'a' } }, false)).toEqual(
      [],
    );
  });
});

describe('dead letters', () => {
  const letter = {
    component: 'parse',
    step: 'parse-1',
    code: 'PARSE_FAILED',
    message: 'reading a line: no',
    value: { message: 'x' },
  };

  it('fail a test that does not expect them, with their reason, those of one reason once', () => {
    expect(details(checkDeadLetters([], [letter, letter], 7))).toEqual([
      'line 7',
      'not expected (2 times): PARSE_FAILED of parse, step parse-1: reading a line: no; value {"message":"x"}',
    ]);
  });

  it('are looked at in part, and must all be there', () => {
    const expected: ExpectedLetter = { line: 3, code: 'PARSE_FAILED', message: 'a line', value: { message: 'x' } };
    expect(checkDeadLetters([expected], [letter], 7)).toEqual([]);
    expect(details(checkDeadLetters([expected, expected], [letter], 7))[0]).toBe('line 3');
    expect(details(checkDeadLetters([{ ...expected, message: 'another' }], [letter], 7))).toEqual([
      'line 3',
      'message: expected "another", is "reading a line: no"',
    ]);
  });
});

describe('metrics', () => {
  it('are compared, and one that there is not is an error that names those that there are', () => {
    const actual = new Map([
      ['streams.parse.dropped', 1],
      ['streams.parse.window-1.pairs', 2],
    ]);
    expect(details(checkMetrics([{ name: 'streams.parse.dropped', value: 2, line: 4 }], actual))).toEqual([
      'line 4',
      'streams.parse.dropped: expected 2, is 1',
    ]);
    expect(details(checkMetrics([{ name: 'streams.parse.droped', value: 2, line: 4 }], actual))).toEqual([
      'line 4',
      'there is no streams.parse.droped; of streams.parse there are dropped',
    ]);
  });
});
