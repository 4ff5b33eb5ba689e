import { NEGATIONS, type PatternItem, type PatternOptions, RELATIONS } from './options.ts';

/**
 * Why a pattern is outside of what the naive matcher judges, or undefined. These are patterns that Flink accepts and whose results
 * follow from the shape of its automaton rather than from its documentation.
 */
export function outOfRange({ sequence, within, timed_out }: PatternOptions): string | undefined {
  const both = within !== undefined && sequence.some((item) => item.within !== undefined);
  if (both && timed_out === 'emit') return 'the time of a partial match that is too late by both kinds of within';
  return reasonIn(sequence, false);
}

const groupOf = (item: PatternItem): readonly PatternItem[] | undefined =>
  RELATIONS.map((each) => item[each]).find((target) => typeof target === 'object');

const isNot = (item: PatternItem | undefined): boolean =>
  item !== undefined && NEGATIONS.some((each) => item[each] !== undefined);

/** Matched a number of times that is not given. */
export function isLoop({ one_or_more, times }: PatternItem): boolean {
  return one_or_more === true || (typeof times === 'object' && times.from !== times.to);
}

const isSingle = (item: PatternItem): boolean =>
  item.one_or_more !== true && item.times === undefined && item.optional !== true && groupOf(item) === undefined;

const hasRange = (item: PatternItem | undefined): boolean => typeof item?.times === 'object' && item.times.to !== undefined;

const isFixed = (item: PatternItem): boolean => !isLoop(item) && groupOf(item) === undefined;

/** Where a group repeats, Flink may find a match more than once: compare sets. */
export function mayRepeatMatches({ sequence }: PatternOptions): boolean {
  return sequence.some((item) => {
    const group = groupOf(item);
    return group !== undefined && (isLoop(item) || item.optional === true || mayRepeatMatches({ sequence: group }));
  });
}

function reasonIn(items: readonly PatternItem[], inGroup: boolean): string | undefined {
  if (inGroup && isNot(items.at(-1))) return 'a negation at the end of a group';
  if (inGroup && items.some((item, at) => isNot(item) && items[at + 1]?.optional === true))
    return 'a negation before an option of a group';
  if (inGroup && items.some(({ greedy }) => greedy === true)) return 'greedy inside a group';
  for (const [at, item] of items.entries()) {
    const reason = reasonAt(item, items[at + 1], items[at - 1]) ?? reasonAroundNegation(items.slice(at), items[at - 1]);
    if (reason !== undefined) return reason;
    const group = groupOf(item);
    const [head] = group ?? [];
    if (head !== undefined && (isLoop(head) || head.optional === true)) return 'a group that begins with a loop or an option';
    const inside = group === undefined ? undefined : reasonIn(group, true);
    if (inside !== undefined) return inside;
  }
  return undefined;
}

/** What a negation stands after, and before: up to the first element that surely has a record. */
function reasonAroundNegation([item, ...ahead]: readonly PatternItem[], previous: PatternItem | undefined): string | undefined {
  if (item === undefined || !isNot(item)) return undefined;
  if (item.not_followed_by !== undefined && hasRange(previous)) return 'not_followed_by after a range of times';
  const certain = ahead.findIndex(({ optional }) => optional !== true);
  const waited = certain < 0 ? ahead : ahead.slice(0, certain + 1);
  if (waited.some(({ greedy }) => greedy === true)) return 'a negation before a greedy loop';
  if (waited.some((each) => each.optional === true && groupOf(each) !== undefined)) return 'a negation before an optional group';
  if (waited.filter(({ optional }) => optional === true).length > 1) return 'a negation before two options';
  if (waited.some(hasRange)) return 'a negation before a range of times';
  return undefined;
}

function reasonAt(item: PatternItem, next: PatternItem | undefined, previous: PatternItem | undefined): string | undefined {
  const isGroup = groupOf(item) !== undefined;
  if (item.greedy === true && item.until !== undefined) return 'greedy with until';
  if (item.greedy === true && isNot(next)) return 'greedy before a negation';
  if (item.until !== undefined && isGroup) return 'until on a group';
  if (item.not_next !== undefined && next?.optional === true) return 'not_next before an option';
  if (isNot(item) && next?.within !== undefined) return 'within after a negation';
  if (item.within !== undefined && isGroup) return 'within on a group';
  if (item.within !== undefined && !isSingle(item)) return 'within on a loop or an option';
  if (item.within !== undefined && previous !== undefined && !isSingle(previous)) return 'within after a loop or an option';
  if (item.not_followed_by !== undefined && next === undefined && previous !== undefined && !isFixed(previous)) {
    return 'not_followed_by at the end, after a loop or a group';
  }
  if (isGroup && isLoop(item) && item.consecutive !== true) return 'a group that repeats, with records between';
  if (isNot(next) && isGroup && isLoop(item)) return 'a negation after a group that repeats';
  const last = groupOf(item)?.at(-1);
  if (isNot(next) && last !== undefined && (isLoop(last) || last.optional === true))
    return 'a negation after a group that ends openly';
  return undefined;
}
