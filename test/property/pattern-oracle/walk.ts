import type { Condition } from './condition.ts';
import type { Contiguity, Element, Not, Step } from './sequence.ts';

/** What the gap before the next record taken must not hold. */
export interface Carry {
  /** No record of the gap, nor the one that ends it. */
  readonly never: readonly Condition[];
  /** Not the first record after the one taken last. */
  readonly notNext: readonly Condition[];
}

/** A record that may come next: which element takes it, and what the gap before it may hold. */
export interface Branch {
  readonly element: Element;
  readonly contiguity: Contiguity;
  /** From one record of a loop to the next of it. */
  readonly inner: boolean;
  readonly carry: Carry;
  /** What may come after it. */
  readonly next: () => Choice;
}

/** All that may come next, and whether the pattern may end here. */
export interface Choice {
  readonly branches: readonly Branch[];
  readonly finish: boolean;
}

type Follow = (carry: Carry) => Choice;

const NOTHING: Carry = { never: [], notNext: [] };
const END: Choice = { branches: [], finish: true };

/** What may be the first record of a match. */
export function firstChoice(steps: readonly Step[]): Choice {
  return sequence(steps, () => END)(NOTHING);
}

function sequence(steps: readonly Step[], follow: Follow, head?: { contiguity: Contiguity; inner: boolean }): Follow {
  const [step, ...rest] = steps;
  if (step === undefined) return follow;
  const after = sequence(rest, follow);
  if (step.kind !== 'element') return (carry) => after(withNots(carry, [step]));
  const entry = head ?? { contiguity: step.contiguity, inner: false };
  return (carry) => {
    const entered = iteration(step, 1, entry, { nots: negationsAtStartOf(rest), after })(carry);
    if (!step.optional) return entered;
    const left = after(withGreed(carry, step));
    return { branches: [...entered.branches, ...left.branches], finish: entered.finish || left.finish };
  };
}

interface Surroundings {
  /** The negations right after the element. */
  readonly nots: readonly Not[];
  readonly after: Follow;
}

/** The `count`th time that an element is matched. */
function iteration(element: Element, count: number, entry: Pick<Branch, 'contiguity' | 'inner'>, around: Surroundings): Follow {
  const done: Follow = (carry) => {
    const mayEnd = count >= element.min;
    const again = count < element.max ? repeat(element, count + 1, around)(within(carry, around.nots, mayEnd)) : undefined;
    const out = mayEnd ? around.after(element.max > element.min ? withGreed(carry, element) : carry) : undefined;
    return { branches: [...(again?.branches ?? []), ...(out?.branches ?? [])], finish: out?.finish ?? false };
  };
  if (element.name === undefined) return sequence(element.group, done, entry);
  return (carry) => ({ branches: [{ element, ...entry, carry, next: () => done(NOTHING) }], finish: false });
}

const repeat = (element: Element, count: number, around: Surroundings): Follow =>
  iteration(element, count, { contiguity: element.inner, inner: true }, around);

/** Between the records of a loop: what follows it holds from its first record on. */
function within(carry: Carry, nots: readonly Not[], mayEnd: boolean): Carry {
  return withNots(
    carry,
    nots.filter(({ kind }) => kind === 'not_followed_by' || mayEnd),
  );
}

function withNots({ never, notNext }: Carry, nots: readonly Not[]): Carry {
  const of = (kind: Not['kind']): Condition[] => nots.filter((each) => each.kind === kind).map(({ where }) => where);
  return { never: [...never, ...of('not_followed_by')], notNext: [...notNext, ...of('not_next')] };
}

function withGreed(carry: Carry, { greedy, where }: Element): Carry {
  return greedy ? { ...carry, never: [...carry.never, where] } : carry;
}

function negationsAtStartOf(steps: readonly Step[]): Not[] {
  const end = steps.findIndex(({ kind }) => kind === 'element');
  return (end < 0 ? steps : steps.slice(0, end)) as Not[];
}
