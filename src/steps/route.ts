import { z } from 'zod';
import { expression, topicName } from '../sdk/schema.ts';
import { defineStep, type Routed } from '../sdk/step.ts';

const entry = z.strictObject({
  when: expression()
    .optional()
    .describe(
      'An expression: records for which it is true are routed. Only the last entry may lack it; it takes all that are left.',
    ),
  to: topicName().describe('The topic that they leave the stream for.'),
});

const options = z.strictObject({
  routes: z
    .array(entry)
    .min(1)
    .superRefine((routes, context) => {
      for (const [i, route] of routes.slice(0, -1).entries()) {
        if (route.when !== undefined) continue;
        context.addIssue({
          code: 'custom',
          path: [i],
          message: 'an entry without "when" takes all records, so that those after it get none; give it a "when" or put it last',
        });
      }
    })
    .describe('Tried in order; the first that matches takes the record.'),
});

export const route = defineStep<z.output<typeof options>>({
  kind: 'route',
  summary: 'Sends records to other topics by conditions; those that match none go on.',
  options,
  main: 'routes',
  changesValue: false,
  readsValue: true,
  topics: ({ routes }) => [...new Set(routes.map(({ to }) => to))],
  routesAll: ({ routes }) => routes.at(-1)?.when === undefined,
  examples: ['route:\n  - { when: "event.outcome === \'failure\'", to: access.errors }\n  - { to: access.rest }'],
  yields({ routes }, known) {
    // What an entry gets, none of those before it took.
    let left = known.input;
    for (const { when, to } of routes) {
      const { met, unmet } =
        when === undefined ? { met: left, unmet: left } : known.condition(when, { record: left, since: 'by the entries before' });
      known.sends(to, met);
      left = unmet;
    }
    return left;
  },
  create({ routes }) {
    const entries = routes.map(({ when, to }) => ({
      matches: when?.evaluate,
      outcome: { kind: 'routed', topic: to } satisfies Routed,
    }));
    return (record) => {
      for (const { matches, outcome } of entries) {
        if (matches === undefined || matches(record) === true) return outcome;
      }
      return undefined;
    };
  },
});
