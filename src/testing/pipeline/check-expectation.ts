import type { Expectation, ExpectedLetter, ExpectedValue } from '../../config/index.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../record/json.ts';
import { getField } from '../../record/path.ts';
import type { DeadLetter } from './dead-letters.ts';
import { type Difference, differencesOf } from './differences.ts';
import { pairInAnyOrder, pairInOrder } from './pairing.ts';

/** Something that is not as a test expects it. */
export interface Failure {
  /** In the test file. */
  readonly line: number;
  /** What was looked at: `topic access.errors`. */
  readonly what: string;
  /** What is wrong, a line each; further ones are indented. */
  readonly details: readonly string[];
}

/** A topic or a destination as it is. */
export interface Actual {
  readonly values: readonly JsonValue[];
  readonly keys?: readonly (string | null)[];
}

const SHOWN = 300;
/** Of many that are not expected, so many are shown. */
const SHOWN_RECORDS = 5;

/** What of an expectation does not hold. */
export function checkExpectation(what: string, expectation: Expectation, actual: Actual): Failure[] {
  const { line, count, keys, absent } = expectation;
  const failures = expectation.values === undefined ? [] : checkValues(what, expectation, expectation.values, actual.values);
  if (count !== undefined && count !== actual.values.length)
    failures.push({ line, what, details: [`expected ${counted(count)}, there ${areMany(actual.values.length)}`] });
  if (keys !== undefined) {
    const found = differencesOf([...keys], [...(actual.keys ?? [])], false);
    if (found.length > 0) failures.push({ line, what, details: ['keys', ...found.map((each) => `  ${differenceText(each)}`)] });
  }
  for (const [i, value] of actual.values.entries()) {
    const there = absent.filter((path) => isJsonObject(value) && getField(value, path) !== undefined);
    for (const path of there)
      failures.push({
        line,
        what,
        details: [`record ${i + 1}: ${path.join('.')} is ${shown(getField(value as JsonObject, path))}, expected to be absent`],
      });
  }
  return failures;
}

function checkValues(
  what: string,
  { line, compared, unordered }: Expectation,
  expected: readonly ExpectedValue[],
  actual: readonly JsonValue[],
): Failure[] {
  const partial = compared !== 'whole';
  const differences = (i: number, j: number): Difference[] =>
    differencesOf(expected[i]?.value as JsonValue, actual[j] as JsonValue, partial);
  const same = (i: number, j: number): boolean => differences(i, j).length === 0;
  const pairs = (unordered ? pairInAnyOrder : pairInOrder)(expected.length, actual.length, memoised(same));
  const failures: Failure[] = [];
  const unexpected: string[] = [];
  for (const { expected: i, actual: j } of pairs) {
    if (i === undefined) {
      if (compared !== 'contains') unexpected.push(`record ${(j as number) + 1} is not expected: ${shown(actual[j as number])}`);
      continue;
    }
    const { value, line: at } = expected[i] as ExpectedValue;
    if (j === undefined || compared === 'contains') {
      if (j === undefined || !same(i, j))
        failures.push({ line: at, what, details: [`missing: ${shown(value)}`, ...beside(actual, compared)] });
      continue;
    }
    const found = differences(i, j);
    if (found.length > 0)
      failures.push({ line: at, what, details: [`record ${j + 1}`, ...found.map((each) => `  ${differenceText(each)}`)] });
  }
  if (unexpected.length > 0) failures.push({ line, what, details: firstOf(unexpected) });
  return failures;
}

/** Of what is searched among others, the others are of interest. */
function beside(actual: readonly JsonValue[], compared: Expectation['compared']): string[] {
  if (actual.length === 0) return ['there is none'];
  return compared === 'contains' ? actual.slice(0, SHOWN_RECORDS).map((value) => `there is: ${shown(value)}`) : [];
}

/** Dead letters are compared in any order; every one must be expected. */
export function checkDeadLetters(expected: readonly ExpectedLetter[], actual: readonly DeadLetter[], line: number): Failure[] {
  const what = 'dead letters';
  const failures: Failure[] = [];
  const unexpected: DeadLetter[] = [];
  const differences = (i: number, j: number): Difference[] =>
    letterDifferences(expected[i] as ExpectedLetter, actual[j] as DeadLetter);
  for (const { expected: i, actual: j } of pairInAnyOrder(
    expected.length,
    actual.length,
    (a, b) => differences(a, b).length === 0,
  )) {
    if (i === undefined) {
      unexpected.push(actual[j as number] as DeadLetter);
    } else if (j === undefined) {
      const { line: at, ...letter } = expected[i] as ExpectedLetter;
      failures.push({ line: at, what, details: [`missing: ${shown(letter as JsonObject)}`] });
    } else {
      const found = differences(i, j);
      if (found.length > 0)
        failures.push({ line: (expected[i] as ExpectedLetter).line, what, details: found.map((each) => differenceText(each)) });
    }
  }
  return unexpected.length === 0 ? failures : [...failures, { line, what, details: firstOf(lettersText(unexpected)) }];
}

/** Letters of the same reason as one, with the first of their values. */
function lettersText(letters: readonly DeadLetter[]): string[] {
  const kinds = new Map<string, JsonValue[]>();
  for (const { component, step, code, message, value } of letters) {
    const at = step === undefined ? component : `${component}, step ${step}`;
    const reason = `${code} of ${at}: ${message}`;
    kinds.set(reason, [...(kinds.get(reason) ?? []), value]);
  }
  return [...kinds].map(([reason, values]) => {
    const times = values.length === 1 ? '' : ` (${values.length} times)`;
    return `not expected${times}: ${reason}; value ${shown(values[0])}`;
  });
}

function letterDifferences({ line: _, message, value, ...rest }: ExpectedLetter, letter: DeadLetter): Difference[] {
  const found = differencesOf(rest as JsonObject, letter as unknown as JsonObject, true);
  if (message !== undefined && !letter.message.includes(message))
    found.push({ path: 'message', expected: message, actual: letter.message });
  if (value !== undefined) found.push(...differencesOf({ value }, { value: letter.value }, true));
  return found;
}

/** What tasks that are not well say must be expected, and what is expected must be said. */
export function checkProblems(
  expected: readonly { readonly text: string; readonly line: number }[],
  actual: readonly string[],
  line: number,
): Failure[] {
  const what = 'run';
  const unexpected = actual.filter((problem) => !expected.some(({ text }) => problem.includes(text)));
  const missing = expected.filter(({ text }) => !actual.some((problem) => problem.includes(text)));
  return [
    ...unexpected.map((problem) => ({ line, what, details: [problem] })),
    ...missing.map(({ text, line: at }) => ({
      line: at,
      what,
      details: [`expected a problem with ${JSON.stringify(text)}, there is none`],
    })),
  ];
}

export function checkMetrics(
  expected: readonly { readonly name: string; readonly value: number; readonly line: number }[],
  actual: ReadonlyMap<string, number>,
): Failure[] {
  return expected.flatMap(({ name, value, line }) => {
    const is = actual.get(name);
    if (is === value) return [];
    const details =
      is === undefined ? [`there is no ${name}${othersText(name, actual)}`] : [`${name}: expected ${value}, is ${is}`];
    return [{ line, what: 'metrics', details }];
  });
}

function firstOf(lines: readonly string[]): readonly string[] {
  return lines.length <= SHOWN_RECORDS ? lines : [...lines.slice(0, SHOWN_RECORDS), `and ${lines.length - SHOWN_RECORDS} more`];
}

/** What there is in the place of a metric that there is not. */
function othersText(name: string, actual: ReadonlyMap<string, number>): string {
  const place = name.slice(0, name.lastIndexOf('.') + 1);
  const others = [...actual.keys()].filter((each) => each.startsWith(place)).map((each) => each.slice(place.length));
  const near = others.filter((each) => !each.includes('.'));
  if (place !== '' && near.length > 0) return `; of ${place.slice(0, -1)} there are ${near.join(', ')}`;
  return `; there are those of ${[...new Set([...actual.keys()].map((each) => each.split('.').slice(0, 2).join('.')))].join(', ')}`;
}

function differenceText({ path, expected, actual }: Difference): string {
  const name = path === '' ? 'the value' : path;
  if (expected === undefined) return `${name}: is ${shown(actual)}, not expected`;
  return `${name}: expected ${shown(expected)}, ${actual === undefined ? 'is missing' : `is ${shown(actual)}`}`;
}

function shown(value: JsonValue | undefined): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length <= SHOWN ? text : `${text.slice(0, SHOWN)}... (${text.length} characters)`;
}

const counted = (count: number): string => `${count} ${count === 1 ? 'record' : 'records'}`;
const areMany = (count: number): string => (count === 1 ? 'is 1' : `are ${count}`);

function memoised(same: (i: number, j: number) => boolean): (i: number, j: number) => boolean {
  const known = new Map<string, boolean>();
  return (i, j) => {
    const key = `${i}/${j}`;
    let result = known.get(key);
    if (result === undefined) {
      result = same(i, j);
      known.set(key, result);
    }
    return result;
  };
}
