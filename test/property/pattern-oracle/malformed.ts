import { NEGATIONS, type PatternItem, type PatternOptions, RELATIONS } from './options.ts';
import { durationOf } from './sequence.ts';

/**
 * Why Flink refuses a pattern (Pattern, Quantifier, GroupPattern and NFACompiler of flink-cep), or why its interface has no way to
 * write it. Undefined: it is well formed.
 */
export function whyMalformed({ sequence, within, skip }: PatternOptions): string | undefined {
  const names = namesIn(sequence);
  if (new Set(names).size < names.length) return 'two elements have one name';
  if (typeof skip === 'object' && !topNames(sequence).includes(targetOf(skip))) return 'skip names no element';
  if (sequence.at(-1)?.not_followed_by !== undefined && within === undefined && sequence.at(-1)?.within === undefined) {
    return 'not_followed_by at the end needs within';
  }
  const whole = durationOf(within) ?? Number.POSITIVE_INFINITY;
  if (sequence.some((item) => (durationOf(item.within) ?? 0) > whole)) return 'within of an element is longer than of the whole';
  return inSequence(sequence);
}

const targetOf = (skip: { to_first: string } | { to_last: string }): string =>
  'to_first' in skip ? skip.to_first : skip.to_last;

const KINDS = [...RELATIONS, ...NEGATIONS];

const targetIn = (item: PatternItem): string | readonly PatternItem[] | undefined =>
  KINDS.map((kind) => item[kind]).find((target) => target !== undefined);

function topNames(items: readonly PatternItem[]): string[] {
  return items.map(targetIn).filter((target) => typeof target === 'string');
}

function namesIn(items: readonly PatternItem[]): string[] {
  return items.flatMap((item) => {
    const target = targetIn(item);
    if (target === undefined) return [];
    return typeof target === 'string' ? [target] : namesIn(target);
  });
}

function inSequence(items: readonly PatternItem[]): string | undefined {
  if (items.length === 0) return 'there is no element';
  for (const [at, item] of items.entries()) {
    const kinds = KINDS.filter((kind) => item[kind] !== undefined);
    if (kinds.length !== 1) return 'an element has one relation';
    if ((kinds[0] === 'begin') !== (at === 0)) return 'begin is of the first element, and of no other';
    const target = targetIn(item);
    const isGroup = typeof target === 'object';
    const isNot = NEGATIONS.some((kind) => item[kind] !== undefined);
    const reason = isNot ? inNegation(item, isGroup, items[at - 1]) : inElement(item, isGroup, items[at - 1]);
    const inside = isGroup && reason === undefined ? inSequence(target) : reason;
    if (inside !== undefined) return inside;
  }
  return undefined;
}

function inNegation(item: PatternItem, isGroup: boolean, previous: PatternItem | undefined): string | undefined {
  if (isGroup) return 'a negation is of one record';
  if (item.optional === true || item.greedy === true || isTaken(item) || item.until !== undefined)
    return 'a negation has no quantifier';
  return previous?.optional === true ? 'a negation after an option' : undefined;
}

/** With a quantifier. */
const isTaken = ({ times, one_or_more }: PatternItem): boolean => times !== undefined || one_or_more === true;

function inElement(item: PatternItem, isGroup: boolean, previous: PatternItem | undefined): string | undefined {
  const { times, one_or_more, consecutive, allow_combinations, greedy, until, optional, where } = item;
  if (isGroup && where !== undefined) return 'a group has no condition';
  if (times !== undefined && one_or_more === true) return 'times or one_or_more, not both';
  const [from, to] = typeof times === 'object' ? [times.from, times.to ?? times.from] : [times ?? 1, times ?? 1];
  if (from < 1 || to < from) return 'times are 1 or more, and rise';
  if ((consecutive === true || allow_combinations === true) && !isTaken(item)) return 'contiguity inside of what is taken once';
  if (consecutive === true && allow_combinations === true) return 'consecutive or allow_combinations, not both';
  if (greedy === true && (isGroup || !isTaken(item) || allow_combinations === true))
    return 'greedy where there is nothing to be it';
  if (until !== undefined && one_or_more !== true && (typeof times !== 'object' || times.to !== undefined)) {
    return 'until is of loops without an end';
  }
  return optional === true && previous?.greedy === true ? 'an option after a greedy loop' : undefined;
}
