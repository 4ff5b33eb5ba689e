import { NEGATIONS, type PatternItem, type PatternOptions, RELATIONS } from './options.ts';

/**
 * Why a pattern is outside of what the naive matcher judges, or undefined. These are patterns that Flink accepts and whose results
 * follow from the shape of its automaton rather than from its documentation.
 */
export function outOfRange({ sequence }: PatternOptions): string | undefined {
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

/** Where a group repeats, Flink may find a match more than once: compare sets. */
export function mayRepeatMatches({ sequence }: PatternOptions): boolean {
  return sequence.some((item) => {
    const group = groupOf(item);
    return group !== undefined && (isLoop(item) || item.optional === true || mayRepeatMatches({ sequence: group }));
  });
}

function reasonIn(items: readonly PatternItem[], inGroup: boolean): string | undefined {
  if (inGroup && isNot(items.at(-1))) return 'a negation at the end of a group';
  for (const [at, item] of items.entries()) {
    const reason = reasonAt(item, items[at + 1], items[at - 1]);
    if (reason !== undefined) return reason;
    const group = groupOf(item);
    const [head] = group ?? [];
    if (head !== undefined && (isLoop(head) || head.optional === true)) return 'a group that begins with a loop or an option';
    const inside = group === undefined ? undefined : reasonIn(group, true);
    if (inside !== undefined) return inside;
  }
  return undefined;
}

function reasonAt(item: PatternItem, next: PatternItem | undefined, previous: PatternItem | undefined): string | undefined {
  const isGroup = groupOf(item) !== undefined;
  if (item.greedy === true && item.until !== undefined) return 'greedy with until';
  if (item.greedy === true && isNot(next)) return 'greedy before a negation';
  if (item.until !== undefined && isGroup) return 'until on a group';
  if (item.not_next !== undefined && next?.optional === true) return 'not_next before an option';
  if (item.within !== undefined && isGroup) return 'within on a group';
  if (item.within !== undefined && previous?.optional === true) return 'within after an option';
  if (isNot(next) && isGroup && isLoop(item)) return 'a negation after a group that repeats';
  return undefined;
}
