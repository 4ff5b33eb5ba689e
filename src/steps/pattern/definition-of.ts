import type { Link, LoopLink, PatternDefinition, PatternElement, Repetition, Skip } from '../../stream/pattern/definition.ts';
import type { ElementOptions } from './element-options.ts';
import { groupOf, isLoop, isNot, linkOf, nameOf, namesOf } from './names.ts';
import type { PatternOptions } from './options.ts';

/** The pattern that the options say, with its conditions bound. */
export function definitionOf({ sequence, within, skip }: PatternOptions): PatternDefinition {
  const names = namesOf(sequence);
  return { sequence: sequence.map(elementOf), names, within, skip: skipOf(skip, names) };
}

function elementOf(given: ElementOptions): PatternElement {
  const { where, optional, within, times } = given;
  return {
    name: isNot(given) ? undefined : nameOf(given),
    link: linkTo(given),
    where: where?.match,
    group: groupOf(given)?.map(elementOf),
    repetition: repetitionOf(given),
    // From none on: it may be left out, and is once or more where it is not.
    optional: optional || (typeof times === 'object' && times.from === 0),
    within,
  };
}

/** The first of a sequence takes the record that is looked at, or there is no match that begins with it. */
function linkTo(given: ElementOptions): Link {
  const link = linkOf(given);
  return link === undefined || link === 'begin' ? 'next' : link;
}

function repetitionOf(given: ElementOptions): Repetition | undefined {
  const { times, one_or_more: oneOrMore, greedy, until } = given;
  if (!oneOrMore && times === undefined) return undefined;
  const range = typeof times === 'object' ? times : { from: times ?? 1, to: times };
  return {
    from: Math.max(1, range.from),
    to: isLoop(given) ? Number.POSITIVE_INFINITY : (range.to as number),
    link: loopLink(given),
    greedy,
    until: until?.match,
  };
}

function loopLink({ consecutive, allow_combinations: combinations }: ElementOptions): LoopLink {
  if (consecutive) return 'next';
  return combinations ? 'followed_by_any' : 'followed_by';
}

function skipOf(skip: PatternOptions['skip'], names: readonly string[]): Skip {
  if (typeof skip === 'string') return { kind: skip };
  return 'to_first' in skip
    ? { kind: 'to_first', element: names.indexOf(skip.to_first) }
    : { kind: 'to_last', element: names.indexOf(skip.to_last) };
}
