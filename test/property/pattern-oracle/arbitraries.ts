import fc from 'fast-check';
import type { PatternEvent, PatternItem, PatternOptions, Relation, Skip } from './options.ts';
import { isLoop, outOfRange } from './range.ts';

/** A pattern and the records of one key, in the order of their times. */
export interface PatternWorld {
  readonly options: PatternOptions;
  readonly events: readonly PatternEvent[];
}

/** The names that elements ask for; records have one more, which is nobody's. */
const LETTERS = ['a', 'b', 'c'] as const;
const MOST_EVENTS = 8;

const letter = fc.constantFrom(...LETTERS);

/** A negation, of one of the names that can be meant there. */
interface Refusal {
  readonly kind: 'not_next' | 'not_followed_by';
  readonly pick: number;
}

const refusals: fc.Arbitrary<Refusal> = fc.record({
  kind: fc.constantFrom('not_next', 'not_followed_by', 'not_followed_by'),
  pick: fc.nat({ max: 11 }),
});

/** What is drawn for one element, before it is known what stands around it. */
interface Draw {
  readonly relation: Exclude<Relation, 'begin'>;
  readonly letters: readonly string[];
  readonly condition: 'name' | 'amount' | 'growing' | 'bounded' | 'counted';
  readonly quantifier: 'one' | 'twice' | 'range' | 'or_more' | 'one_or_more';
  readonly inner: 'relaxed' | 'consecutive' | 'allow_combinations';
  readonly optional: boolean;
  readonly greedy: boolean;
  readonly until: string | undefined;
  readonly within: number | undefined;
  /** The elements of a group that stands in its place. */
  readonly group: readonly Draw[];
  /** What must not come before it. */
  readonly negation: Refusal | undefined;
}

const optionally = <T>(weight: number, arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.oneof({ weight: 10 - weight, arbitrary: fc.constant(undefined) }, { weight, arbitrary });

const seldom = (weight: number): fc.Arbitrary<boolean> => optionally(weight, fc.constant(true)).map((drawn) => drawn === true);

function draws(inGroup: boolean): fc.Arbitrary<Draw> {
  return fc.record({
    relation: fc.constantFrom('next', 'followed_by', 'followed_by', 'followed_by_any'),
    letters: fc.oneof(
      { weight: 8, arbitrary: letter.map((one) => [one]) },
      { weight: 2, arbitrary: fc.uniqueArray(letter, { minLength: 2, maxLength: 2 }) },
      { weight: 1, arbitrary: fc.constant([...LETTERS, 'd']) },
    ),
    condition: fc.constantFrom('name', 'name', 'name', 'amount', 'growing', 'bounded', 'counted'),
    quantifier: fc.constantFrom('one', 'one', 'one', 'twice', 'range', 'or_more', 'one_or_more', 'one_or_more'),
    inner: fc.constantFrom('relaxed', 'consecutive', 'allow_combinations'),
    optional: seldom(2),
    greedy: seldom(3),
    until: optionally(2, letter),
    within: inGroup ? fc.constant(undefined) : optionally(1, fc.integer({ min: 2, max: 5 })),
    group: inGroup
      ? fc.constant([])
      : optionally(1, fc.array(draws(true), { minLength: 1, maxLength: 2 })).map((made) => made ?? []),
    negation: optionally(3, refusals),
  }) as fc.Arbitrary<Draw>;
}

/** Records with times that rise by 1 to 3 ms. */
const events: fc.Arbitrary<PatternEvent[]> = fc
  .array(
    fc.record({
      name: fc.constantFrom(...LETTERS, ...LETTERS, 'd'),
      gap: fc.integer({ min: 1, max: 3 }),
      amount: fc.integer({ min: 1, max: 4 }),
    }),
    { minLength: 4, maxLength: MOST_EVENTS, size: 'max' },
  )
  .map((made) => {
    let time = 0;
    return made.map(({ name, gap, amount }, n) => {
      time += gap;
      return { id: `${name}${n}`, time, name, amount };
    });
  });

/** Random patterns within the range of the naive matcher, with random records. */
export const patternWorlds: fc.Arbitrary<PatternWorld> = fc
  .record({
    drawn: fc.array(draws(false), { minLength: 1, maxLength: 4 }),
    ending: optionally(2, refusals),
    within: optionally(4, fc.integer({ min: 2, max: 9 })),
    skip: fc.constantFrom('no_skip', 'no_skip', 'no_skip', 'to_next', 'past_last_event', 'to_first', 'to_last'),
    target: fc.nat(),
    timedOut: fc.boolean(),
    events,
  })
  .map(({ drawn, ending, within, skip, target, timedOut, events: records }) => {
    const sequence = sequenceOf(drawn, ending, within !== undefined);
    const chosen = skipOf(skip, target, sequence);
    const emits =
      timedOut && chosen === 'no_skip' && (within !== undefined || sequence.some((item) => item.within !== undefined));
    const options: PatternOptions = {
      sequence: sequence.map((item) => capped(item, within)),
      ...(within === undefined ? {} : { within: `${within}ms` }),
      ...(chosen === 'no_skip' ? {} : { skip: chosen }),
      ...(emits ? { timed_out: 'emit' as const } : {}),
    };
    return { options, events: records };
  })
  .filter(({ options }) => outOfRange(options) === undefined);

/** Flink refuses a time since the record before that is longer than that of the whole. */
function capped(item: PatternItem, whole: number | undefined): PatternItem {
  if (item.within === undefined || whole === undefined) return item;
  return { ...item, within: `${Math.min(Number.parseInt(item.within, 10), whole)}ms` };
}

function skipOf(kind: string, target: number, sequence: readonly PatternItem[]): Skip {
  if (kind === 'no_skip' || kind === 'to_next' || kind === 'past_last_event') return kind;
  const names = sequence.flatMap((item) => [item.begin, item.next, item.followed_by, item.followed_by_any]);
  const named = names.filter((name) => typeof name === 'string');
  const name = named[target % Math.max(1, named.length)];
  if (name === undefined) return 'no_skip';
  return kind === 'to_first' ? { to_first: name } : { to_last: name };
}

function sequenceOf(drawn: readonly Draw[], ending: Refusal | undefined, limited: boolean): PatternItem[] {
  const items = itemsOf(drawn, '', []);
  const mayEnd = limited || ending?.kind === 'not_next';
  const negated = mayEnd ? negationOf(ending, 'ending', [], items.at(-1)) : undefined;
  return negated === undefined ? items : [...items, negated];
}

/** The items, mended so that they mean something: Flink refuses what is left out here. */
function itemsOf(drawn: readonly Draw[], prefix: string, before: readonly string[]): PatternItem[] {
  const items: PatternItem[] = [];
  const certain = [...before];
  for (const [at, draw] of drawn.entries()) {
    const name = `${prefix}e${at + 1}`;
    const previous = items.at(-1);
    const mustBe = drawn.length === 1 || (at === 0 && drawn.every(({ optional }) => optional)) || (prefix !== '' && at === 0);
    const item = elementOf(draw, name, certain, { first: at === 0, head: prefix !== '' && at === 0 });
    const optional = item.optional === true && !mustBe && previous?.greedy !== true;
    const mended = optional ? item : withoutOption(item);
    const negated = negationOf(draw.negation, `${prefix}not${at + 1}`, drawn.slice(at), previous);
    if (negated !== undefined) items.push(negated);
    items.push(mended);
    if (!optional && draw.group.length === 0) certain.push(name);
  }
  return items;
}

/** A negation of a name for which no record could be both what must not come and what is waited for. */
function negationOf(drawn: Refusal | undefined, name: string, ahead: readonly Draw[], previous: PatternItem | undefined) {
  if (drawn === undefined || previous === undefined || previous.optional === true || previous.greedy === true) return undefined;
  const end = ahead.findIndex(({ optional }) => !optional);
  const waited = ahead.slice(0, end < 0 ? ahead.length : end + 1).flatMap(lettersOf);
  const free = [...LETTERS, 'd'].filter((each) => !waited.includes(each) && !clashes([previous], each));
  const letter = free[drawn.pick % Math.max(1, free.length)];
  return letter === undefined ? undefined : { [drawn.kind]: name, where: `name === '${letter}'` };
}

const lettersOf = ({ letters, group }: Draw): readonly string[] => [...letters, ...group.flatMap((each) => each.letters)];

/** Whether an element before a negation could take, in its loop, a record that must not come. */
function clashes(items: readonly PatternItem[], name: string): boolean {
  return items.some((item) => {
    const group = [item.begin, item.next, item.followed_by, item.followed_by_any].find((target) => typeof target === 'object');
    if (group !== undefined) return isLoop(item) || item.times !== undefined || clashes(group, name);
    return (isLoop(item) || item.times !== undefined) && (item.where === undefined || item.where.includes(`'${name}'`));
  });
}

function elementOf(
  draw: Draw,
  name: string,
  certain: readonly string[],
  { first, head }: { first: boolean; head: boolean },
): PatternItem {
  const relation: Relation = first ? 'begin' : draw.relation;
  const isGroup = draw.group.length > 0;
  const quantifier = head ? 'one' : draw.quantifier;
  const loops = quantifier === 'or_more' || quantifier === 'one_or_more';
  const greedy = draw.greedy && !isGroup && (loops || quantifier === 'range') && draw.inner !== 'allow_combinations';
  const common: PatternItem = {
    ...timesOf(quantifier),
    ...(quantifier !== 'one' && draw.inner !== 'relaxed' ? { [draw.inner]: true } : {}),
    ...(draw.optional ? { optional: true } : {}),
    ...(greedy ? { greedy: true } : {}),
    ...(loops && !isGroup && !greedy && draw.until !== undefined ? { until: `name === '${draw.until}' && amount >= 2` } : {}),
    ...(first || isGroup || draw.within === undefined ? {} : { within: `${draw.within}ms` }),
  };
  if (isGroup) return { [relation]: itemsOf(draw.group, `${name}_`, certain), ...common };
  const where = conditionOf(draw, name, certain.at(-1));
  return { [relation]: name, ...(where === undefined ? {} : { where }), ...common };
}

function timesOf(quantifier: Draw['quantifier']): PatternItem {
  switch (quantifier) {
    case 'one':
      return {};
    case 'twice':
      return { times: 2 };
    case 'range':
      return { times: { from: 1, to: 3 } };
    case 'or_more':
      return { times: { from: 2 } };
    case 'one_or_more':
      return { one_or_more: true };
  }
}

/** Refers to earlier elements only where they surely have a record. */
function conditionOf({ letters, condition }: Draw, self: string, earlier: string | undefined): string | undefined {
  if (letters.length > LETTERS.length) return undefined;
  const names = letters.map((each) => `name === '${each}'`).join(' || ');
  const named = letters.length > 1 ? `(${names})` : names;
  if (condition === 'amount') return `${named} && amount >= 2`;
  if (condition === 'growing' && earlier !== undefined) return `${named} && amount >= ${earlier}.amount`;
  if (condition === 'bounded') return `${named} && sum(${self}.amount) + amount <= 5`;
  if (condition === 'counted' && earlier !== undefined) return `${named} && amount <= count(${earlier}) + max(${earlier}.amount)`;
  return names;
}

function withoutOption(item: PatternItem): PatternItem {
  const { optional: _, ...rest } = item;
  return rest;
}
