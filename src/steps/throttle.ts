import { z } from 'zod';
import { duration } from '../sdk/schema.ts';
import { BOOLEAN, NUMBER, putPath } from '../sdk/types/index.ts';
import { ThrottleRule } from '../stream/throttle/throttle-rule.ts';
import { expiryOption } from './expiry-option.ts';
import { groupTexts } from './group-options.ts';
import { addedField, apartProblem, keyOptions } from './key-options.ts';
import { defineRuleStep } from './rule-step.ts';

const STATE_FORM = 1;
const MOST = 10_000;

const fields = z.strictObject({
  ...keyOptions,
  limit: z.number().int().min(1).max(MOST).describe('How many records of a key go on in any period of the length `per`.'),
  per: duration()
    .refine((ms) => ms > 0, { error: 'must be longer than 0' })
    .describe(
      'The length of a period of event time: `1m`. Each record is looked at with those that have gone on in the period up to it.',
    ),
  mark: addedField()
    .optional()
    .describe(
      'The field that is set to true in records beyond the limit, which then go on too, so that `route` or `filter` can take them. Without it they are dropped, and counted.',
    ),
  count: addedField()
    .optional()
    .describe(
      'The field in which the first record that goes on after some were beyond the limit says how many these were; other records do not have it.',
    ),
  expires: expiryOption()
    .prefault('1h')
    .describe(
      'With `count`: for how long after the last record of a key, in event time, the number is kept (at least for `per`).',
    ),
});

const options = fields.superRefine(({ mark, count }, context) => {
  const message = apartProblem(mark, count);
  if (message !== undefined) context.addIssue({ code: 'custom', path: ['count'], message });
});

type ThrottleOptions = z.output<typeof options>;

export const throttle = defineRuleStep<ThrottleOptions>({
  kind: 'throttle',
  summary: 'Lets at most so many records of each key go on in any period of event time.',
  description: [
    'Records of a key are taken in the order of event time. One goes on where fewer than `limit` have gone on in the time `per` before it; one that is exactly `per` older does not count any more.',
    'So there are never more than `limit` in any period of that length, wherever it begins, and a replay lets the same records through.',
  ].join(' '),
  options,
  examples: [
    'throttle: { by: [ host.name ], limit: 100, per: 1s }',
    'throttle: { by: { rule: "rule.name", card: "card.id" }, limit: 1, per: 10m, count: alert.suppressed }',
    'throttle: { by: [ user.id ], limit: 10, per: 1m, mark: throttled }',
  ],
  keepsOrder: true,
  fingerprint: ({ by, per }) => ['throttle', STATE_FORM, [...groupTexts(by)], per],
  yields({ mark, count }, known) {
    const marked = mark === undefined ? known.input : putPath(known.input, mark, { type: BOOLEAN, always: false });
    return count === undefined ? marked : putPath(marked, count, { type: NUMBER, always: false });
  },
  rule: ({ limit, per, mark, count: excess, expires }) => new ThrottleRule({ limit, per, mark, excess, expires }),
});
