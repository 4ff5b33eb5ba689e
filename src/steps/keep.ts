import { z } from 'zod';
import { fieldPath } from '../sdk/schema.ts';
import { defineStep } from '../sdk/step.ts';
import { keeper } from './keep/keeper.ts';
import { keptType } from './keep/kept-type.ts';

const options = z.strictObject({
  fields: z
    .union([fieldPath().transform((path) => [path]), z.array(fieldPath()).min(1)])
    .describe(
      'The fields that stay. A field that holds an object stays with all that is in it. A `*` in a name stands for any characters of that name: `labels.*`, `http.re*.bytes`.',
    ),
});

export const keep = defineStep<z.output<typeof options>>({
  kind: 'keep',
  summary: 'Keeps only the listed fields.',
  description:
    'All others are removed, `@timestamp` too where it is not listed. A field that a record does not have is passed over.',
  options,
  main: 'fields',
  changesValue: true,
  readsValue: true,
  examples: ["keep: [ '@timestamp', message, 'http.*.status_code', labels ]"],
  yields({ fields }, known) {
    for (const [i, field] of fields.entries())
      if (!field.some((name) => name.includes('*'))) known.read(field, { at: ['fields', i], optional: true });
    return keptType(known.input, fields);
  },
  create({ fields }) {
    const kept = keeper(fields);
    return (record) => {
      record.value = kept(record.value) ?? {};
      return undefined;
    };
  },
});
