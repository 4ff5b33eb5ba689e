import { type Condition, conditionOf } from './condition.ts';
import { NEGATIONS, type Negation, type PatternItem, RELATIONS, type Relation } from './options.ts';

/** How far the next record may be from the one before: itself, the first that fits, or any that fits. */
export type Contiguity = 'strict' | 'relaxed' | 'any';

/** A step of a pattern as the matcher sees it, with its defaults filled in. */
export interface Element {
  readonly kind: 'element';
  /** Undefined: a group. */
  readonly name: string | undefined;
  readonly group: readonly Step[];
  readonly contiguity: Contiguity;
  readonly inner: Contiguity;
  readonly where: Condition;
  readonly until: Condition | undefined;
  readonly min: number;
  readonly max: number;
  readonly optional: boolean;
  readonly greedy: boolean;
  readonly within: number | undefined;
}

export interface Not {
  readonly kind: Negation;
  readonly where: Condition;
  readonly within: number | undefined;
}

export type Step = Element | Not;

const CONTIGUITY: Readonly<Record<Relation, Contiguity>> = {
  begin: 'any',
  next: 'strict',
  followed_by: 'relaxed',
  followed_by_any: 'any',
};

export function stepsOf(sequence: readonly PatternItem[]): Step[] {
  return sequence.map(stepOf);
}

function stepOf(item: PatternItem): Step {
  const negation = NEGATIONS.find((each) => item[each] !== undefined);
  const where = conditionOf(item.where);
  const within = durationOf(item.within);
  if (negation !== undefined) return { kind: negation, where, within };
  const relation = RELATIONS.find((each) => item[each] !== undefined) ?? 'begin';
  const target = item[relation];
  const isGroup = typeof target === 'object';
  return {
    kind: 'element',
    name: isGroup ? undefined : target,
    group: isGroup ? stepsOf(target) : [],
    contiguity: CONTIGUITY[relation],
    inner: item.consecutive === true ? 'strict' : item.allow_combinations === true ? 'any' : 'relaxed',
    where,
    until: item.until === undefined ? undefined : conditionOf(item.until),
    ...countsOf(item),
    optional: item.optional === true,
    greedy: item.greedy === true,
    within,
  };
}

function countsOf({ times, one_or_more }: PatternItem): { min: number; max: number } {
  if (one_or_more === true) return { min: 1, max: Number.POSITIVE_INFINITY };
  if (typeof times === 'number') return { min: times, max: times };
  return { min: times?.from ?? 1, max: times === undefined ? 1 : (times.to ?? Number.POSITIVE_INFINITY) };
}

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

/** Milliseconds of a text such as `5s`. */
export function durationOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const [, amount, unit] = /^(\d+)(ms|s|m|h)$/.exec(text) ?? [];
  return Number(amount) * (UNITS[unit ?? ''] ?? Number.NaN);
}
