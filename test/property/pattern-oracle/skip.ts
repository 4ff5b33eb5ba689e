import type { Skip } from './options.ts';

export interface TakenRecord {
  readonly name: string;
  /** Of the record among all of the key. */
  readonly index: number;
}

export interface Match {
  readonly taken: readonly TakenRecord[];
  /** The record that decided it: the last one taken, or a later one where a negation had to hold. */
  readonly completion: number;
}

interface Skipped {
  readonly matches: readonly Match[];
  readonly ambiguous: boolean;
}

const startOf = ({ taken }: Match): number => taken[0]?.index ?? 0;

/** Until which record partial matches that began with a record were under way. */
export type Lifetimes = ReadonlyMap<number, number>;

/** A partial match that is still under way at the end. */
export const STILL_OPEN = Number.POSITIVE_INFINITY;

/**
 * What a skip strategy leaves of all matches. Flink emits a match once no partial match began before it, in the order of their
 * first records, then as they complete; each one emitted discards the matches and partial matches that began in the span that the
 * strategy skips. A match that began after a partial match that is still open waits.
 */
export function applySkip(all: readonly Match[], lifetimes: Lifetimes, skip: Skip): Skipped {
  if (skip === 'no_skip') return { matches: all, ambiguous: false };
  const waiting = all.toSorted((a, b) => startOf(a) - startOf(b) || a.completion - b.completion);
  const under = new Map(lifetimes);
  const matches: Match[] = [];
  let ambiguous = false;
  let now = 0;
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    const start = startOf(next);
    now = Math.max(now, next.completion, ...[...under].map(([began, end]) => (began < start ? end : 0)));
    if (now === STILL_OPEN) break;
    const rivals = [next, ...waiting].filter((each) => startOf(each) === start && each.completion <= now);
    ambiguous ||= rivals.length > 1 && rivals.some((each) => skipsItself(each, skip));
    matches.push(next);
    const end = endOfSkip(next, skip);
    for (const began of under.keys()) if (began < end) under.delete(began);
    for (let at = waiting.length - 1; at >= 0; at--) if (startOf(waiting[at] as Match) < end) waiting.splice(at, 1);
  }
  return { matches, ambiguous };
}

const skipsItself = (match: Match, skip: Skip): boolean => endOfSkip(match, skip) > startOf(match);

/** What began before this record is discarded. */
function endOfSkip(match: Match, skip: Skip): number {
  if (skip === 'to_next') return startOf(match) + 1;
  if (skip === 'past_last_event') return (match.taken.at(-1)?.index ?? 0) + 1;
  if (skip === 'no_skip') return 0;
  const name = 'to_first' in skip ? skip.to_first : skip.to_last;
  const taken = match.taken.filter((each) => each.name === name);
  return ('to_first' in skip ? taken[0] : taken.at(-1))?.index ?? 0;
}
