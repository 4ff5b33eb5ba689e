import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { JsonObject, JsonValue } from '../../src/record/json.ts';
import { type CaseEvent, runPattern } from './pattern-run.ts';

/** `a1 b c`: records of these ids, one each ms, whose `name` is the id without its number. */
const events = (text: string): CaseEvent[] => text.split(' ').map((id, i) => ({ id, name: id.replace(/\d+$/, ''), time: i + 1 }));
const is = (name: string): string => `name === '${name}'`;

/** What is found, the same with a restart after each record. */
function found(options: JsonObject, text: string): string[] {
  const plain = runPattern(options, events(text));
  expect(runPattern(options, events(text), { restarts: true })).toEqual(plain);
  return plain.matches.map(({ ids }) => ids.join(' ')).toSorted();
}

describe('patterns in the examples of the documentation of Flink CEP', () => {
  const loop = (more: JsonObject): JsonObject => ({
    sequence: [
      { begin: 'c', where: is('C') },
      { followed_by: 'a', where: is('A'), one_or_more: true, ...more },
      { followed_by: 'b', where: is('B') },
    ],
  });

  it.each<[string, JsonObject, string[]]>([
    ['relaxed', {}, ['C A1 A2 A3 A4 B', 'C A1 A2 A3 B', 'C A1 A2 B', 'C A1 B']],
    ['strict', { consecutive: true }, ['C A1 A2 A3 B', 'C A1 A2 B', 'C A1 B']],
    [
      'non-deterministic relaxed',
      { allow_combinations: true },
      [
        ...['C A1 A2 A3 A4 B', 'C A1 A2 A3 B', 'C A1 A2 A4 B', 'C A1 A2 B', 'C A1 A3 A4 B', 'C A1 A3 B', 'C A1 A4 B', 'C A1 B'],
        // Those that begin with a later A need `followed_by_any`.
      ],
    ],
  ])('contiguity in a loop: %s', (_, more, expected) => {
    expect(found(loop(more), 'C D A1 A2 A3 D1 A4 B')).toEqual(expected);
  });

  it('until', () => {
    const sequence = [{ begin: 'a', where: is('a'), one_or_more: true, until: is('b') }];
    expect(found({ sequence }, 'a1 c a2 b a3')).toEqual(['a1', 'a1 a2', 'a2', 'a3']);
  });

  it.each<[JsonObject[string], string[]]>([
    ['no_skip', ['b1 b2 b3 c', 'b2 b3 c', 'b3 c']],
    ['to_next', ['b1 b2 b3 c', 'b2 b3 c', 'b3 c']],
    ['past_last_event', ['b1 b2 b3 c']],
    [{ to_first: 'b' }, ['b1 b2 b3 c', 'b2 b3 c', 'b3 c']],
    [{ to_last: 'b' }, ['b1 b2 b3 c', 'b3 c']],
  ])('skip: %j', (skip, expected) => {
    const sequence = [
      { begin: 'b', where: is('b'), one_or_more: true, consecutive: true },
      { next: 'c', where: is('c') },
    ];
    expect(found({ skip, sequence }, 'b1 b2 b3 c')).toEqual(expected);
  });

  it.each([
    ['no_skip', ['a b1', 'a b1 b2', 'a b1 b2 b3']],
    ['to_next', ['a b1']],
  ])('skip with a loop at the end: %s', (skip, expected) => {
    const sequence = [
      { begin: 'a', where: is('a') },
      { followed_by: 'b', where: is('b'), one_or_more: true },
    ];
    expect(found({ skip, sequence }, 'a b1 b2 b3')).toEqual(expected);
  });

  it('what does not come at the end is known when the time is over', () => {
    const sequence = [
      { begin: 'a', where: is('a') },
      { not_followed_by: 'x', where: is('b') },
    ];
    const { matches } = runPattern({ within: '1s', sequence }, events('a1 a2 b a3 c'));
    expect(matches).toEqual([{ ids: ['a3'], time: 1004 }]);
  });
});

it('the example of the guide', () => {
  const sequence = [
    { begin: 'small', where: 'amount < 2', times: 2 },
    { followed_by: 'big', where: 'amount > 500 && amount > 100 * small.amount' },
  ];
  const options = { by: ['card.id'], within: '10m', skip: 'past_last_event', sequence };
  const record = (id: string, time: number, amount: number): CaseEvent => ({ id, time, amount, card: { id: 'c1' } });
  const records = [record('a', 0, 1), record('b', 40_000, 30), record('c', 60_000, 1), record('d', 180_000, 900)];
  expect(runPattern(options, records).matches).toEqual([{ ids: ['a', 'c', 'd'], time: 180_000 }]);
});

/** A case of ../shared/data/windows/cases.json. */
interface PatternCase {
  readonly id: string;
  readonly kind: string;
  readonly config: { readonly pattern: readonly Record<string, JsonValue>[] };
  readonly steps: readonly { readonly event?: Record<string, JsonValue>; readonly expect_matches?: readonly string[][] }[];
}

const file = new URL('../../../shared/data/windows/cases.json', import.meta.url);
const cases = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as { cases: PatternCase[] }).cases : [];

describe.runIf(cases.length > 0)('cases of other engines', () => {
  const LINKS: Readonly<Record<string, string>> = {
    followedBy: 'followed_by',
    followedByAny: 'followed_by_any',
    notFollowedBy: 'not_followed_by',
    next: 'next',
  };

  it.each(cases.filter(({ kind }) => kind === 'pattern'))('$id', ({ config, steps }) => {
    const options: JsonObject = {};
    const sequence: JsonObject[] = [];
    for (const { step, not, name = not, contiguity, within_ms: within } of config.pattern) {
      if (typeof within === 'number') options['within'] = `${within}ms`;
      else
        sequence.push({
          [LINKS[contiguity as string] ?? 'begin']: String(step ?? not).replaceAll('-', '_'),
          where: Array.isArray(name) ? `name in ${JSON.stringify(name)}` : is(name as string),
        });
    }
    const given = steps.flatMap(({ event }) => (event === undefined ? [] : [event]));
    const records = given.map(({ ts, ...event }): CaseEvent => ({ ...event, id: String(event['id']), time: Number(ts) }));
    const expected = steps.flatMap(({ expect_matches: matches = [] }) => matches);
    const inSomeOrder = (matches: readonly (readonly string[])[]): string[] => matches.map((ids) => ids.join(' ')).toSorted();
    const { matches } = runPattern({ ...options, sequence }, records);
    expect(inSomeOrder(matches.map(({ ids }) => ids))).toEqual(inSomeOrder(expected));
  });
});
