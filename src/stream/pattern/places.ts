import type { LoopLink, PatternElement } from './definition.ts';

/** A sequence that is being turned into states: the whole, or a group. */
export interface Scope {
  readonly sequence: readonly PatternElement[];
  readonly group: PatternElement | undefined;
  /** Whether the group's states that are being made are those of its first round, into which one comes from outside. */
  readonly firstRound: boolean;
  /** Where the group itself stands. */
  readonly place: Place | undefined;
}

/** An element, as a place in its sequence. */
export interface Place {
  readonly scope: Scope;
  readonly at: number;
}

export function elementAt({ scope, at }: Place): PatternElement {
  return scope.sequence[at] as PatternElement;
}

/** The sequence of a group. */
export function groupAt(place: Place, firstRound: boolean): Scope {
  const group = elementAt(place);
  return { sequence: group.group as readonly PatternElement[], group, firstRound, place };
}

export function behindOf({ scope, at }: Place): Place | undefined {
  if (at + 1 < scope.sequence.length) return { scope, at: at + 1 };
  return scope.place === undefined ? undefined : behindOf(scope.place);
}

export function headsGroup({ scope, at }: Place): boolean {
  return scope.group !== undefined && at === 0;
}

export function isOptional(place: Place): boolean {
  if (!headsGroup(place)) return elementAt(place).optional;
  return place.scope.firstRound && (place.scope.group as PatternElement).optional;
}

export function loopLinkOf({ repetition }: PatternElement): LoopLink {
  return repetition?.link ?? 'followed_by';
}

/** The `not_followed_by` that stand right before an element, or before optional ones before it. */
export function notsBefore({ scope, at }: Place): Place[] {
  const found: Place[] = [];
  for (let before = at - 1; before >= 0; before -= 1) {
    const { optional, link } = scope.sequence[before] as PatternElement;
    if (!optional && link !== 'not_followed_by') break;
    if (link === 'not_followed_by') found.push({ scope, at: before });
  }
  return found;
}

/** Those before an element, and before the group that it is the first of, as long as that has not taken a record. */
export function notsUntil(place: Place): Place[] {
  const { scope } = place;
  const own = notsBefore(place);
  return scope.place !== undefined && headsGroup(place) && scope.firstRound ? [...own, ...notsUntil(scope.place)] : own;
}
