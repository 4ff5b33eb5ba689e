/** The options of the step `pattern` as a pipeline file writes them, and the records that the tests of it are told in. */

export const RELATIONS = ['begin', 'next', 'followed_by', 'followed_by_any'] as const;
export type Relation = (typeof RELATIONS)[number];

export const NEGATIONS = ['not_next', 'not_followed_by'] as const;
export type Negation = (typeof NEGATIONS)[number];

export interface PatternItem
  extends Partial<Record<Relation, string | readonly PatternItem[]>>,
    Partial<Record<Negation, string>> {
  readonly where?: string;
  readonly times?: number | { readonly from: number; readonly to?: number };
  readonly one_or_more?: boolean;
  readonly optional?: boolean;
  readonly greedy?: boolean;
  readonly consecutive?: boolean;
  readonly allow_combinations?: boolean;
  readonly until?: string;
  /** Since the record matched before: a text such as `5s`. */
  readonly within?: string;
}

export type Skip = 'no_skip' | 'to_next' | 'past_last_event' | { readonly to_first: string } | { readonly to_last: string };

export interface PatternOptions {
  readonly sequence: readonly PatternItem[];
  /** From the first record to the last: a text such as `10s`. A span of exactly this is too long. */
  readonly within?: string;
  readonly skip?: Skip;
  readonly timed_out?: 'emit' | 'drop';
}

/** A record: its id stands for it in matches, its time is milliseconds, and the rest are fields that conditions read. */
export interface PatternEvent {
  readonly id: string;
  readonly time: number;
  readonly [field: string]: string | number;
}

/** A partial match that ran out of time, and when. */
export interface TimedOut {
  readonly ids: readonly string[];
  readonly time: number;
}

/** What a matcher found in the records of one key. */
export interface Found {
  /** The ids of each match in the order of the records. */
  readonly matches: readonly (readonly string[])[];
  /** The names of the elements that took them, where the matcher says. */
  readonly elements?: readonly (readonly string[])[];
  readonly timedOut: readonly TimedOut[];
}
