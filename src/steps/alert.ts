import { z } from 'zod';
import type { FieldPath } from '../record/path.ts';
import { expression, template } from '../sdk/schema.ts';
import type { Against, StepTypes } from '../sdk/step-types.ts';
import { fill, NUMBER, objectOf, oneOf, type RecordType, STRING, setPath, textOf } from '../sdk/types/index.ts';
import { AlertRule, type AlertSettings } from '../stream/alert/alert-rule.ts';
import { groupTexts } from './group-options.ts';
import { fieldClashes, shownFields, shownFieldsOf } from './result-fields.ts';
import { groupedType, orNull, shownType } from './result-types.ts';
import { keepOption, ruleOptions } from './rule-options.ts';
import { defineRuleStep } from './rule-step.ts';
import { wholeDuration } from './whole-duration.ts';

const STATE_FORM = 1;
const MOST_ESCALATIONS = 20;
const LONGEST_NAME = 200;

/** What a result holds beside the key and `fields`. */
const OWN_FIELDS: readonly FieldPath[] = [['@timestamp'], ['alert'], ['event', 'kind'], ['rule', 'name']];

const escalation = z
  .strictObject({
    after: wholeDuration().optional().describe('When it has been open for so long, in event time.'),
    count: z.number().int().min(2).optional().describe('When so many records have met the condition.'),
    when: expression().optional().describe('When a record that meets the condition meets this expression too.'),
    severity: z.union([z.string().min(1), z.number()]).describe('The severity that it has from then on.'),
  })
  .superRefine(({ after, count, when }, context) => {
    if ([after, count, when].filter((given) => given !== undefined).length === 1) return;
    context.addIssue({
      code: 'custom',
      message: 'one of "after", "count" and "when" is needed: it says when the alert gets worse',
    });
  });

const options = z
  .strictObject({
    name: z.string().min(1).max(LONGEST_NAME).describe('What the alert is called: `rule.name` and `alert.name` of the results.'),
    raise_when: expression()
      .optional()
      .describe(
        'The condition: a record that meets it raises an alert, or counts for the one that is open. Without it every record does.',
      ),
    for: wholeDuration()
      .optional()
      .describe(
        'For how long the condition must have held: the alert is raised by the first record that meets it so long after the first one, with none in between that does not.',
      ),
    resolve_when: expression()
      .optional()
      .describe('The alert is resolved by a record that meets this. One that does raises none, whatever `raise_when` says.'),
    resolve_after: wholeDuration()
      .prefault('1h')
      .describe('The alert is resolved when event time is more than this past the last record that met the condition.'),
    repeat: wholeDuration()
      .optional()
      .describe(
        'The interval of event time at which an open alert is sent again, as a revision, counted from the last one. Without it: only when its severity changes, and when it is resolved.',
      ),
    severity: template()
      .prefault('warning')
      .describe('How bad it is: a word, or a template over the last record that met the condition. A change is a revision.'),
    escalate: z
      .array(escalation)
      .min(1)
      .max(MOST_ESCALATIONS)
      .optional()
      .describe('When an open alert gets worse, mildest first: each takes the place of those before it, and none is taken back.'),
    fields: shownFields.describe(
      'What the alert shows of the last record that met the condition: `path: value`, literals and templates, as in `set`.',
    ),
    ...ruleOptions,
    ...keepOption,
  })
  .superRefine((given, context) => {
    for (const clash of fieldClashes(given, OWN_FIELDS)) context.addIssue({ code: 'custom', ...clash });
  });

type AlertOptions = z.output<typeof options>;

export const alert = defineRuleStep<AlertOptions>({
  kind: 'alert',
  summary: 'Makes alerts of records that meet a condition: raised once for each key, escalated, resolved.',
  description: [
    'Results take the place of the records, which go no further: the fields of the key and `fields`, `event.kind` (`alert`), `rule.name`, and `alert` with `id`, `name`, `status` (`open`, `escalated`, `resolved`), `severity`, `started`, `last_seen`, `count`, `revision`, and `ended` and `duration_ms` when it is resolved.',
    'While an alert is open, further records that meet the condition only count. Whatever is sent of it has the same id and a higher revision, so that a sink replaces it; the next alert of the key has another id.',
    'Records of a key are judged in the order of event time, and all times are event times. In conditions and templates `$topic`, `$partition` and `$offset` are missing.',
  ].join(' '),
  options,
  examples: [
    'alert: { name: Card velocity, by: [ card.id ], raise_when: "count > 5", resolve_after: 30m }',
    'alert:\n  name: Errors on a path\n  by: [ url.path ]\n  raise_when: "errors > 100"\n  for: 5m\n  resolve_when: "errors < 20"\n  repeat: 1h\n  severity: "{{ errors > 1000 ? \'critical\' : \'warning\' }}"\n  escalate:\n    - { count: 10, severity: critical }\n    - { after: 30m, severity: page }\n  fields: { message: "{{ errors }} errors a minute on {{ url.path }}", team: web }',
  ],
  // What the rest says may change while alerts are open.
  fingerprint: ({ by }) => ['alert', STATE_FORM, [...groupTexts(by)]],
  yields(given, known) {
    const { by, fields, name, raise_when: raise, resolve_when: resolve, escalate = [] } = given;
    if (resolve !== undefined) known.condition(resolve);
    // All that is shown is of a record that met the condition.
    const shown = raise === undefined ? {} : { record: known.condition(raise).met, since: 'by `raise_when`' };
    for (const { when } of escalate) if (when !== undefined) known.condition(when, shown);
    const kind = objectOf({ event: objectOf({ kind: textOf('alert') }), rule: objectOf({ name: textOf(name) }) });
    const result = fill(kind, shownType(fields, groupedType(by, known), known, shown));
    return setPath(result, ['alert'], { type: alertType(given, known, shown), always: true });
  },
  rule: (given) => new AlertRule(settingsOf(given)),
  revises: () => 'resolve_after',
});

function alertType({ name, severity, escalate = [] }: AlertOptions, known: StepTypes, shown: Against): RecordType {
  const severities = escalate.map((each) => (typeof each.severity === 'number' ? NUMBER : textOf(each.severity)));
  return objectOf({
    id: STRING,
    name: textOf(name),
    status: textOf('open', 'escalated', 'resolved'),
    severity: oneOf(severityType(orNull(known.valueOf(severity, shown)).type), ...severities),
    started: STRING,
    last_seen: STRING,
    count: NUMBER,
    revision: NUMBER,
    'ended?': STRING,
    'duration_ms?': NUMBER,
  });
}

/** Lists and objects are shown as JSON. */
function severityType(type: RecordType): RecordType {
  const { list, object, ...scalars } = type;
  return list === undefined && object === undefined ? scalars : oneOf(scalars, STRING);
}

function settingsOf(given: AlertOptions): AlertSettings {
  return {
    name: given.name,
    raiseWhen: given.raise_when?.evaluate,
    holds: given.for ?? 0,
    resolveWhen: given.resolve_when?.evaluate,
    resolveAfter: given.resolve_after,
    repeat: given.repeat ?? Number.POSITIVE_INFINITY,
    severity: given.severity.evaluate,
    escalate: (given.escalate ?? []).map(({ when, ...rest }) => ({ ...rest, when: when?.evaluate })),
    fields: shownFieldsOf(given.fields),
  };
}
