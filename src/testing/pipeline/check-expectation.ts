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
      failures.push({ line, what, details: [`record ${i + 1}: ${path.join('.')} is ${shown(getField(value as JsonObject, path))}, expected to be absent`] });
  }
  return failures;
}

function checkValues(what: string, { line, compared, unordered }: Expectation, expected: readonly ExpectedValue[], actual: readonly JsonValue[]): Failure[] {
  const partial = compared !== 'whole';
  const differences = (i: number, j: number): Difference[] => differencesOf(expected[i]?.value as JsonValue, actual[j] as JsonValue, partial);
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
      if (j === undefined || !same(i, j)) failures.push({ line: at, what, details: [`missing: ${shown(value)}`, ...beside(actual, compared)] });
      continue;
    }
    const found = differences(i, j);
    if (found.length > 0) failures.push({ line: at, what, details: [`record ${j + 1}`, ...found.map((each) => `  ${differenceText(each)}`)] });
  }
  if (unexpected.length > 0) failures.push({ line, what, details: unexpected });
  return failures;
}

/** Of what is searched among others, the others are of interest. */
function beside(actual: readonly JsonValue[], compared: Expectation['compared']): string[] {
  if (actual.length === 0) return ['there is none'];
  return compared === 'contains' ? actual.slice(0, 5).map((value) => `there is: ${shown(value)}`) : [];
}

/** Dead letters are compared in any order; every one must be expected. */
export function checkDeadLetters(expected: readonly ExpectedLetter[], actual: readonly DeadLetter[], line: number): Failure[] {
  const what = 'dead letters';
  const failures: Failure[] = [];
  const differences = (i: number, j: number): Difference[] => letterDifferences(expected[i] as ExpectedLetter, actual[j] as DeadLetter);
  for (const { expected: i, actual: j } of pairInAnyOrder(expected.length, actual.length, (a, b) => differences(a, b).length === 0)) {
    if (i === undefined) {
      const { component, step, code, message, value } = actual[j as number] as DeadLetter;
      const at = step === undefined ? component : `${component}, step ${step}`;
      failures.push({ line, what, details: [`not expected: ${code} of ${at}: ${message}`, `  value ${shown(value)}`] });
    } else if (j === undefined) {
      const { line: at, ...letter } = expected[i] as ExpectedLetter;
      failures.push({ line: at, what, details: [`missing: ${shown(letter as JsonObject)}`] });
    } else {
      const found = differences(i, j);
      if (found.length > 0)
        failures.push({ line: (expected[i] as ExpectedLetter).line, what, details: found.map((each) => differenceText(each)) });
    }
  }
  return failures;
}

function letterDifferences({ line: _, message, value, ...rest }: ExpectedLetter, letter: DeadLetter): Difference[] {
  const found = differencesOf(rest as JsonObject, letter as unknown as JsonObject, true);
  if (message !== undefined && !letter.message.includes(message)) found.push({ path: 'message', expected: message, actual: letter.message });
  if (value !== undefined) found.push(...differencesOf({ value }, { value: letter.value }, true));
  return found;
}

export function checkMetrics(
  expected: readonly { readonly name: string; readonly value: number; readonly line: number }[],
  actual: ReadonlyMap<string, number>,
): Failure[] {
  return expected.flatMap(({ name, value, line }) => {
    const is = actual.get(name);
    if (is === value) return [];
    const prefix = name.slice(0, name.lastIndexOf('.') + 1);
    const known = [...actual.keys()].filter((each) => each.startsWith(prefix) && prefix !== '');
    const details =
      is === undefined
        ? [`there is no ${name}${known.length === 0 ? '' : `; there are ${known.join(', ')}`}`]
        : [`${name}: expected ${value}, is ${is}`];
    return [{ line, what: 'metrics', details }];
  });
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
