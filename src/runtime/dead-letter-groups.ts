import type { DeadLetterFacts } from './dead-letter-filter.ts';

/** Groups that are told apart; codes and steps are few, so that this is a bound and no limit. */
const MOST_GROUPS = 1_000;

/** Dead letters of one component, step and code. */
export interface DeadLetterGroup {
  readonly component: string;
  readonly step: string | undefined;
  readonly code: string;
  count: number;
  /** When the first and the last were given up, as ISO 8601. */
  first: string;
  last: string;
  /** The message of the newest. */
  example: string;
}

/** Counts dead letters by component, step and code, keeping no letter. */
export class DeadLetterGroups {
  readonly #groups = new Map<string, DeadLetterGroup>();
  /** All that were added. */
  count = 0;
  /** Those in none of the groups, for there are too many. */
  others = 0;

  add({ component, step, code, time, message }: DeadLetterFacts): void {
    this.count += 1;
    const key = JSON.stringify([component, step, code]);
    const group = this.#groups.get(key);
    if (group !== undefined) {
      group.count += 1;
      if (time < group.first) group.first = time;
      if (time > group.last) group.last = time;
      group.example = message;
    } else if (this.#groups.size < MOST_GROUPS) {
      this.#groups.set(key, { component, step, code, count: 1, first: time, last: time, example: message });
    } else {
      this.others += 1;
    }
  }

  /** The groups, the largest first. */
  list(): DeadLetterGroup[] {
    return [...this.#groups.values()].sort((a, b) => b.count - a.count);
  }
}
