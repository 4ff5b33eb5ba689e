import type { Diagnostics } from './diagnostic.ts';
import { type ConfigNode, locate, type MapEntry, type MapNode, pathText } from './node.ts';
import { type Span, spanAt } from './source-text.ts';
import { nearest } from './suggest.ts';
import { quoted } from './yaml-quoting.ts';

const RECORD_KEYS = ['at', 'key', 'headers', 'value', 'text'];
const EXPECT_KEYS = ['topics', 'sinks', 'dead_letters', 'problems', 'metrics'];
const EXPECTATION_KEYS = ['records', 'partial', 'contains', 'keys', 'absent', 'unordered', 'count'];
/** The most of the file that a message repeats. */
const LONGEST_SHOWN = 60;

/**
 * What beginners write in a test in place of what is meant: records without `value`, expectations without their list, topics directly
 * below `expect`. It is reported with its mend and given back as it was meant, so that nothing else is said of it. `place`: of the test.
 */
export function mendedTest(test: ConfigNode, place: string, diagnostics: Diagnostics): ConfigNode {
  if (test.kind !== 'map') return test;
  const mend = new Mend(place, diagnostics);
  const given = changed(test, 'given', (steps) => mend.given(steps));
  return changed(given, 'expect', (expected) => mend.expected(expected));
}

class Mend {
  readonly #place: string;
  readonly #diagnostics: Diagnostics;

  constructor(place: string, diagnostics: Diagnostics) {
    this.#place = place;
    this.#diagnostics = diagnostics;
  }

  given(steps: ConfigNode): ConfigNode {
    if (steps.kind === 'list') return { ...steps, items: steps.items.map((step, i) => this.#step(step, ['given', i])) };
    if (steps.kind !== 'map') return steps;
    this.#say(steps, ['given'], `is no list of steps; write [ ${fieldsText([...steps.entries.values()])} ]`);
    return { ...spanOf(steps), kind: 'list', items: [steps] };
  }

  #step(step: ConfigNode, path: readonly PropertyKey[]): ConfigNode {
    if (step.kind !== 'map') return step;
    return changed(step, 'records', (records) =>
      records.kind === 'list'
        ? { ...records, items: records.items.map((record, i) => this.#record(record, [...path, 'records', i])) }
        : records,
    );
  }

  #record(record: ConfigNode, path: readonly PropertyKey[]): ConfigNode {
    if (record.kind === 'invalid') return record;
    if (record.kind !== 'map') {
      const key = record.kind === 'scalar' && typeof record.value === 'string' ? 'text' : 'value';
      this.#say(record, path, `is no record; write { ${key}: ${shown(record)} }`);
      return mapOf(record, [entryOf(key, record)]);
    }
    const entries = [...record.entries.values()];
    const fields = entries.filter(({ key }) => !RECORD_KEYS.includes(key));
    if (record.entries.has('value') || record.entries.has('text') || !areNames(fields, RECORD_KEYS)) return record;
    this.#say(record, path, `has no "value", in which its fields belong; write value: ${fieldsText(fields)}`);
    const value = mapOf(record, fields);
    return mapOf(record, [...entries.filter((entry) => !fields.includes(entry)), entryOf('value', value)]);
  }

  expected(expected: ConfigNode): ConfigNode {
    if (expected.kind !== 'map') return expected;
    const entries = [...expected.entries.values()].filter((entry) => {
      if (EXPECT_KEYS.includes(entry.key) || entry.value.kind === 'scalar' || !areNames([entry], EXPECT_KEYS)) return true;
      const parameters = { key: quoted(entry.key), place: `"expect" of ${this.#place}` };
      const meant = ['topics', 'sinks'].map((kind) => `"${kind}: { ${entry.key}: ... }"`).join(' or ');
      this.#diagnostics.error('CONFIG_UNKNOWN_KEY', entry.keySpan, parameters, meant);
      return false;
    });
    return ['topics', 'sinks'].reduce<MapNode>(
      (node, kind) =>
        changed(node, kind, (named) =>
          named.kind === 'map'
            ? mapOf(
                named,
                [...named.entries.values()].map((entry) => ({
                  ...entry,
                  value: this.#values(entry.value, ['expect', kind, entry.key]),
                })),
              )
            : named,
        ),
      mapOf(expected, entries),
    );
  }

  #values(expectation: ConfigNode, path: readonly PropertyKey[]): ConfigNode {
    if (expectation.kind !== 'map') return expectation;
    const entries = [...expectation.entries.values()];
    if (entries.some(({ key }) => EXPECTATION_KEYS.includes(key)) || !areNames(entries, EXPECTATION_KEYS)) return expectation;
    this.#say(expectation, path, `is no list of values; write [ ${fieldsText(entries)} ]`);
    return { ...spanOf(expectation), kind: 'list', items: [expectation] };
  }

  #say(node: ConfigNode, path: readonly PropertyKey[], reason: string): void {
    this.#diagnostics.error('CONFIG_INVALID_VALUE', firstLineOf(node), { key: quoted(pathText(path)), reason });
  }
}

/** Whether these are names of the user's own, none a misspelt key of ours. */
function areNames(entries: readonly MapEntry[], keys: readonly string[]): boolean {
  return entries.length > 0 && entries.every(({ key }) => nearest(key, keys) === undefined);
}

/** Fields as one may write them on one line; only their names where they are long. */
function fieldsText(fields: readonly MapEntry[]): string {
  const whole = fields.map(({ keySpan, value }) => `${shown(keySpan)}: ${isBlock(value) ? '...' : shown(value)}`).join(', ');
  const text = isShort(whole) ? whole : `${fields[0]?.key}: ...${fields.length > 1 ? ', ...' : ''}`;
  return `{ ${text} }`;
}

/** Whether it is written by indentation, which has no place on one line. */
function isBlock({ kind, source, start }: ConfigNode): boolean {
  return (kind === 'map' && source.text[start] !== '{') || (kind === 'list' && source.text[start] !== '[');
}

function shown({ source, start, end }: Span): string {
  const text = source.text.slice(start, end).trimEnd();
  return isShort(text) ? text : '...';
}

function isShort(text: string): boolean {
  return text.length <= LONGEST_SHOWN && !text.includes('\n');
}

function changed(map: MapNode, key: string, change: (node: ConfigNode) => ConfigNode): MapNode {
  const { node, entry } = locate(map, [key]);
  return entry === undefined ? map : { ...map, entries: new Map([...map.entries, [key, { ...entry, value: change(node) }]]) };
}

function mapOf(at: Span, entries: readonly MapEntry[]): MapNode {
  return { ...spanOf(at), kind: 'map', entries: new Map(entries.map((entry) => [entry.key, entry])) };
}

function entryOf(key: string, value: ConfigNode): MapEntry {
  return { key, keySpan: firstLineOf(value), value };
}

function spanOf({ source, start, end }: Span): Span {
  return { source, start, end };
}

function firstLineOf({ source, start, end }: Span): Span {
  return spanAt(source, start, Math.min(end, source.lineRange(start).end));
}
