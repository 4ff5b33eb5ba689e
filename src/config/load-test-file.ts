import { dirname, resolve } from 'node:path';
import type { z } from 'zod';
import type { JsonValue } from '../record/json.ts';
import type { Pipeline } from '../topology/types.ts';
import { type Diagnostic, Diagnostics } from './diagnostic.ts';
import { readSourceText } from './load-pipeline.ts';
import { type ConfigNode, locate, type MapNode } from './node.ts';
import { checkOptions, type OptionsContext } from './options.ts';
import { spanAt } from './source-text.ts';
import type { Environment } from './substitution.ts';
import { nearest } from './suggest.ts';
import type {
  Expectation,
  ExpectedLetter,
  ExpectedValue,
  GivenRecord,
  GivenStep,
  Mention,
  TestCase,
  TestFile,
  TestSubject,
} from './test-case.ts';
import { mendedTest } from './test-mistakes.ts';
import { type Moment, testFileSchema, testSchema } from './test-schema.ts';
import { quoted } from './yaml-quoting.ts';
import { readYaml } from './yaml-reader.ts';

const TEST_SUFFIX = /\.test\.ya?ml$/;

export type LoadedTestFile =
  | { readonly ok: true; readonly tests: TestFile }
  /** `subject`: where enough could be read to look at the pipeline too, so that all that is wrong is said together. */
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[]; readonly subject?: TestSubject };

/** Reads and checks a test file. All that is wrong is reported at once, by position. */
export function loadTestFile(file: string, environment: Environment): LoadedTestFile {
  const diagnostics = new Diagnostics();
  const tests = load(file, environment, diagnostics);
  if (tests !== undefined && !diagnostics.hasErrors) return { ok: true, tests };
  return { ok: false, diagnostics: diagnostics.list(), ...(tests === undefined ? {} : { subject: tests }) };
}

function load(file: string, environment: Environment, diagnostics: Diagnostics): TestFile | undefined {
  const source = readSourceText(file, environment, diagnostics);
  if (source === undefined) return undefined;
  const resolvePath = (path: string): string => resolve(dirname(resolve(file)), path);
  const root = readYaml({ source, environment, diagnostics, resolvePath });
  if (root === undefined) return undefined;
  const start = spanAt(source, 0);
  if (root.kind !== 'map') {
    diagnostics.error('CONFIG_NO_TESTS', start);
    return undefined;
  }
  const options: OptionsContext = { diagnostics, resolvePath, bind: () => [], topic: () => undefined };
  const checked = checkOptions(testFileSchema, withoutTests(root), { name: 'the test file', owner: start }, options);
  const list = root.entries.get('tests')?.value;
  const items = list?.kind === 'list' ? list.items : [];
  const now = checked.ok ? checked.value.now : 0;
  const tests = items.map((item, i) => readTest(item, { number: i + 1, now, options }));
  checkNames(items, tests, diagnostics);
  if (!checked.ok) return undefined;
  const { pipeline, environment: variables, partitions } = checked.value;
  return {
    file,
    pipeline: pipeline === undefined ? resolve(file).replace(TEST_SUFFIX, '.yaml') : resolvePath(pipeline),
    variables: Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, String(value)])),
    now,
    partitions,
    tests: tests.filter((test) => test !== undefined),
    mentions: items.flatMap(mentionsIn),
  };
}

/** What of a test file is not in its pipeline. */
export function checkTestFile({ mentions }: TestSubject, pipeline: Pipeline): readonly Diagnostic[] {
  const diagnostics = new Diagnostics();
  const names = { source: pipeline.sources, topic: pipeline.topics, sink: pipeline.sinks };
  for (const { kind, name, at } of mentions) {
    const known = names[kind].map((node) => node.name);
    if (known.includes(name)) continue;
    const meant = nearest(name, known);
    const parameters = { pipeline: pipeline.name, kind, name: quoted(name) };
    diagnostics.error('CONFIG_UNKNOWN_NODE', at, parameters, meant === undefined ? undefined : quoted(meant));
  }
  return diagnostics.list();
}

function mentionsIn(test: ConfigNode): Mention[] {
  const given = locate(test, ['given']).node;
  const mentions: Mention[] = [];
  for (const step of given.kind === 'list' ? given.items : []) {
    for (const kind of ['source', 'topic'] as const) {
      const { node, rest } = locate(step, [kind]);
      if (rest.length === 0 && node.kind === 'scalar') mentions.push({ kind, name: String(node.value), at: node });
    }
  }
  for (const [path, kind] of [
    [['expect', 'topics'], 'topic'],
    [['expect', 'sinks'], 'sink'],
    [['mocks', 'sinks'], 'sink'],
  ] as const) {
    const { node, rest } = locate(test, [...path]);
    if (rest.length > 0 || node.kind !== 'map') continue;
    for (const { key, keySpan } of node.entries.values()) mentions.push({ kind, name: key, at: keySpan });
  }
  return mentions;
}

/** Tests are checked one by one; for the check of the file it is enough that there are some. */
function withoutTests(root: MapNode): MapNode {
  const entry = root.entries.get('tests');
  if (entry?.value.kind !== 'list') return root;
  const [first] = entry.value.items;
  const items: ConfigNode[] =
    first === undefined ? [] : [{ ...spanAt(first.source, first.start), kind: 'map', entries: new Map() }];
  return { ...root, entries: new Map([...root.entries, ['tests', { ...entry, value: { ...entry.value, items } }]]) };
}

function checkNames(items: readonly ConfigNode[], tests: readonly (TestCase | undefined)[], diagnostics: Diagnostics): void {
  const lines = new Map<string, number>();
  for (const [i, test] of tests.entries()) {
    if (test === undefined) continue;
    const first = lines.get(test.name);
    if (first === undefined) lines.set(test.name, test.line);
    else {
      const { node } = locate(items[i] as ConfigNode, ['name']);
      diagnostics.error('CONFIG_DUPLICATE_TEST', node, { name: JSON.stringify(test.name), line: first });
    }
  }
}

interface TestContext {
  readonly number: number;
  readonly now: number;
  readonly options: OptionsContext;
}

function readTest(given: ConfigNode, { number, now, options }: TestContext): TestCase | undefined {
  const at = spanAt(given.source, given.start, given.source.lineRange(given.start).end);
  const place = `test ${number}`;
  const node = mendedTest(given, place, options.diagnostics);
  const checked = checkOptions(testSchema, node, { name: place, owner: at }, options);
  if (!checked.ok) return undefined;
  const { name, given: steps, mocks, expect } = checked.value;
  const lineOf = (...path: PropertyKey[]): number => {
    const { entry, node: found } = locate(node, path);
    return node.source.position(entry?.keySpan.start ?? found.start).line;
  };
  return {
    name,
    line: lineOf(),
    given: steps.map((step, i) => givenOf(step, lineOf('given', i), now)),
    http: mocks.http.map(({ request, reply: { json, text, headers, status } }) => ({
      request,
      status,
      ...(json === undefined ? {} : { json: plain(json) }),
      ...(text === undefined ? {} : { text }),
      ...(headers === undefined ? {} : { headers }),
    })),
    replies: Object.fromEntries(Object.entries(mocks.sinks).map(([sink, replies]) => [sink, replies.map(plain)])),
    files: mocks.files,
    topics: Object.entries(expect.topics).map(([topic, one]) => expectationOf(topic, one, ['expect', 'topics', topic], lineOf)),
    sinks: Object.entries(expect.sinks).map(([sink, one]) => expectationOf(sink, one, ['expect', 'sinks', sink], lineOf)),
    deadLetters: expect.dead_letters.map(({ value, ...letter }, i) => ({
      ...(withoutUndefined(letter) as Omit<ExpectedLetter, 'line' | 'value'>),
      ...(value === undefined ? {} : { value: plain(value) }),
      line: lineOf('expect', 'dead_letters', i),
    })),
    problems: expect.problems.map((text, i) => ({ text, line: lineOf('expect', 'problems', i) })),
    metrics: Object.entries(expect.metrics).map(([metric, value]) => ({
      name: metric,
      value,
      line: lineOf('expect', 'metrics', metric),
    })),
  };
}

type Given = z.output<typeof testSchema>['given'][number];

function givenOf(step: Given, line: number, now: number): GivenStep {
  const { source, path, lines, bytes, topic, records, advance, ...record } = step;
  if (advance !== undefined) return { kind: 'advance', ms: advance, line };
  if (source !== undefined) {
    const text = bytes ?? lines?.map((each) => `${each}\n`).join('');
    return { kind: 'source', source, ...(path === undefined ? {} : { path }), ...(text === undefined ? {} : { text }), line };
  }
  const given = records === undefined ? [record] : records.map((each) => ({ ...record, ...each }));
  return { kind: 'topic', topic: topic as string, records: given.map((each) => recordOf(each, now)), line };
}

function recordOf({ at, key, headers, value, text }: Omit<Given, 'topic'>, now: number): GivenRecord {
  const time = at === undefined ? undefined : timeOf(at, now);
  return {
    ...(time === undefined ? {} : { time }),
    ...(key === undefined ? {} : { key }),
    ...(headers === undefined ? {} : { headers }),
    ...(text === undefined ? {} : { text }),
    ...(value === undefined ? {} : { value: timed(plain(value), time) }),
  };
}

function timeOf(at: Moment, now: number): number {
  if (at.kind === 'fixed') return at.ms;
  return at.kind === 'after' ? now + at.ms : Math.floor(now / DAY_MS) * DAY_MS + at.ms;
}

const DAY_MS = 86_400_000;

/** The value, with its event time where it says none itself. */
function timed(value: JsonValue, time: number | undefined): JsonValue {
  if (time === undefined || typeof value !== 'object' || value === null || Array.isArray(value) || '@timestamp' in value)
    return value;
  return { '@timestamp': new Date(time).toISOString(), ...value };
}

type Expected = z.output<typeof testSchema>['expect']['topics'][string];

function expectationOf(
  name: string,
  given: Expected,
  path: readonly PropertyKey[],
  lineOf: (...path: PropertyKey[]) => number,
): Expectation {
  const line = lineOf(...path);
  const valuesAt = (list: readonly unknown[], ...at: PropertyKey[]): ExpectedValue[] =>
    list.map((value, i) => ({ value: plain(value), line: lineOf(...path, ...at, i) }));
  if (Array.isArray(given)) return { name, line, values: valuesAt(given), compared: 'whole', unordered: false, absent: [] };
  const { records, partial, contains, keys, absent = [], unordered, count } = given;
  const [compared, list] =
    records !== undefined
      ? (['whole', records] as const)
      : partial !== undefined
        ? (['partial', partial] as const)
        : (['contains', contains] as const);
  const at = { whole: 'records', partial: 'partial', contains: 'contains' }[compared];
  return {
    name,
    line,
    compared,
    unordered,
    absent,
    ...(list === undefined ? {} : { values: valuesAt(list, at) }),
    ...(keys === undefined ? {} : { keys }),
    ...(count === undefined ? {} : { count }),
  };
}

/** Values of a file have no prototype; those of records have the usual one. */
function plain(value: unknown): JsonValue {
  return JSON.parse(JSON.stringify(value)) as JsonValue;
}

function withoutUndefined(object: object): object {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));
}
