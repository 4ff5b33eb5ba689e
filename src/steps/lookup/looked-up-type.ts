import type { FieldPath } from '../../record/path.ts';
import { ANY, BOOLEAN, NULL, NUMBER, OBJECT, type RecordType, STRING, setPath, union } from '../../sdk/types/index.ts';
import { pathEntries } from '../field-mapping.ts';

interface Placed {
  readonly fields?: Readonly<Record<string, FieldPath>> | undefined;
  readonly into?: FieldPath | undefined;
  readonly default?: Readonly<Record<string, string | number | boolean | null>> | undefined;
}

/** What is known behind a look-up. The file itself is not opened here: of columns that the options do not name nothing is known. */
export function lookedUpType(
  { fields, into = [], default: fallback }: Placed,
  format: 'csv' | 'ndjson',
  input: RecordType,
): RecordType {
  const found = fields === undefined ? withAnything(input, into) : withFields(input, Object.values(fields), into, format);
  if (fallback === undefined) return found;
  const missed = pathEntries(fallback).reduce(
    (record, { path, value }) => setPath(record, [...into, ...path], { type: constantType(value), always: true }),
    input,
  );
  return union(found, missed);
}

function withAnything(input: RecordType, into: FieldPath): RecordType {
  if (into.length === 0) return OBJECT;
  return setPath(input, into, { type: OBJECT, always: false });
}

function withFields(input: RecordType, paths: readonly FieldPath[], into: FieldPath, format: 'csv' | 'ndjson'): RecordType {
  const type = format === 'csv' ? STRING : ANY;
  return paths.reduce((record, path) => setPath(record, [...into, ...path], { type, always: false }), input);
}

function constantType(value: string | number | boolean | null): RecordType {
  if (value === null) return NULL;
  return typeof value === 'string' ? STRING : typeof value === 'number' ? NUMBER : BOOLEAN;
}
