import { z } from 'zod';
import { copyOf } from '../record/copy.ts';
import type { JsonValue } from '../record/json.ts';
import { setField } from '../record/path.ts';
import { CompiledOption, type Evaluate } from '../sdk/option.ts';
import { template } from '../sdk/schema.ts';
import { defineStep } from '../sdk/step.ts';
import type { StepTypes } from '../sdk/step-types.ts';
import { BOOLEAN, type FieldType, listOf, NULL, NUMBER, oneOf, type RecordType, setPath } from '../sdk/types/index.ts';
import { fieldMapping, pathEntries } from './field-mapping.ts';

/** What a field can be set to: a literal, or a text with templates in it. */
type SetValue = CompiledOption | number | boolean | null | SetValue[];

const scalar = z.union([template(), z.number(), z.boolean(), z.null()]);
const value: z.ZodType<SetValue> = z.union([scalar, z.array(z.lazy((): z.ZodType<SetValue> => value))], {
  error:
    'a text, a number, true, false, null or a list is needed; to set fields of an object write their paths with dots: labels.env',
});

export const set = defineStep<Record<string, SetValue>>({
  kind: 'set',
  summary: 'Sets fields to literals, or to texts with {{ expressions }} in them.',
  description:
    'Fields are set in the order of the file, and a template sees what was set before it. A template that is one expression alone keeps its type; where it has no value (a missing field) the field is left as it is.',
  options: fieldMapping(value).describe('The value of each field: `path: value`.'),
  main: '*',
  changesValue: true,
  readsValue: true,
  examples: ['set: { labels.env: prod, labels.site: "{{ url.domain ?? \'unknown\' }}", event.severity: 3 }'],
  yields(mapping, known) {
    let record = known.input;
    for (const { path, value: setTo } of pathEntries(mapping)) record = setPath(record, path, valueType(setTo, record, known));
    return record;
  },
  create(mapping) {
    const settings = pathEntries(mapping).map((entry) => ({ path: entry.path, evaluate: evaluator(entry.value) }));
    return (record) => {
      for (const { path, evaluate } of settings) {
        const to = evaluate(record);
        // A copy: two fields never share one object, and none holds the record that it is in.
        if (to !== undefined) setField(record.value, path, typeof to === 'object' ? copyOf(to) : to);
      }
      return undefined;
    };
  },
});

/** A missing value leaves the field as it is; in a list it is null. */
function valueType(setTo: SetValue, record: RecordType, known: StepTypes): FieldType {
  if (setTo instanceof CompiledOption) return known.valueOf(setTo, { record });
  if (!Array.isArray(setTo)) return { type: typeof setTo === 'number' ? NUMBER : setTo === null ? NULL : BOOLEAN, always: true };
  const items = setTo.map((item) => valueType(item, record, known));
  return { type: listOf(oneOf(...items.map(({ type, always }) => (always ? type : oneOf(type, NULL))))), always: true };
}

function evaluator(setTo: SetValue): Evaluate {
  if (setTo instanceof CompiledOption) {
    const { constant } = setTo;
    if (constant === undefined) return setTo.evaluate;
    const literal = constant.value;
    return () => literal;
  }
  // A list is made anew for each record: records own their values.
  if (Array.isArray(setTo)) {
    const items = setTo.map(evaluator);
    return (record) => items.map((item): JsonValue => item(record) ?? null);
  }
  return () => setTo;
}
