import { type Document, isMap, isPair, isScalar, isSeq, type Pair, parseDocument, visit } from 'yaml';
import type { Random } from '../../support/random.ts';
import { Writer } from './expression-grammar.ts';
import { FOREIGN, HOSTILE } from './words.ts';

/** What YAML, the reader of files or a person may make of something else. */
const SCALARS: readonly string[] = [
  '',
  '~',
  'null',
  'yes',
  'off',
  '0',
  '-1',
  '1e400',
  '.inf',
  '.nan',
  '0o17',
  '12:30:45',
  '2026-10-12',
  '99999999999999999999',
  '10',
  '10s',
  '-5s',
  '1.5.2s',
  '5 minutes',
  '5mb',
  '10 %',
  '"unclosed',
  "'it''s'",
  '"\\x"',
  '[]',
  '{}',
  '[ a, b',
  '{ a: 1',
  '{ ? a : b }',
  '!!binary aGk=',
  '!x y',
  '&a b',
  '*a',
  '<<',
  '{{ a }}',
  '"{{ a"',
  '${PORT}',
  '"${MISSING}"',
  '${PORT:-${PORT}}',
  '${file:/etc/x}',
  '$${',
  '@timestamp',
  '`x`',
  '%x',
  '|',
  '>+2',
  '- a',
  '? a',
  'a: b: c',
  'a #b',
  '#',
  '---',
  '...',
  '\u0000',
  '\u0085',
  '\ufeff',
  '\u{1f600}',
  '\ud800',
  '\t',
  '\r',
  './missing.csv',
  'in',
  '__proto__',
];

type Mutation = (text: string, random: Random, other: string) => string;

/** Changes of lines. */
const lines = (change: (all: string[], at: number, random: Random, other: readonly string[]) => void): Mutation => {
  return (text, random, other) => {
    const all = text.split('\n');
    change(all, random.below(all.length), random, other.split('\n'));
    return all.join('\n');
  };
};

/** Puts something in place of the value of a line. */
const value = (make: (random: Random) => string): Mutation =>
  lines((all, at, random) => {
    const line = all[at] as string;
    all[at] = line.replace(/(?<=[:-]\s+|[{[,]\s*)[^\s{[,][^,}\]]*/, () => make(random));
  });

/** Puts something anywhere. */
const insertion = (make: (random: Random, text: string) => string): Mutation => {
  return (text, random) => {
    const at = random.below(text.length + 1);
    return text.slice(0, at) + make(random, text) + text.slice(at + random.below(3));
  };
};

/** Changes of the tree, written anew. What is nested too deeply for that stays as it is. */
const tree = (change: (pairs: Pair[], document: Document, random: Random) => void): Mutation => {
  return (text, random) => {
    try {
      const document = parseDocument(text, { logLevel: 'silent' });
      const pairs: Pair[] = [];
      visit(document, { Pair: (_, pair) => void pairs.push(pair) });
      if (document.errors.length > 0 || pairs.length === 0) return text;
      change(pairs, document, random);
      return document.toString();
    } catch {
      return text;
    }
  };
};

const MUTATIONS: readonly Mutation[] = [
  lines((all, at) => all.splice(at, 1)),
  lines((all, at, random) => all.splice(at, 1 + random.below(6))),
  lines((all, at) => all.splice(at, 0, all[at] as string)),
  lines((all, at, random) => {
    const to = random.below(all.length);
    [all[at], all[to]] = [all[to] as string, all[at] as string];
  }),
  lines((all, at, random) => (all[at] = ' '.repeat(random.below(4)) + (all[at] as string))),
  lines((all, at, random) => (all[at] = (all[at] as string).slice(random.below(4)))),
  lines((all, at) => (all[at] = `\t${all[at]}`)),
  lines((all, at, random, other) => all.splice(at, 0, ...other.slice(random.below(other.length)).slice(0, 1 + random.below(12)))),
  lines((all, at) => all.splice(at)),
  value((random) => random.of(SCALARS)),
  value((random) => random.of(SCALARS)),
  value((random) => new Writer(random, random.of(['expression', 'template', 'map', 'aggregate', 'match'])).text()),
  value((random) =>
    JSON.stringify(new Writer(random, random.of(['expression', 'template', 'map', 'aggregate', 'match'])).text()),
  ),
  value((random) => random.of(HOSTILE)),
  insertion((random) => random.of(SCALARS)),
  insertion((random) => random.of(FOREIGN)),
  insertion((random) => String.fromCharCode(random.below(0x1_0000))),
  insertion((random) => Array.from({ length: 20 }, () => String.fromCharCode(random.below(256))).join('')),
  insertion((random) => random.of(['[', '{a: ', '- ', '? ', '(', '"', '{{', '${']).repeat(random.of([3, 60, 700, 5000]))),
  insertion((random, text) => text.slice(random.below(text.length)).slice(0, random.below(60))),
  insertion((random) => '0'.repeat(random.of([10, 400, 20_000]))),
  (text, random) => text.slice(0, random.below(text.length + 1)),
  (text) => text.replaceAll('\n', '\r\n'),
  (text, random) =>
    text.replaceAll(random.of([': ', '- ', '"', ' ', '{', '}', '[', ',', 's', '1']), random.of(['', ' ', ':', '"', "'", 'x'])),
  tree((pairs, _, random) => {
    const map = random.of(pairs);
    if (isMap(map.value) || isSeq(map.value)) map.value.items.splice(random.below(map.value.items.length), 1);
    else map.value = null;
  }),
  tree((pairs, document, random) => {
    random.of(pairs).value = document.createNode(
      random.of([null, 5, -0.5, true, '', 'x', '10s', [], ['a', 1], {}, { a: { b: 1 } }]),
    );
  }),
  tree((pairs, _, random) => {
    const [one, other] = [random.of(pairs), random.of(pairs)];
    one.value = isPair(other.value) ? null : other.value;
  }),
  tree((pairs, _, random) => {
    const pair = random.of(pairs);
    if (isScalar(pair.key)) pair.key.value = random.of([...HOSTILE, 'steps', 'when', 'from', 'to', 'id', 'x', 5, null]);
  }),
  tree((pairs, document, random) => {
    const pair = random.of(pairs);
    pair.value = document.createNode(
      random.chance(0.5) ? [pair.value] : { [random.of(['value', 'field', 'options'])]: pair.value },
    );
  }),
];

/** The text of a pipeline with one to four changes; `other` is another pipeline, of which parts may get in. */
export function mutated(text: string, other: string, random: Random): string {
  let changed = text;
  for (let i = random.below(random.of([1, 1, 2, 4])); i >= 0; i -= 1) changed = random.of(MUTATIONS)(changed, random, other);
  return changed;
}
