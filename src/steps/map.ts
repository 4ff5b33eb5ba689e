import { z } from 'zod';
import { mapProgram } from '../sdk/schema.ts';
import { defineStep } from '../sdk/step.ts';

const options = z.strictObject({
  program: mapProgram().describe('Statements, one a line, run in order: `path = expression` or `delete path`.'),
});

export const map = defineStep<z.output<typeof options>>({
  kind: 'map',
  summary: 'Changes fields by statements.',
  options,
  main: 'program',
  changesValue: true,
  readsValue: true,
  examples: ["map: |\n  event.outcome = http.response.status_code >= 500 ? 'failure' : 'success'\n  delete user_agent.original"],
  yields: ({ program }, known) => known.valueOf(program).type,
  create({ program }) {
    const run = program.evaluate;
    return (record) => {
      run(record);
      return undefined;
    };
  },
});
