import { kindsOf, type RecordType } from '../../sdk/types/index.ts';

/** A value that can be written out. */
export type Scalar = string | number | boolean | null;

/** What the value of an expression turned out to be. */
export type Outcome =
  /** As JavaScript takes it in `&&`, `||` and `?:`; what is missing is falsy. */
  | { readonly is: 'truthy' }
  | { readonly is: 'falsy' }
  /** Null or missing, as for `??`. */
  | { readonly is: 'nothing' }
  | { readonly is: 'something' }
  /** A value, be it null. */
  | { readonly is: 'there' }
  | { readonly is: 'missing' }
  | { readonly is: 'equal' | 'unequal'; readonly to: Scalar }
  /** A value of one of the kinds of a type, or none of any of them. */
  | { readonly is: 'of' | 'not of'; readonly type: RecordType };

export const TRUTHY: Outcome = { is: 'truthy' };
export const FALSY: Outcome = { is: 'falsy' };
export const NOTHING: Outcome = { is: 'nothing' };
export const SOMETHING: Outcome = { is: 'something' };
export const IS_THERE: Outcome = { is: 'there' };
export const IS_MISSING: Outcome = { is: 'missing' };
/** Of a condition only `true` counts. */
export const MET: Outcome = { is: 'equal', to: true };
export const UNMET: Outcome = { is: 'unequal', to: true };

/** What tells outcomes apart that are asked for again and again. */
export function outcomeKey(outcome: Outcome): string {
  if ('to' in outcome) return `${outcome.is} ${JSON.stringify(outcome.to)}`;
  return 'type' in outcome ? `${outcome.is} ${kindsOf(outcome.type).join(' ')}` : outcome.is;
}

/** Whether there must be a value for it. */
export function impliesValue(outcome: Outcome): boolean {
  return ['truthy', 'something', 'there', 'equal', 'of'].includes(outcome.is);
}

/** Whether a value for which it is so is truthy. */
export function impliesTruthy(outcome: Outcome): boolean {
  if (outcome.is === 'equal') return Boolean(outcome.to);
  if (outcome.is !== 'of') return outcome.is === 'truthy';
  return kindsOf(outcome.type).every((kind) => kind === 'list' || kind === 'object');
}

function impliesFalsy(outcome: Outcome): boolean {
  if (outcome.is === 'equal') return !outcome.to;
  if (outcome.is === 'of') return kindsOf(outcome.type).every((kind) => kind === 'null');
  return outcome.is === 'falsy' || outcome.is === 'nothing' || outcome.is === 'missing';
}

function impliesSomething(outcome: Outcome): boolean {
  if (outcome.is === 'equal') return outcome.to !== null;
  return outcome.is === 'something' || outcome.is === 'truthy' || (outcome.is === 'of' && outcome.type.null === undefined);
}

function impliesNothing(outcome: Outcome): boolean {
  if (outcome.is === 'equal') return outcome.to === null;
  if (outcome.is === 'of') return kindsOf(outcome.type).every((kind) => kind === 'null');
  return outcome.is === 'nothing' || outcome.is === 'missing';
}

/** Whether no value can be both: truthy and null. */
export function exclude(a: Outcome, b: Outcome): boolean {
  return (
    (impliesTruthy(a) && impliesFalsy(b)) ||
    (impliesFalsy(a) && impliesTruthy(b)) ||
    (impliesNothing(a) && impliesSomething(b)) ||
    (impliesSomething(a) && impliesNothing(b))
  );
}

/** Whether a value that is written out is so. */
export function isSo(value: Scalar, outcome: Outcome): boolean {
  switch (outcome.is) {
    case 'truthy':
      return Boolean(value);
    case 'falsy':
      return !value;
    case 'nothing':
      return value === null;
    case 'something':
      return value !== null;
    case 'there':
      return true;
    case 'missing':
      return false;
    case 'equal':
      return value === outcome.to;
    case 'unequal':
      return value !== outcome.to;
    case 'of':
      return outcome.type[kindOf(value)] !== undefined;
    case 'not of':
      return outcome.type[kindOf(value)] === undefined;
  }
}

export function kindOf(value: Scalar): 'null' | 'string' | 'number' | 'boolean' {
  return value === null ? 'null' : (typeof value as 'string' | 'number' | 'boolean');
}
