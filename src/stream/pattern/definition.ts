import type { MatchExpression } from '../../sdk/match-expression.ts';

/** How a record that an element takes stands to the one taken before it. Flink CEP's contiguity. */
export type Link =
  /** It is the very next. */
  | 'next'
  /** Others may be between, as long as they do not match. */
  | 'followed_by'
  /** Others may be between, also such as match: each that matches is a way of its own. */
  | 'followed_by_any'
  /** The very next does not match. */
  | 'not_next'
  /** None up to the next element matches. */
  | 'not_followed_by';

/** How records that one element takes in a loop stand to each other. */
export type LoopLink = 'next' | 'followed_by' | 'followed_by_any';

export interface Repetition {
  readonly from: number;
  /** Infinity: a loop. */
  readonly to: number;
  readonly link: LoopLink;
  /** Takes as many as it can before the next element may take. */
  readonly greedy: boolean;
  /** Ends the loop: neither it nor anything behind it is taken. */
  readonly until: MatchExpression | undefined;
}

/** One element of a sequence: takes records for which its condition is true, or a sequence in turn. */
export interface PatternElement {
  /** What records it takes are called in results. Of a group: none. */
  readonly name: string | undefined;
  readonly link: Link;
  /** Absent: any record. */
  readonly where: MatchExpression | undefined;
  readonly group: readonly PatternElement[] | undefined;
  /** Absent: once. */
  readonly repetition: Repetition | undefined;
  readonly optional: boolean;
  /** How long after the record taken before, in ms of event time, it must have taken one. */
  readonly within: number | undefined;
}

export type Skip =
  | { readonly kind: 'no_skip' | 'to_next' | 'past_last_event' }
  | { readonly kind: 'to_first' | 'to_last'; readonly element: number };

export interface PatternDefinition {
  readonly sequence: readonly PatternElement[];
  /** The names of elements, whose numbers are their places here. */
  readonly names: readonly string[];
  /** How long after its first record a match must be complete, in ms: one that takes as long is none. */
  readonly within: number | undefined;
  readonly skip: Skip;
}
