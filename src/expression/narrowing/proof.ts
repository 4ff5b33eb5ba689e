import type { FieldPath } from '../../record/path.ts';
import { ANY, BOOLEAN, kindsOf, NULL, NUMBER, OBJECT, oneOf, type RecordType, STRING, textOf } from '../../sdk/types/index.ts';
import { except, type Fact, MISSING, NOT_NULL, THERE } from './fact.ts';
import { allOf, eitherOf, type Facts, factOf, IMPOSSIBLE, NO_FACTS } from './facts.ts';
import {
  exclude,
  FALSY,
  IS_THERE,
  isSo,
  kindOf,
  NOTHING,
  type Outcome,
  outcomeKey,
  type Scalar,
  SOMETHING,
  TRUTHY,
} from './outcome.ts';

/** What is proved of the record where the value of an expression is such. What it says holds for every record; what is not sure is left out. */
export type Prove = (outcome: Outcome) => Facts;

/** An expression that may prove something, and what its value can be. */
export interface Proving {
  /** What it can be where it is there. */
  readonly type: RecordType;
  /** It is never `undefined`. */
  readonly present: boolean;
  /** Absent: it proves no more than its type does. */
  readonly prove?: Prove | undefined;
  /** The value where it is written out. */
  readonly literal?: { readonly value: Scalar } | undefined;
}

/** What `??`, `&&` and `||` do with their left side: for what it must be to be left behind, and to be the result. */
export const LOGICAL = {
  '&&': { goesOn: TRUTHY, stays: FALSY },
  '||': { goesOn: FALSY, stays: TRUTHY },
  '??': { goesOn: NOTHING, stays: SOMETHING },
} as const satisfies Record<string, { goesOn: Outcome; stays: Outcome }>;

const CONTAINERS: RecordType = { list: ANY, object: OBJECT.object as NonNullable<RecordType['object']> };
/** Falsy values that a type can leave out. */
const EMPTY = oneOf(NULL, textOf(''));
const ORDERED = oneOf(NUMBER, STRING);

export function proofOf({ prove, literal, type, present }: Proving, outcome: Outcome): Facts {
  if (prove !== undefined) return prove(outcome);
  if (literal !== undefined) return isSo(literal.value, outcome) ? NO_FACTS : IMPOSSIBLE;
  return canBe(type, present, outcome) ? NO_FACTS : IMPOSSIBLE;
}

/** Asks for each outcome once: the parts of an expression are asked for the same again and again. */
export function remembered(prove: Prove): Prove {
  const known = new Map<string, Facts>();
  return (outcome) => {
    const key = outcomeKey(outcome);
    const facts = known.get(key) ?? prove(outcome);
    known.set(key, facts);
    return facts;
  };
}

export function canBe(type: RecordType, present: boolean, outcome: Outcome): boolean {
  const { is } = outcome;
  if (is === 'missing') return !present;
  if (type === ANY) return true;
  if (is === 'equal') return type[kindOf(outcome.to)] !== undefined;
  if (is === 'of') return kindsOf(outcome.type).some((kind) => type[kind] !== undefined);
  if (is === 'nothing') return !present || type.null === true;
  if (is === 'something') return kindsOf(type).some((kind) => kind !== 'null');
  return true;
}

/** A field of the record. */
export function fieldProof(path: FieldPath, type: RecordType): Prove {
  return (outcome) => {
    const fact = factOfField(type, outcome);
    return fact === undefined ? NO_FACTS : factOf(path, fact);
  };
}

function factOfField(type: RecordType, outcome: Outcome): Fact | undefined {
  switch (outcome.is) {
    case 'truthy':
      return { not: EMPTY, there: true };
    case 'falsy':
      return type === ANY ? { not: CONTAINERS } : { only: falsyOf(type) };
    case 'nothing':
      return { only: NULL };
    case 'something':
      return NOT_NULL;
    case 'there':
      return THERE;
    case 'missing':
      return MISSING;
    case 'equal':
      return { only: typeOfScalar(outcome.to), there: true };
    case 'unequal':
      return outcome.to === null || typeof outcome.to === 'string' ? { not: typeOfScalar(outcome.to) } : undefined;
    case 'of':
      return { ...ofKinds(type, outcome.type), there: true };
    case 'not of':
      return { not: outcome.type };
  }
}

/** Of a field of which nothing is known, several kinds that it may be are no knowledge: only that it is none of the others. */
function ofKinds(known: RecordType, kinds: RecordType): Fact {
  if (kinds === ANY) return {};
  if (known !== ANY || kindsOf(kinds).length === 1) return { only: kinds };
  const not = Object.fromEntries(kindsOf(ANY).flatMap((kind) => (kinds[kind] === undefined ? [[kind, ANY[kind]]] : [])));
  return { not: not as RecordType };
}

function typeOfScalar(value: Scalar): RecordType {
  if (typeof value === 'string') return { string: { values: new Set([value]), narrowed: true } };
  return { [kindOf(value)]: true } as RecordType;
}

/** What a value of this type is where it is falsy. */
export function falsyOf(type: RecordType): RecordType {
  if (type === ANY) return ANY;
  const { list: _, object: __, string, ...others } = type;
  const canBeEmpty = string !== undefined && (string.values === undefined || string.values.has(''));
  return canBeEmpty ? { ...others, ...textOf('') } : others;
}

/** What a value of this type is where it is truthy. */
export function truthyOf(type: RecordType): RecordType {
  return except(type, EMPTY);
}

/** What is true or false, and nothing else. */
export function booleanProof(yes: () => Facts, no: () => Facts): Prove {
  return remembered((outcome) => {
    if (outcome.is === 'truthy' || (outcome.is === 'equal' && outcome.to === true)) return yes();
    if (outcome.is === 'falsy' || (outcome.is === 'equal' && outcome.to === false)) return no();
    if (outcome.is === 'unequal' && typeof outcome.to === 'boolean') return outcome.to ? no() : yes();
    return canBe(BOOLEAN, true, outcome) ? NO_FACTS : IMPOSSIBLE;
  });
}

export function notProof(a: Proving): Prove {
  return booleanProof(
    () => proofOf(a, FALSY),
    () => proofOf(a, TRUTHY),
  );
}

/** `a === b`, or with `negated` the contrary. What is missing equals nothing. */
export function equalProof(a: Proving, b: Proving, negated: boolean): Prove {
  const yes = (): Facts => {
    if (b.literal !== undefined) return proofOf(a, { is: 'equal', to: b.literal.value });
    if (a.literal !== undefined) return proofOf(b, { is: 'equal', to: a.literal.value });
    return allOf(proofOf(a, { is: 'of', type: kindsFully(b.type) }), proofOf(b, { is: 'of', type: kindsFully(a.type) }));
  };
  const no = (): Facts => {
    if (b.literal !== undefined) return proofOf(a, { is: 'unequal', to: b.literal.value });
    return a.literal === undefined ? NO_FACTS : proofOf(b, { is: 'unequal', to: a.literal.value });
  };
  return negated ? booleanProof(no, yes) : booleanProof(yes, no);
}

/** A type that says of which kinds a value is, and no more. */
function kindsFully(type: RecordType): RecordType {
  if (type === ANY) return ANY;
  return Object.fromEntries(kindsOf(type).map((kind) => [kind, ANY[kind]])) as RecordType;
}

/** `a < b`: both are numbers, or both are texts. */
export function orderProof(a: Proving, b: Proving): Prove {
  const kinds: { string?: NonNullable<RecordType['string']>; number?: true } = {};
  if (a.type.string !== undefined && b.type.string !== undefined) kinds.string = {};
  if (a.type.number !== undefined && b.type.number !== undefined) kinds.number = true;
  const type = kindsOf(kinds).length === 0 ? ORDERED : kinds;
  return booleanProof(
    () => allOf(proofOf(a, { is: 'of', type }), proofOf(b, { is: 'of', type })),
    () => NO_FACTS,
  );
}

/** `a in ['x', 'y']` */
export function memberProof(a: Proving, scalars: readonly Scalar[]): Prove {
  return booleanProof(
    () => scalars.map((to) => proofOf(a, { is: 'equal', to })).reduce(eitherOf, IMPOSSIBLE),
    () => allOf(...scalars.map((to) => proofOf(a, { is: 'unequal', to }))),
  );
}

/** `a in b` */
export function containedProof(a: Proving, b: Proving): Prove {
  const type = { ...CONTAINERS, ...STRING };
  return booleanProof(
    () => allOf(proofOf(a, IS_THERE), proofOf(b, { is: 'of', type })),
    () => NO_FACTS,
  );
}

export function logicalProof(operator: keyof typeof LOGICAL, a: Proving, b: Proving): Prove {
  const { goesOn, stays } = LOGICAL[operator];
  return remembered((outcome) =>
    eitherOf(
      exclude(stays, outcome) ? IMPOSSIBLE : allOf(proofOf(a, stays), proofOf(a, outcome)),
      allOf(proofOf(a, goesOn), proofOf(b, outcome)),
    ),
  );
}

export function conditionalProof(test: Proving, a: Proving, b: Proving): Prove {
  return remembered((outcome) =>
    eitherOf(allOf(proofOf(test, TRUTHY), proofOf(a, outcome)), allOf(proofOf(test, FALSY), proofOf(b, outcome))),
  );
}
