import { z } from 'zod';
import { expression } from '../sdk/schema.ts';
import { DROPPED, defineStep } from '../sdk/step.ts';

const options = z.strictObject({
  condition: expression().describe('An expression. Records for which it is true go on, all others leave the stream.'),
});

export const filter = defineStep<z.output<typeof options>>({
  kind: 'filter',
  summary: 'Keeps the records for which a condition is true.',
  description: 'Only `true` keeps a record: a missing field makes a comparison false, and so drops it.',
  options,
  main: 'condition',
  changesValue: false,
  readsValue: true,
  examples: ['filter: "http.response.status_code >= 500"'],
  yields: ({ condition }, known) => known.condition(condition).met,
  create({ condition }) {
    const evaluate = condition.evaluate;
    return (record) => (evaluate(record) === true ? undefined : DROPPED);
  },
});
