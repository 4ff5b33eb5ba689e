import type { Condition, Taken } from './condition.ts';
import type { Found, PatternEvent, PatternOptions, TimedOut } from './options.ts';
import { durationOf, type Not, stepsOf } from './sequence.ts';
import { applySkip, type Match, STILL_OPEN, type TakenRecord } from './skip.ts';
import { type Branch, type Choice, firstChoice } from './walk.ts';

/** What a matcher finds, and whether Flink leaves the choice among matches to chance. */
export interface NaivelyFound extends Found {
  /** Of each of `matches`, which element took each record. */
  readonly elements: readonly (readonly string[])[];
  /**
   * With a skip strategy, matches that begin with the same record compete where they are emitted at once, and Flink takes the one
   * that comes first out of a priority queue, which knows where they begin and nothing else.
   */
  readonly ambiguous: boolean;
}

/**
 * Finds the matches of a pattern in the records of one key by trying everything: no states, no automaton, no sharing; time and
 * memory grow exponentially (some ten records are fine). Written from the documentation of Flink CEP
 * (docs/content/docs/libs/cep.md) and what Flink's tests assert, as the judge of the step `pattern`.
 *
 * How it reads a pattern. A match takes records one after the other; between two of them lies a gap, and the pattern says what
 * may be in it:
 *
 * - `next`, `consecutive`: nothing. `followed_by` and the default inside a loop: nothing that would itself have fitted.
 *   `followed_by_any`, `allow_combinations`: anything. Where a step may be left out, the gap of the step after it is measured from the
 *   record taken last.
 * - `until`: inside a loop, no record of a gap and none that is taken meets it. The gap before the loop may hold such a record.
 * - `not_followed_by`: no record from after the step before it to the next one taken meets it. After a loop that is already so
 *   between the records of the loop; before steps left out it holds up to the step that is taken. At the end of a pattern it holds
 *   until the time is up, and the match is there only then.
 * - `not_next`: the record right after does not meet it; after a loop that goes for every record after which the loop could end.
 *   At the end of a pattern the match is there with the next record.
 * - `greedy`: between a loop and the next step taken, that one included, there is no record which the loop would have taken.
 * - `within`: a record that comes when the time is up, to the millisecond, is too late, and the partial match ends as timed out.
 * - conditions see what the partial match has taken before the record at hand.
 *
 * Timed-out partial matches are those that could still have taken a record, a loop that has its match already among them; each is
 * listed once, while Flink lists it once for every state it may be in.
 *
 * Its range: all of the options, but for what `outOfRange` names, where what Flink does follows from how its automaton is built, not
 * from what it documents. Where a group repeats, Flink may find one match several times (a state that may both wait and go on): this
 * lists it once, so compare sets there.
 */
export function naiveMatches(
  options: PatternOptions,
  events: readonly PatternEvent[],
  watermark = lastTime(events),
): NaivelyFound {
  const search = new Search(options, events, watermark);
  search.run();
  const { matches, ambiguous } = applySkip(search.matches, search.lifetimes, options.skip ?? 'no_skip');
  return {
    matches: matches.map(({ taken }) => idsOf(taken, events)),
    elements: matches.map(({ taken }) => taken.map(({ name }) => name)),
    timedOut: options.timed_out === 'emit' ? distinct(search.timedOut) : [],
    ambiguous,
  };
}

const lastTime = (events: readonly PatternEvent[]): number => events.at(-1)?.time ?? Number.NEGATIVE_INFINITY;

const idsOf = (taken: readonly TakenRecord[], events: readonly PatternEvent[]): string[] =>
  taken.map(({ index }) => events[index]?.id ?? '');

function distinct(all: readonly TimedOut[]): TimedOut[] {
  return [...new Map(all.map((each) => [JSON.stringify(each), each])).values()];
}

/** What becomes of a partial match that waits for a record: when it ends (the index of a record), and whether for want of time. */
interface Fate {
  readonly end: number;
  readonly late?: number;
}

const OPEN: Fate = { end: STILL_OPEN };

class Search {
  readonly matches: Match[] = [];
  readonly lifetimes = new Map<number, number>();
  readonly timedOut: TimedOut[] = [];
  readonly #first: Choice;
  readonly #trailing: readonly Not[];
  readonly #window: number;
  readonly #events: readonly PatternEvent[];
  readonly #watermark: number;

  constructor(options: PatternOptions, events: readonly PatternEvent[], watermark: number) {
    const steps = stepsOf(options.sequence);
    this.#first = firstChoice(steps);
    this.#trailing = steps.slice(steps.findLastIndex(({ kind }) => kind === 'element') + 1) as Not[];
    this.#window = durationOf(options.within) ?? Number.POSITIVE_INFINITY;
    this.#events = events;
    this.#watermark = watermark;
  }

  run(): void {
    for (const index of this.#events.keys()) {
      for (const branch of this.#first.branches) {
        const { fits, stopped, forbidden } = this.#judge(branch, index, []);
        if (fits && !stopped && !forbidden) this.#take(branch, [], index);
      }
    }
  }

  #take({ element, next }: Branch, before: readonly TakenRecord[], index: number): void {
    const taken = [...before, { name: element.name ?? '', index }];
    const choice = next();
    if (choice.finish) this.#complete(taken);
    for (const branch of choice.branches) this.#note(taken, this.#wait(branch, taken), true);
  }

  /** Tries every record that may come next. */
  #wait(branch: Branch, taken: readonly TakenRecord[]): Fate {
    const late = this.#deadline(taken, branch.element.within);
    for (let index = this.#lastOf(taken) + 1; index < this.#events.length; index++) {
      if (this.#timeOf(index) >= late) return { end: index, late };
      const { fits, stopped, forbidden } = this.#judge(branch, index, taken);
      if (forbidden) return { end: index };
      if (fits && !stopped) this.#take(branch, taken, index);
      const ignores = branch.contiguity === 'any' || (branch.contiguity === 'relaxed' && !fits);
      if (!ignores || (stopped && branch.inner)) return { end: index };
    }
    return this.#watermark >= late ? { end: this.#events.length, late } : OPEN;
  }

  #judge({ element, carry }: Branch, index: number, taken: readonly TakenRecord[]) {
    const event = this.#events[index];
    if (event === undefined) throw new Error('there is no such record');
    const context = this.#contextOf(taken);
    const meets = (condition: Condition): boolean => condition(event, context);
    const follows = index === this.#lastOf(taken) + 1;
    return {
      fits: meets(element.where),
      stopped: element.until !== undefined && meets(element.until),
      forbidden: carry.never.some(meets) || (follows && taken.length > 0 && carry.notNext.some(meets)),
    };
  }

  /** All steps have what they need; a negation at the end has yet to hold. */
  #complete(taken: readonly TakenRecord[]): void {
    const [last] = this.#trailing;
    if (last === undefined) this.matches.push({ taken, completion: this.#lastOf(taken) });
    else if (last.kind === 'not_next') this.#note(taken, this.#awaitNext(taken), true);
    else this.#note(taken, this.#awaitEnd(taken), false);
  }

  #awaitNext(taken: readonly TakenRecord[]): Fate {
    const index = this.#lastOf(taken) + 1;
    const late = this.#deadline(taken, undefined);
    const isLate = (index < this.#events.length ? this.#timeOf(index) : this.#watermark) >= late;
    if (isLate) return { end: index, late };
    if (index === this.#events.length) return OPEN;
    if (!this.#meetsTrailing(taken, index)) this.matches.push({ taken, completion: index });
    return { end: index };
  }

  #awaitEnd(taken: readonly TakenRecord[]): Fate {
    const late = Math.min(...this.#trailing.map(({ within }) => this.#deadline(taken, within)));
    for (let index = this.#lastOf(taken) + 1; index <= this.#events.length; index++) {
      if ((index < this.#events.length ? this.#timeOf(index) : this.#watermark) >= late) {
        this.matches.push({ taken, completion: index });
        return { end: index };
      }
      if (index < this.#events.length && this.#meetsTrailing(taken, index)) return { end: index };
    }
    return OPEN;
  }

  #meetsTrailing(taken: readonly TakenRecord[], index: number): boolean {
    const event = this.#events[index];
    return event !== undefined && this.#trailing.some(({ where }) => where(event, this.#contextOf(taken)));
  }

  #note(taken: readonly TakenRecord[], { end, late }: Fate, reported: boolean): void {
    const start = taken[0]?.index ?? 0;
    this.lifetimes.set(start, Math.max(end, this.lifetimes.get(start) ?? 0));
    if (late !== undefined && reported) this.timedOut.push({ ids: idsOf(taken, this.#events), time: late });
  }

  #deadline(taken: readonly TakenRecord[], sincePrevious = Number.POSITIVE_INFINITY): number {
    const start = taken[0]?.index ?? 0;
    return Math.min(this.#timeOf(start) + this.#window, this.#timeOf(this.#lastOf(taken)) + sincePrevious);
  }

  #contextOf(taken: readonly TakenRecord[]): Taken {
    const records = new Map<string, PatternEvent[]>();
    for (const { name, index } of taken) {
      const event = this.#events[index];
      if (event !== undefined) records.set(name, [...(records.get(name) ?? []), event]);
    }
    return records;
  }

  #lastOf = (taken: readonly TakenRecord[]): number => taken.at(-1)?.index ?? -1;

  #timeOf = (index: number): number => this.#events[index]?.time ?? Number.NaN;
}
