import type { SourceFault } from '../../support/planted.ts';

const WALK = 'test/property/pattern-oracle/walk.ts';
const SEARCH = 'test/property/pattern-oracle/naive-matcher.ts';
const SKIP = 'test/property/pattern-oracle/skip.ts';
const SEQUENCE = 'test/property/pattern-oracle/sequence.ts';

const fault =
  (file: string) =>
  (find: string, put: string): SourceFault => ({ file, find, put });
const inWalk = fault(WALK);
const inSearch = fault(SEARCH);
const inSkip = fault(SKIP);
const inSequence = fault(SEQUENCE);

/** Mistakes that a matcher of patterns could have, planted into the naive one: what random patterns must show of any matcher. */
export const faults: Readonly<Record<string, SourceFault>> = {
  'the contiguity before a loop taken for the one inside of it': inWalk(
    '{ contiguity: element.inner, inner: true }',
    '{ contiguity: element.contiguity, inner: true }',
  ),
  'a negation after a loop that is not in force between its records': inWalk('(within(carry, around.nots, mayEnd))', '(carry)'),
  'not_next in force before the loop could end': inWalk("kind === 'not_followed_by' || mayEnd", 'true || kind'),
  'a greedy loop that may be left out although a record would fit': inWalk('after(withGreed(carry, step))', 'after(carry)'),
  'greedy without effect': inWalk('return greedy ?', 'return greedy && carry.never.length < 0 ?'),
  'a negation forgotten with the option that is left out': inWalk(
    'after(withGreed(carry, step))',
    'after(withGreed(NOTHING, step))',
  ),
  'a loop that goes once too often': inWalk('count < element.max', 'count <= element.max'),
  'a loop that may end too soon': inWalk('count >= element.min', 'count >= element.min - 1'),
  'an option that is never left out': inWalk('if (!step.optional) return entered;', 'if (step.min > 0) return entered;'),
  'a negation that binds the second record after it as well': inWalk(
    'next: () => done(NOTHING)',
    'next: () => done(carry.never.length > 0 ? carry : NOTHING)',
  ),
  'a span of exactly within that is not too long': inSearch(
    'if (this.#timeOf(index) >= late) return',
    'if (this.#timeOf(index) > late) return',
  ),
  'within since the record before in place of the first': inSearch(
    'this.#timeOf(start) + this.#window',
    'this.#timeOf(this.#lastOf(taken)) + this.#window',
  ),
  'until in force before the loop begins': inSearch('(stopped && branch.inner)', 'stopped'),
  'until that is passed over inside a loop': inSearch(' || (stopped && branch.inner)', ''),
  'a record taken that meets until': inSearch(
    'if (fits && !stopped) this.#take(branch, taken',
    'if (fits) this.#take(branch, taken',
  ),
  'relaxed as if it were non-deterministic': inSearch(
    "(branch.contiguity === 'relaxed' && !fits)",
    "branch.contiguity === 'relaxed'",
  ),
  'strict as if it were relaxed': inSearch("(branch.contiguity === 'relaxed' && !fits)", '!fits'),
  'non-deterministic as if it were relaxed': inSearch(
    "branch.contiguity === 'any' || ",
    "(branch.contiguity === 'any' && !fits) || ",
  ),
  'a condition that sees the record at hand among the earlier ones': inSearch(
    'const context = this.#contextOf(taken);',
    "const context = this.#contextOf([...taken, { name: element.name ?? '', index }]);",
  ),
  'a condition that sees no earlier records': inSearch(
    'const context = this.#contextOf(taken);',
    'const context = this.#contextOf(taken.slice(0, 0));',
  ),
  'a negation at the end that does not wait': inSearch(
    'else this.#note(taken, this.#awaitEnd(taken), false);',
    'else this.matches.push({ taken, completion: this.#lastOf(taken) });',
  ),
  'a negation at the end that no record breaks': inSearch(
    'if (index < this.#events.length && this.#meetsTrailing(taken, index)) return',
    'if (index < 0) return',
  ),
  'a record that breaks a negation at the end when the time is up': inSearch(
    'for (let index = this.#lastOf(taken) + 1; index <= this.#events.length; index++) {',
    'for (let index = this.#lastOf(taken) + 1; index <= this.#events.length; index++) {\n      if (this.#meetsTrailing(taken, index)) return { end: index };',
  ),
  'not_next as if it were not_followed_by': inSearch('(follows && taken.length > 0', '(taken.length > 0'),
  'not_followed_by as if it were not_next': inSearch('carry.never.some(meets) ||', '(follows && carry.never.some(meets)) ||'),
  'a partial match timed out at the record that shows it': inSearch(
    'if (this.#timeOf(index) >= late) return { end: index, late };',
    'if (this.#timeOf(index) >= late) return { end: index, late: this.#timeOf(index) };',
  ),
  'partial matches that time out without a word': inSearch(
    'if (late !== undefined && reported)',
    'if (late !== undefined && reported && end < 0)',
  ),
  'past_last_event that lets the last record begin a match': inSkip(
    '(match.taken.at(-1)?.index ?? 0) + 1',
    '(match.taken.at(-1)?.index ?? 0)',
  ),
  'to_next that skips one record more': inSkip('return startOf(match) + 1;', 'return startOf(match) + 2;'),
  'to_first that goes to the last': inSkip("('to_first' in skip ? taken[0] : taken.at(-1))", 'taken.at(-1)'),
  'to_last that goes to the first': inSkip("('to_first' in skip ? taken[0] : taken.at(-1))", 'taken[0]'),
  'a match that overtakes one that began before it': inSkip('if (now === STILL_OPEN) break;', ''),
  'times from, taken for times': inSequence('(times.to ?? Number.POSITIVE_INFINITY)', '(times.to ?? times.from)'),
};
