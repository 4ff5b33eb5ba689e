import { type ElementOptions, LINKS, type LinkKey } from './element-options.ts';

/** How an element stands to the one before it: the first of its keys that says so. */
export function linkOf(element: ElementOptions): LinkKey | undefined {
  return LINKS.find((key) => element[key] !== undefined);
}

/** The sequence that an element is in place of a name; `undefined` where it has one. */
export function groupOf(element: ElementOptions): readonly ElementOptions[] | undefined {
  const link = linkOf(element);
  const given = link === undefined ? undefined : element[link];
  return Array.isArray(given) ? given : undefined;
}

export function nameOf(element: ElementOptions): string | undefined {
  const link = linkOf(element);
  const given = link === undefined ? undefined : element[link];
  return typeof given === 'string' ? given : undefined;
}

/** The names of all elements that take records, in order, those of groups in their place. */
export function namesOf(sequence: readonly ElementOptions[]): string[] {
  return sequence.flatMap((element) => {
    const group = groupOf(element);
    if (group !== undefined) return namesOf(group);
    const name = nameOf(element);
    return name === undefined || isNot(element) ? [] : [name];
  });
}

export function isNot(element: ElementOptions): boolean {
  return element.not_next !== undefined || element.not_followed_by !== undefined;
}

/** Whether it takes any number of records. */
export function isLoop({ one_or_more: oneOrMore, times }: ElementOptions): boolean {
  return oneOrMore || (typeof times === 'object' && times.to === undefined);
}
