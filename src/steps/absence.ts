import { z } from 'zod';
import type { FieldPath } from '../record/path.ts';
import { NUMBER, objectOf, STRING, setPath, textOf } from '../sdk/types/index.ts';
import { AbsenceRule } from '../stream/alert/absence-rule.ts';
import { groupTexts } from './group-options.ts';
import { fieldClashes, shownFields, shownFieldsOf } from './result-fields.ts';
import { groupedType, shownType } from './result-types.ts';
import { keepOption, ruleOptions } from './rule-options.ts';
import { defineRuleStep } from './rule-step.ts';
import { wholeDuration } from './whole-duration.ts';

const STATE_FORM = 1;

/** What a result holds beside the key and `fields`. */
const OWN_FIELDS: readonly FieldPath[] = [['@timestamp'], ['absence']];

const ABSENCE = objectOf({
  id: STRING,
  status: textOf('absent', 'back'),
  since: STRING,
  duration_ms: NUMBER,
  revision: NUMBER,
  'ended?': STRING,
});

const options = z
  .strictObject({
    within: wholeDuration().describe(
      'How long a key may be silent: it is absent when event time is more than this past its last record.',
    ),
    repeat: wholeDuration()
      .optional()
      .describe('The interval of event time at which an absence that lasts is sent again, as a revision. Without it: never.'),
    resolve: z
      .boolean()
      .default(true)
      .describe('Whether the end of an absence is sent too, as its last revision, when a record of the key comes again.'),
    forget_after: wholeDuration()
      .prefault('1d')
      .describe('How long after its last record a key is forgotten: then it is new when it comes again. Longer than `within`.'),
    fields: shownFields.describe('What results show of the last record: `path: value`, literals and templates, as in `set`.'),
    ...ruleOptions,
    ...keepOption,
  })
  .superRefine((given, context) => {
    if (given.forget_after <= given.within + 1) {
      const message = 'must be longer than "within": a key that is forgotten before cannot be absent';
      context.addIssue({ code: 'custom', path: ['forget_after'], message });
    }
    for (const clash of fieldClashes(given, OWN_FIELDS)) context.addIssue({ code: 'custom', ...clash });
  });

type AbsenceOptions = z.output<typeof options>;

export const absence = defineRuleStep<AbsenceOptions>({
  kind: 'absence',
  summary: 'Says when no record of a key has come for a time, and when one comes again.',
  description: [
    'Results take the place of the records, which go no further: the fields of the key and `absence`, with `status` (`absent`, `back`), `since` (the time of the last record), `duration_ms`, `id`, `revision`, and `ended`.',
    'There is one for each silence; what is sent of it later has the same id and a higher revision.',
    'Time is event time, which goes on with the records of all keys, and by `idle_timeout` of the stream where none come at all. A key that never was there is not missed.',
  ].join(' '),
  options,
  main: 'within',
  examples: [
    'absence: { by: [ host.name ], within: 5m }',
    'absence:\n  by: [ sensor.id ]\n  within: 1m\n  repeat: 10m\n  forget_after: 7d\n  fields: { sensor.room: "{{ sensor.room }}" }',
    'absence: 30s',
  ],
  fingerprint: ({ by }) => ['absence', STATE_FORM, [...groupTexts(by)]],
  yields({ by, fields }, known) {
    const shown = shownType(fields, groupedType(by, known), known);
    return setPath(shown, ['absence'], { type: ABSENCE, always: true });
  },
  rule: ({ within, repeat = Number.POSITIVE_INFINITY, resolve, forget_after: forgetAfter, fields }) =>
    new AbsenceRule({ within, repeat, resolve, forgetAfter, fields: shownFieldsOf(fields) }),
  revises: ({ resolve, repeat }) => (resolve ? 'resolve' : repeat === undefined ? undefined : 'repeat'),
});
