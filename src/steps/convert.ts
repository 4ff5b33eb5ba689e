import { z } from 'zod';
import type { JsonValue } from '../record/json.ts';
import { deleteField, type FieldPath, getField, setField } from '../record/path.ts';
import type { StreamRecord } from '../record/record.ts';
import { defineStep, type Rejected, rejected } from '../sdk/step.ts';
import { isNever, NEVER, NULL, replacePath, union } from '../sdk/types/index.ts';
import { convertedType } from './convert/converted-type.ts';
import { CONVERSION_NAMES, type Conversion, conversions } from './convert/types.ts';
import { fieldMapping, pathEntries } from './field-mapping.ts';
import { shown } from './value-kind.ts';

const options = z.strictObject({
  fields: fieldMapping(z.enum(CONVERSION_NAMES)).describe(
    'The type of each field: `path: type`. `integer` and `float` are read from text; `boolean` from true/false, yes/no, on/off, t/f, y/n, 1/0 in any case; `string` is made of anything; `ip` is checked; `bytes` are read from `5MB`, `64 KiB` or a number; `duration_ms` and `duration_ns` from `1m30s`, `250ms`, `12µs`.',
  ),
  on_failure: z
    .enum(['reject', 'keep', 'set_null', 'remove'])
    .default('reject')
    .describe(
      'What becomes of a value that is none of its type: `reject` the record (a dead letter), `keep` it as it is, `set_null` in its place, or `remove` the field.',
    ),
});

type OnFailure = z.output<typeof options>['on_failure'];

interface Converted {
  readonly path: FieldPath;
  readonly type: string;
  readonly convert: Conversion;
}

export const convert = defineStep<z.output<typeof options>>({
  kind: 'convert',
  summary: 'Converts fields to other types.',
  description:
    'A field that a record does not have is passed over, and null stays null. The items of a list are converted one by one; one that cannot be makes the whole field one that cannot. A whole number is kept exactly or not at all, and a fraction is never cut off.',
  options,
  changesValue: true,
  readsValue: true,
  examples: [
    'convert: { fields: { http.response.status_code: integer, http.response.body.bytes: bytes, cached: boolean } }',
    'convert: { fields: { took: duration_ns }, on_failure: remove }',
  ],
  yields({ fields, on_failure: onFailure }, known) {
    let record = known.input;
    for (const { path, value: to } of pathEntries(fields)) {
      const before = known.read(path, { at: ['fields', path.join('.')], optional: true });
      if (isNever(before.type)) continue;
      const after = convertedType(before.type, to);
      const failed = onFailure === 'keep' ? before.type : onFailure === 'set_null' ? NULL : NEVER;
      record = replacePath(record, path, { type: union(after, failed), always: before.always && onFailure !== 'remove' });
    }
    return record;
  },
  create({ fields, on_failure: onFailure }) {
    const converted = pathEntries(fields).map(
      ({ path, value }): Converted => ({ path, type: value, convert: conversions[value] }),
    );
    return (record) => {
      for (const field of converted) {
        const rejected = convertField(record, field, onFailure);
        if (rejected !== undefined) return rejected;
      }
      return undefined;
    };
  },
});

function convertField({ value }: StreamRecord, field: Converted, onFailure: OnFailure): Rejected | undefined {
  const { path, convert: conversion, type } = field;
  const before = getField(value, path);
  if (before === undefined || before === null) return undefined;
  const after = Array.isArray(before) ? convertItems(before, conversion) : conversion(before);
  if (after !== undefined) {
    if (after !== before) setField(value, path, after);
    return undefined;
  }
  if (onFailure === 'set_null') setField(value, path, null);
  else if (onFailure === 'remove') deleteField(value, path);
  else if (onFailure === 'reject') {
    const parameters = { field: path.join('.'), type, found: shown(before) };
    return rejected('CONVERT_FAILED', parameters);
  }
  return undefined;
}

function convertItems(items: readonly JsonValue[], conversion: Conversion): JsonValue[] | undefined {
  const converted: JsonValue[] = [];
  for (const item of items) {
    const after = item === null ? null : conversion(item);
    if (after === undefined) return undefined;
    converted.push(after);
  }
  return converted;
}
