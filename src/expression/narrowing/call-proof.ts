import { BOOLEAN, kindsOf, NUMBER, oneOf, type RecordType, STRING } from '../../sdk/types/index.ts';
import { typeOfKind } from '../check-values.ts';
import { allOf, eitherOf, type Facts, IMPOSSIBLE, NO_FACTS } from './facts.ts';
import { exclude, IS_MISSING, IS_THERE, impliesTruthy, impliesValue, NOTHING, type Outcome, SOMETHING } from './outcome.ts';
import { booleanProof, canBe, type Prove, type Proving, proofOf, remembered } from './proof.ts';

const SCALARS = oneOf(NUMBER, STRING, BOOLEAN);
/** What `type_of` calls kinds. */
const KIND_NAMES = ['string', 'number', 'boolean', 'array', 'object'] as const;

/** Arithmetic, which gives nothing but of what it takes: numbers, and texts where they are added. */
export function arithmeticProof(operands: readonly Proving[], adds: boolean): Prove {
  return remembered((outcome) => {
    if (!impliesValue(outcome)) return NO_FACTS;
    const isNumber = !adds || isNumeric(outcome);
    return allOf(...operands.map((each) => proofOf(each, { is: 'of', type: isNumber ? NUMBER : SCALARS })));
  });
}

function isNumeric(outcome: Outcome): boolean {
  if (outcome.is === 'equal') return typeof outcome.to === 'number';
  return outcome.is === 'of' && kindsOf(outcome.type).every((kind) => kind === 'number');
}

/** Built-in functions that ask what their arguments are. */
const ASKING: ReadonlyMap<string, (given: readonly Proving[]) => Prove | undefined> = new Map([
  [
    'exists',
    ([a]) =>
      a &&
      booleanProof(
        () => proofOf(a, IS_THERE),
        () => proofOf(a, IS_MISSING),
      ),
  ],
  [
    'is_null',
    ([a]) =>
      a &&
      booleanProof(
        () => proofOf(a, NOTHING),
        () => proofOf(a, SOMETHING),
      ),
  ],
  ['type_of', ([a]) => a && typeNameProof(a)],
  ['coalesce', coalesceProof],
]);

/** A call of a function. `takes`: the type that each argument must be of for there to be a result; `undefined`: any. */
export function callProof(
  { name, returns }: { readonly name: string; readonly returns: string },
  given: readonly Proving[],
  takes: readonly (RecordType | undefined)[],
): Prove | undefined {
  const asks = ASKING.get(name);
  if (asks !== undefined) return asks(given);
  if (takes.every((type) => type === undefined)) return undefined;
  return remembered((outcome) => {
    // A question is answered by `false` where there is nothing to ask it of.
    if (returns === 'boolean' ? !impliesTruthy(outcome) : !impliesValue(outcome)) return NO_FACTS;
    return allOf(...given.map((each, i) => (takes[i] === undefined ? NO_FACTS : proofOf(each, { is: 'of', type: takes[i] }))));
  });
}

function typeNameProof(a: Proving): Prove {
  return remembered((outcome) => {
    if (outcome.is !== 'equal' && outcome.is !== 'unequal') return canBe(STRING, true, outcome) ? NO_FACTS : IMPOSSIBLE;
    const { to } = outcome;
    const isSame = outcome.is === 'equal';
    if (to === 'missing') return proofOf(a, isSame ? IS_MISSING : IS_THERE);
    if (to === 'null') return proofOf(a, { is: outcome.is, to: null });
    const name = KIND_NAMES.find((each) => each === to);
    if (name === undefined) return isSame ? IMPOSSIBLE : NO_FACTS;
    return proofOf(a, { is: isSame ? 'of' : 'not of', type: typeOfKind(name) });
  });
}

/** `coalesce(a, b, c)` is `a ?? b ?? c`, but that it is missing where all of them are null. */
function coalesceProof(given: readonly Proving[]): Prove {
  return remembered((outcome) => {
    const isNothing = outcome.is === 'missing' || outcome.is === 'falsy' || outcome.is === 'nothing';
    let before: Facts = NO_FACTS;
    let found: Facts = IMPOSSIBLE;
    for (const each of given) {
      if (!exclude(SOMETHING, outcome)) found = eitherOf(found, allOf(before, proofOf(each, SOMETHING), proofOf(each, outcome)));
      before = allOf(before, proofOf(each, NOTHING));
    }
    const canEnd = isNothing || outcome.is === 'unequal' || outcome.is === 'not of';
    return canEnd ? eitherOf(found, before) : found;
  });
}
