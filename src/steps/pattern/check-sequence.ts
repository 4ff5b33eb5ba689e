import { type ElementOptions, LINKS } from './element-options.ts';
import { groupOf, isLoop, isNot, linkOf, nameOf } from './names.ts';

/** What is wrong with a sequence, and where. */
export interface SequenceProblem {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

interface Whole {
  readonly within: number | undefined;
}

const LINK_TEXT = LINKS.join(', ');

/** Everything that is wrong with a sequence of elements: what Flink CEP refuses, and what could not end. */
export function checkSequence(sequence: readonly ElementOptions[], whole: Whole): SequenceProblem[] {
  const problems: SequenceProblem[] = [];
  check(sequence, [], { whole, inGroup: false }, problems);
  const seen = new Set<string>();
  eachNamed(sequence, [], (name, path) => {
    if (seen.has(name)) problems.push({ path, message: `another element is called "${name}" already` });
    seen.add(name);
  });
  return problems;
}

interface Around {
  readonly whole: Whole;
  readonly inGroup: boolean;
}

function check(
  sequence: readonly ElementOptions[],
  path: readonly PropertyKey[],
  around: Around,
  problems: SequenceProblem[],
): void {
  for (const [i, element] of sequence.entries()) {
    const complain = (key: string | undefined, message: string): void => {
      problems.push({ path: [...path, i, ...(key === undefined ? [] : [key])], message });
    };
    checkLinks(element, i, complain);
    checkRepetition(element, complain);
    const { within } = element;
    if (within !== undefined && around.whole.within !== undefined && within > around.whole.within)
      complain('within', 'is longer than "within" of the whole pattern, which ends it before');
    if (isNot(element)) checkNot(element, { sequence, at: i, around }, complain);
    const before = sequence[i - 1];
    if (element.optional && before?.greedy === true)
      complain('optional', 'an element behind a greedy one cannot be optional: which of them takes a record would be open');
    const group = groupOf(element);
    if (group === undefined) continue;
    if (element.where !== undefined) complain('where', 'a group has no condition of its own: its elements have');
    if (element.greedy) complain('greedy', 'a group cannot be greedy');
    const repeats = isLoop(element) || element.times !== undefined;
    if (repeats && group.every(mayTakeNone))
      complain(undefined, 'a group that is repeated must take at least one record: not all of its elements can be optional');
    check(group, [...path, i, linkOf(element) as string], { ...around, inGroup: true }, problems);
  }
}

type Complain = (key: string | undefined, message: string) => void;

function checkLinks(element: ElementOptions, at: number, complain: Complain): void {
  const given = LINKS.filter((key) => element[key] !== undefined);
  if (given.length === 0) {
    complain(undefined, `one of ${LINK_TEXT} is needed: it names the element, and says how it stands to the one before`);
    return;
  }
  for (const key of given.slice(1)) complain(key, `an element has one of ${LINK_TEXT}, and "${given[0]}" stands there already`);
  const [link] = given;
  if (at === 0 && link !== 'begin') complain(link, 'the first element of a sequence is "begin"');
  if (at > 0 && link === 'begin')
    complain(link, 'only the first element of a sequence is "begin"; write next, followed_by or followed_by_any');
}

function checkRepetition(element: ElementOptions, complain: Complain): void {
  const { times, one_or_more: oneOrMore, greedy, consecutive, allow_combinations: combinations, until } = element;
  const repeats = oneOrMore || times !== undefined;
  if (oneOrMore && times !== undefined) complain('times', '"one_or_more" says how many there are already');
  if (typeof times === 'object' && times.to !== undefined && times.to < Math.max(1, times.from))
    complain('times', '"to" must not be less than "from"');
  if (consecutive && combinations) complain('allow_combinations', '"consecutive" says already how the records follow each other');
  for (const [key, on] of [
    ['greedy', greedy],
    ['consecutive', consecutive],
    ['allow_combinations', combinations],
  ] as const) {
    if (on && !repeats) complain(key, 'is for elements that take several records: with "times" or "one_or_more"');
  }
  if (greedy && combinations)
    complain('greedy', 'a loop that takes as many as it can leaves none out: without "allow_combinations"');
  if (until !== undefined && !isLoop(element)) complain('until', 'ends a loop: "one_or_more", or "times" without "to"');
}

function checkNot(
  element: ElementOptions,
  { sequence, at, around }: { sequence: readonly ElementOptions[]; at: number; around: Around },
  complain: Complain,
): void {
  const link = linkOf(element) as string;
  const { times, one_or_more: oneOrMore, optional, where, within } = element;
  if (optional || oneOrMore || times !== undefined) complain(link, 'what must not come is neither optional nor repeated');
  if (where === undefined) complain(link, 'needs a condition in "where": what must not come');
  if (sequence[at - 1]?.optional === true)
    complain(link, 'cannot stand behind an optional element; write two patterns, one with it and one without');
  const isLast = at === sequence.length - 1;
  if (isLast && link === 'not_followed_by' && (around.inGroup || (within === undefined && around.whole.within === undefined)))
    complain(
      link,
      around.inGroup ? 'cannot be the last of a group' : 'as the last element needs "within", or it would never be known',
    );
}

function mayTakeNone(element: ElementOptions): boolean {
  if (element.optional || isNot(element)) return true;
  return typeof element.times === 'object' && element.times.from === 0;
}

function eachNamed(
  sequence: readonly ElementOptions[],
  path: readonly PropertyKey[],
  see: (name: string, path: readonly PropertyKey[]) => void,
): void {
  for (const [i, element] of sequence.entries()) {
    const link = linkOf(element);
    const at = [...path, i, ...(link === undefined ? [] : [link])];
    const group = groupOf(element);
    if (group !== undefined) eachNamed(group, at, see);
    const name = nameOf(element);
    if (name !== undefined) see(name, at);
  }
}
