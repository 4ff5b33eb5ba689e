import { type FieldPath, parsePath } from '../../../record/path.ts';
import { PatternError } from './pattern-error.ts';

/** What a captured text becomes. */
export type CaptureType = 'string' | 'int' | 'float' | 'boolean';

/** One capture of a grok pattern: the field it fills and what its text becomes. */
export interface Capture {
  readonly path: FieldPath;
  readonly type: CaptureType;
}

/** Logstash knows int and float; the others are the names that Elasticsearch's ingest processor takes as well. */
const TYPES: ReadonlyMap<string, CaptureType> = new Map<string, CaptureType>([
  ['string', 'string'],
  ['int', 'int'],
  ['integer', 'int'],
  ['long', 'int'],
  ['float', 'float'],
  ['double', 'float'],
  ['boolean', 'boolean'],
]);

/** Reads `name`, `a.b` and `[a][b]` (also `[a.b][c]`), with a type of {@link TYPES}. Throws a {@link PatternError}. */
export function readCapture(name: string, typeName = 'string'): Capture {
  const type = TYPES.get(typeName);
  if (type === undefined) {
    throw new PatternError(`has the type "${typeName}" for ${name}; the types are ${[...TYPES.keys()].join(', ')}`);
  }
  const dotted = /^(?:\[[^[\]]+\])+$/.test(name) ? name.slice(1, -1).replaceAll('][', '.') : name;
  const path = /[[\]]/.test(dotted) ? undefined : parsePath(dotted);
  if (path === undefined) throw new PatternError(`cannot capture into ${JSON.stringify(name)}; write name, a.b or [a][b]`);
  return { path, type };
}

/** What a value of the wrong kind gives: it differs from all values. */
export const NO_VALUE = Symbol('no value');

const NUMBER = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;

/**
 * The value of a captured text. An `int` cuts decimals off, as Logstash does; one that a number cannot hold exactly
 * stays a text. A text that is no value of the type gives {@link NO_VALUE}.
 */
export function convert(text: string, type: CaptureType): string | number | boolean | typeof NO_VALUE {
  if (type === 'string') return text;
  if (type === 'boolean') {
    const lower = text.toLowerCase();
    return lower === 'true' ? true : lower === 'false' ? false : NO_VALUE;
  }
  if (!NUMBER.test(text)) return NO_VALUE;
  const number = Number(text);
  if (type === 'float') return Number.isFinite(number) ? number : text;
  const whole = Math.trunc(number);
  return Number.isSafeInteger(whole) ? whole + 0 : text;
}
