import { finite } from '../operators.ts';
import type { Argument, ExpressionFunction } from './definition.ts';

/** A decimal number, with or without a fraction and an exponent. */
const DECIMAL = /^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$/;
const INTEGER = /^[+-]?\d+$/;
const LONGEST_NUMBER = 400;

/** Decimal places that a double can tell apart. */
const MOST_PLACES = 15;

const NUMBER = { name: 'value', type: 'number' } as const;

/** Functions of numbers. None gives NaN or an infinity, which JSON cannot hold: the result is missing instead. */
export const numberFunctions: readonly ExpressionFunction[] = [
  {
    name: 'int',
    summary:
      'A whole number from a text (decimal digits) or a number (its fraction cut off); missing where it is none or is beyond 2^53.',
    parameters: [{ name: 'value', type: 'any' }],
    returns: 'number',
    example: { text: "int('042')", result: 42 },
    call: toInteger,
  },
  {
    name: 'float',
    summary: 'A number from a text that writes one in decimal; missing where it is none.',
    parameters: [{ name: 'value', type: 'any' }],
    returns: 'number',
    example: { text: "float('2.5e3')", result: 2500 },
    call: (value: Argument) => {
      if (typeof value === 'number') return value;
      const text = typeof value === 'string' && value.length <= LONGEST_NUMBER ? value.trim() : '';
      return DECIMAL.test(text) ? finite(Number(text)) : undefined;
    },
  },
  {
    name: 'round',
    summary: 'The number rounded to so many decimal places (0 to 15; 0 where left out); halves away from zero.',
    parameters: [NUMBER, { name: 'places', type: 'number', optional: true }],
    returns: 'number',
    example: { text: 'round(3.14159, 2)', result: 3.14 },
    call: roundTo,
  },
  {
    name: 'floor',
    summary: 'The greatest whole number that is not above the value.',
    parameters: [NUMBER],
    returns: 'number',
    example: { text: 'floor(2.9)', result: 2 },
    call: (value: Argument) => (typeof value === 'number' ? Math.floor(value) : undefined),
  },
  {
    name: 'ceil',
    summary: 'The least whole number that is not below the value.',
    parameters: [NUMBER],
    returns: 'number',
    example: { text: 'ceil(2.1)', result: 3 },
    call: (value: Argument) => (typeof value === 'number' ? Math.ceil(value) : undefined),
  },
  {
    name: 'abs',
    summary: 'The number without its sign.',
    parameters: [NUMBER],
    returns: 'number',
    example: { text: 'abs(-7)', result: 7 },
    call: (value: Argument) => (typeof value === 'number' ? Math.abs(value) : undefined),
  },
  {
    name: 'sqrt',
    summary: 'The square root of the number; missing where it is negative. Powers are written `x ** n`.',
    parameters: [NUMBER],
    returns: 'number',
    example: { text: 'sqrt(16)', result: 4 },
    call: (value: Argument) => (typeof value === 'number' ? finite(Math.sqrt(value)) : undefined),
  },
  {
    name: 'exp',
    summary: "Euler's number to the power of the value.",
    parameters: [NUMBER],
    returns: 'number',
    example: { text: 'exp(0)', result: 1 },
    call: (value: Argument) => (typeof value === 'number' ? finite(Math.exp(value)) : undefined),
  },
  {
    name: 'log',
    summary: 'The logarithm of the number to the base, the natural one where that is left out; missing where there is none.',
    parameters: [NUMBER, { name: 'base', type: 'number', optional: true }],
    returns: 'number',
    example: { text: 'log(1000, 10)', result: 3 },
    call: logarithm,
    check: ([value, base]) => {
      if (typeof value === 'number' && value <= 0) return `${value} has no logarithm`;
      return typeof base === 'number' && (base <= 0 || base === 1) ? `no base is ${base}` : undefined;
    },
  },
  {
    name: 'min',
    summary: 'The least of the numbers, which may stand in one list; what is no number is left out.',
    parameters: [{ name: 'values', type: 'any', rest: true }],
    returns: 'number',
    example: { text: 'min(3, 1, 2)', result: 1 },
    call: (...values: Argument[]) => extreme(values, (a, b) => a < b),
  },
  {
    name: 'max',
    summary: 'The greatest of the numbers, which may stand in one list; what is no number is left out.',
    parameters: [{ name: 'values', type: 'any', rest: true }],
    returns: 'number',
    example: { text: 'max([3, 1, 2])', result: 3 },
    call: (...values: Argument[]) => extreme(values, (a, b) => a > b),
  },
];

function toInteger(value: Argument): number | undefined {
  let number: number | undefined;
  if (typeof value === 'number') {
    number = Math.trunc(value);
  } else if (typeof value === 'string' && value.length <= LONGEST_NUMBER) {
    const text = value.trim();
    number = INTEGER.test(text) ? Number(text) : undefined;
  }
  return Number.isSafeInteger(number) ? number : undefined;
}

function roundTo(value: Argument, places: Argument): number | undefined {
  if (typeof value !== 'number') return undefined;
  const digits = places ?? 0;
  if (typeof digits !== 'number' || !Number.isInteger(digits) || digits < 0 || digits > MOST_PLACES) return undefined;
  // Moving the point in the number's own decimal digits keeps 1.005 from becoming 1.00499.
  const size = Math.abs(value);
  const text = String(size);
  if (text.includes('e')) return size < 1 ? 0 : value;
  const moved = Math.round(Number(`${text}e${digits}`));
  const rounded = Number(`${moved}e-${digits}`);
  if (!Number.isFinite(rounded)) return value;
  return value < 0 && rounded !== 0 ? -rounded : rounded;
}

/** JavaScript's own logarithms are exact for powers of 2 and 10. */
function logarithm(value: Argument, base: Argument): number | undefined {
  if (typeof value !== 'number' || value <= 0) return undefined;
  if (base === undefined) return finite(Math.log(value));
  if (base === 10) return finite(Math.log10(value));
  if (base === 2) return finite(Math.log2(value));
  return typeof base === 'number' && base > 0 ? finite(Math.log(value) / Math.log(base)) : undefined;
}

function extreme(values: readonly Argument[], isBetter: (a: number, b: number) => boolean): number | undefined {
  const [first] = values;
  const list: readonly Argument[] = values.length === 1 && Array.isArray(first) ? first : values;
  let best: number | undefined;
  for (const value of list) {
    if (typeof value === 'number' && (best === undefined || isBetter(value, best))) best = value;
  }
  return best;
}
