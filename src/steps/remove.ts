import { z } from 'zod';
import { deleteField } from '../record/path.ts';
import { fieldPath } from '../sdk/schema.ts';
import { defineStep } from '../sdk/step.ts';
import { deletePath } from '../sdk/types/index.ts';

const options = z.strictObject({
  fields: z
    .union([fieldPath().transform((path) => [path]), z.array(fieldPath()).min(1)])
    .describe('The field, or a list of fields. One that a record does not have is passed over.'),
});

export const remove = defineStep<z.output<typeof options>>({
  kind: 'remove',
  summary: 'Removes fields.',
  options,
  main: 'fields',
  changesValue: true,
  readsValue: true,
  examples: ['remove: user_agent.original', 'remove: [ event.original, labels ]'],
  yields({ fields }, known) {
    for (const [i, field] of fields.entries()) known.read(field, { at: ['fields', i], optional: true });
    return fields.reduce(deletePath, known.input);
  },
  create({ fields }) {
    return ({ value }) => {
      for (const path of fields) deleteField(value, path);
      return undefined;
    };
  },
});
