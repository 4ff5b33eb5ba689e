import type { PatternItem, PatternOptions } from '../property/pattern-oracle/options.ts';

/** Options that must be refused, and what is wrong with them. */
export interface MalformedPattern {
  readonly name: string;
  /** What Flink says, or that its interface has no way to write it. */
  readonly source: string;
  /** Of the wrong sort on purpose in places: what a file may hold. */
  readonly options: PatternOptions;
  /** In a few words, for the one who wrote the pattern. */
  readonly reason: string;
}

const a: PatternItem = { begin: 'a', where: "name === 'a'" };
const b: PatternItem = { followed_by: 'b', where: "name === 'b'" };
const c: PatternItem = { followed_by: 'c', where: "name === 'c'" };
const noB: PatternItem = { not_followed_by: 'b', where: "name === 'b'" };
const group: PatternItem = { followed_by: [{ begin: 'b', where: "name === 'b'" }, c] };

const NO_WAY = 'cannot be written in Flink';

type Row = readonly [name: string, source: string, reason: string, options: PatternOptions];

const sequence = (...items: readonly PatternItem[]): PatternOptions => ({ sequence: items });

const NAMES: readonly Row[] = [
  [
    'two elements of one name',
    'NFACompilerTest: Duplicate pattern name',
    'names are unique',
    sequence(a, b, { ...c, followed_by: 'a' }),
  ],
  [
    'a name inside a group that is one outside of it',
    'NFACompiler: Duplicate pattern name',
    'names are unique',
    sequence(a, { followed_by: [{ begin: 'a' }, c] }),
  ],
  [
    'a negation of the name of an element',
    'NFACompiler: Duplicate pattern name',
    'names are unique',
    sequence(a, { ...noB, not_followed_by: 'a' }, c),
  ],
  [
    'a skip to a name that no element has',
    'NFACompilerTest.testSkipToNotExistsMatchingPattern',
    'skip names an element',
    { sequence: [a, b], skip: { to_last: 'midd' } },
  ],
];

const INSIDE: Row = [
  'a skip to an element inside a group',
  'NFACompiler: The pattern name specified in AfterMatchSkipStrategy can not be found',
  'skip names an element of the sequence itself',
  { sequence: [a, group], skip: { to_first: 'c' } },
];

const NEGATIONS: readonly Row[] = [
  [
    'not_followed_by at the end without within',
    'NFACompilerTest.testNFACompilerPatternEndsWithNotFollowedBy',
    'it would wait for ever',
    sequence(a, noB),
  ],
  [
    'an optional negation',
    'Quantifier: NOT pattern cannot be optional',
    'a negation is not optional',
    sequence(a, { ...noB, optional: true }, c),
  ],
  [
    'a negation in a loop',
    'Pattern: Option not applicable to NOT pattern',
    'a negation has no quantifier',
    sequence(a, { ...noB, one_or_more: true }, c),
  ],
  [
    'a negation some times',
    'Pattern: Option not applicable to NOT pattern',
    'a negation has no quantifier',
    sequence(a, { ...noB, times: 2 }, c),
  ],
  [
    'a greedy negation',
    'Pattern: Option not applicable to NOT pattern',
    'a negation has no quantifier',
    sequence(a, { ...noB, greedy: true }, c),
  ],
  [
    'not_followed_by after an option',
    'Pattern: an optional path to NOT condition',
    'a negation needs a record before it',
    sequence(a, { ...b, optional: true }, { ...noB, not_followed_by: 'n' }, c),
  ],
  [
    'not_next after an option',
    'Pattern: an optional path to NOT condition',
    'a negation needs a record before it',
    sequence(a, { ...b, optional: true }, { not_next: 'n' }, c),
  ],
  ['not_followed_by first', NO_WAY, 'a pattern begins with begin', sequence(noB, c)],
  ['not_next first in a group', NO_WAY, 'a group begins with begin', sequence(a, { followed_by: [{ not_next: 'n' }, c] })],
  [
    'a negation of a group',
    NO_WAY,
    'a negation has a name',
    sequence(a, { not_followed_by: [{ begin: 'b' }] as unknown as string }, c),
  ],
];

const QUANTIFIERS: readonly Row[] = [
  [
    'two quantifiers',
    'Pattern: Already applied quantifier',
    'times or one_or_more',
    sequence({ ...a, times: 2, one_or_more: true }),
  ],
  ['times 0', 'Pattern: a positive number', 'times is 1 or more', sequence({ ...a, times: 0 })],
  [
    'times down',
    'Quantifier.Times: to should be greater than or equal to from',
    'to is from or more',
    sequence({ ...a, times: { from: 3, to: 2 } }),
  ],
  [
    'greedy once',
    'Quantifier: not applicable to singleton quantifier',
    'greedy is of loops',
    sequence({ ...a, greedy: true }, b),
  ],
  [
    'a greedy group',
    'Pattern: Option not applicable to group pattern',
    'a group is not greedy',
    sequence(a, { ...group, one_or_more: true, greedy: true }),
  ],
  [
    'greedy with combinations',
    'Quantifier: not applicable to FollowedByAny pattern',
    'greedy leaves nothing to combine',
    sequence({ ...a, one_or_more: true, allow_combinations: true, greedy: true }, b),
  ],
  [
    'an option after a greedy loop',
    'Pattern: Optional pattern cannot be preceded by greedy pattern',
    'no option after greedy',
    sequence({ ...a, one_or_more: true, greedy: true }, { ...b, optional: true }, c),
  ],
  [
    'consecutive once',
    'Quantifier: Consecutive not applicable',
    'consecutive is of loops and times',
    sequence({ ...a, consecutive: true }, b),
  ],
  [
    'combinations of one',
    'Quantifier: Combinations not applicable',
    'allow_combinations is of loops and times',
    sequence({ ...a, allow_combinations: true }, b),
  ],
  [
    'consecutive combinations',
    'Quantifier: either combinations or consecutive, not both',
    'one of the two',
    sequence({ ...a, one_or_more: true, consecutive: true, allow_combinations: true }),
  ],
  [
    'until once',
    'Pattern: until is only applicable to looping states',
    'until is of loops',
    sequence({ ...a, until: "name === 'x'" }, b),
  ],
  [
    'until with times',
    'Pattern: until is only applicable to looping states',
    'until is of loops without an end',
    sequence({ ...a, times: 2, until: "name === 'x'" }, b),
  ],
  [
    'until with a range of times',
    'Pattern: until is only applicable to looping states',
    'until is of loops without an end',
    sequence({ ...a, times: { from: 1, to: 3 }, until: "name === 'x'" }, b),
  ],
];

const SHAPES: readonly Row[] = [
  [
    'where on a group',
    'GroupPattern does not support where clause',
    'its elements have conditions',
    sequence(a, { ...group, where: "name === 'b'" }),
  ],
  [
    'within of an element longer than of the whole',
    'NFACompilerTest.testCheckPatternWindowTimes',
    'the whole ends sooner',
    { sequence: [a, { ...b, within: '3s' }], within: '2ms' },
  ],
  ['no element', NO_WAY, 'a pattern has an element', sequence()],
  ['an empty group', NO_WAY, 'a group has an element', sequence(a, { followed_by: [] })],
  ['no begin', NO_WAY, 'a pattern begins with begin', sequence(b, c)],
  ['begin twice', NO_WAY, 'begin is of the first', sequence(a, { begin: 'b' })],
  ['two relations', NO_WAY, 'one of begin, next, followed_by and the others', sequence(a, { next: 'b', followed_by: 'b' })],
];

const rows = [...NAMES, INSIDE, ...NEGATIONS, ...QUANTIFIERS, ...SHAPES];

/** Patterns that Flink refuses, and shapes that its interface does not let one write. */
export const malformedPatterns: readonly MalformedPattern[] = rows.map(([name, source, reason, options]) => ({
  name,
  source,
  reason,
  options,
}));
