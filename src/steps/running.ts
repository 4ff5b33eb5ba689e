import { z } from 'zod';
import { duration } from '../sdk/schema.ts';
import { checkAddedFields } from '../stream/aggregate/check-computation.ts';
import { RangeRule } from '../stream/running/range-rule.ts';
import { RunningRule, type RunningSettings } from '../stream/running/running-rule.ts';
import { expiryOption } from './expiry-option.ts';
import { groupTexts } from './group-options.ts';
import { addedFieldProblem, keyOptions } from './key-options.ts';
import { computedType } from './result-types.ts';
import { defineRuleStep } from './rule-step.ts';
import { aggregationOf, compute, computedPaths } from './window/compute.ts';

const MIN_KEPT = 16;
const MOST_KEPT = 20_000;

/** The form of the stored state: raised when it changes. */
const STATE_FORM = 1;

const options = z
  .strictObject({
    ...keyOptions,
    compute: compute.describe(
      'The fields that each record gets: expressions over aggregates, which gather the records of the key, and over fields of the record itself: `{ spent: sum(amount), ratio: "amount / avg(amount)" }`.',
    ),
    over: duration()
      .refine((ms) => ms >= 1 && Number.isInteger(ms), { error: 'must be a whole number of ms, and longer than 0' })
      .optional()
      .describe(
        'How far back records count, in event time: those at most so long before the record, both ends included. Without it all records of the key do.',
      ),
    max_kept: z
      .number()
      .int()
      .min(MIN_KEPT)
      .max(MOST_KEPT)
      .default(1000)
      .describe(
        'With `over`: how many records of a key are kept one by one. Where more are within `over`, neighbours are put together in slices, at most 256 and at most half as many as this, which leave as a whole: the range then begins earlier by up to one of them.',
      ),
    include_current: z
      .boolean()
      .default(true)
      .describe('Whether a record counts in its own aggregates. With `false` they are what was usual before it.'),
    expires: expiryOption()
      .optional()
      .describe(
        'After how long without records, in event time, a key is forgotten and begins anew. Without it no key ever is, and `max_keys` is the end.',
      ),
  })
  .superRefine((given, context) => {
    for (const name of Object.keys(given.compute)) {
      const message = addedFieldProblem(name);
      if (message !== undefined) context.addIssue({ code: 'custom', path: ['compute', name], message });
    }
  });

type RunningOptions = z.output<typeof options>;

export const running = defineRuleStep<RunningOptions>({
  kind: 'running',
  summary: 'Gives each record the aggregates over the records of its key up to it.',
  description: [
    'Records of a key are taken in the order of event time; those of one time in the order in which they came.',
    'A field that cannot be computed, such as the average of nothing, is missing in the record.',
    'In an aggregate `$topic`, `$partition` and `$offset` are missing.',
  ].join(' '),
  options,
  check: ({ compute: given }) => checkAddedFields(given, []),
  examples: [
    'running: { by: [ card.id ], over: 1h, compute: { velocity.count: count(), velocity.sum: sum(amount), velocity.countries: distinct(country) } }',
    'running:\n  by: [ card.id ]\n  compute: { card.payments: count(), card.spent: sum(amount) }\n  expires: 90d',
    'running:\n  by: [ customer.id ]\n  compute: { usual: avg(amount), deviation: stddev(amount), score: "(amount - avg(amount)) / stddev(amount)" }\n  include_current: false\n  expires: 90d',
  ],
  keepsOrder: true,
  fingerprint: ({ by, compute: given, over = null }) => [
    ...['running', STATE_FORM, [...groupTexts(by)]],
    ...[aggregationOf(given).fingerprint, over],
  ],
  yields: ({ compute: given }, known) => computedType(given, known.input, known),
  rule(given) {
    const { over, max_kept: maxKept } = given;
    const settings = runningSettings(given);
    return over === undefined ? new RunningRule(settings) : new RangeRule({ ...settings, over, maxKept });
  },
});

function runningSettings({ compute: given, include_current: includeCurrent, expires }: RunningOptions): RunningSettings {
  return {
    aggregation: aggregationOf(given),
    fields: computedPaths(given),
    includeCurrent,
    expires: expires ?? Number.POSITIVE_INFINITY,
  };
}
