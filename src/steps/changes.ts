import { z } from 'zod';
import type { FieldPath } from '../record/path.ts';
import { CompiledOption } from '../sdk/option.ts';
import { expression } from '../sdk/schema.ts';
import type { StepTypes } from '../sdk/step-types.ts';
import { objectOf, putPath, type RecordType, STRING, setPath } from '../sdk/types/index.ts';
import { ChangesRule, type Watched } from '../stream/changes/changes-rule.ts';
import { expiryOption } from './expiry-option.ts';
import { fieldMapping, pathEntries } from './field-mapping.ts';
import { groupTexts, listedField } from './group-options.ts';
import { addedField, apartProblem, keyOptions } from './key-options.ts';
import { orNull } from './result-types.ts';
import { defineRuleStep } from './rule-step.ts';

const STATE_FORM = 1;

const list = z
  .array(expression())
  .min(1)
  .superRefine((given, context) => {
    for (const [i, { text }] of given.entries()) {
      const message = `the field of "previous" for ${JSON.stringify(text)} has no name; write a mapping: { name: ${JSON.stringify(text)} }`;
      if (listedField(text) === undefined) context.addIssue({ code: 'custom', path: [i], message });
    }
  });

const fields = z.strictObject({
  ...keyOptions,
  of: z
    .union([expression(), list, fieldMapping(expression())])
    .describe(
      'The values that are watched: an expression, a list of field paths, or a mapping of names to expressions. Missing and null are the same value.',
    ),
  first: z.boolean().default(true).describe('Whether the first record of a key goes on, which differs from nothing.'),
  previous: addedField()
    .optional()
    .describe(
      'The field that gets the value before the change: of one expression the value itself, of a list or mapping an object with all of them. Missing in the first record of a key.',
    ),
  since: addedField().optional().describe('The field that gets the time of the first record with the value before the change.'),
  expires: expiryOption()
    .optional()
    .describe('After how long without records, in event time, a key is forgotten: its next record is a first one again.'),
});

const options = fields.superRefine(({ previous, since }, context) => {
  const message = apartProblem(previous, since);
  if (message !== undefined) context.addIssue({ code: 'custom', path: ['since'], message });
});

type ChangesOptions = z.output<typeof options>;

export const changes = defineRuleStep<ChangesOptions>({
  kind: 'changes',
  summary: 'Lets a record go on only where a value differs from that in the record of its key before it.',
  description: [
    'Records of a key are taken in the order of event time. Values are compared as JSON: lists item by item, objects whatever the order of their fields.',
    'A record that lacks the value has null: going away is a change, and coming back too. Leave such records out before (`filter: "exists(status)"`) where they mean nothing.',
  ].join(' '),
  options,
  main: 'of',
  examples: [
    'changes: { by: [ device.id ], of: status, previous: status_before, since: status_since }',
    'changes: { by: [ card.id ], of: { country: "geo.country", device: "device.id" }, first: false, previous: was, expires: 90d }',
  ],
  // Where keys do not expire, nobody notes when they were seen last.
  keepsOrder: true,
  fingerprint: ({ by, of, expires }) => [
    ...['changes', STATE_FORM, [...groupTexts(by)]],
    ...[watchedOf(of).map(({ text }) => text), expires !== undefined],
  ],
  yields({ of, previous, since }, known) {
    const before = watchedType(of, known);
    const shown = previous === undefined ? known.input : putPath(known.input, previous, { type: before, always: false });
    return since === undefined ? shown : putPath(shown, since, { type: STRING, always: false });
  },
  rule: ({ of, first, previous, since, expires = Number.POSITIVE_INFINITY }) =>
    new ChangesRule({ watched: watchedOf(of), first, previous, since, expires }),
});

/** Missing is null. */
function watchedType(of: ChangesOptions['of'], known: StepTypes): RecordType {
  if (of instanceof CompiledOption) return orNull(known.valueOf(of)).type;
  return namedOf(of).reduce((shown, [path, option]) => setPath(shown, path, orNull(known.valueOf(option))), objectOf({}));
}

interface WatchedText extends Watched {
  readonly text: string;
}

function watchedOf(of: ChangesOptions['of']): WatchedText[] {
  if (of instanceof CompiledOption) return [{ path: undefined, text: of.text.trim(), evaluate: of.evaluate }];
  return namedOf(of).map(([path, { text, evaluate }]) => ({ path, text: text.trim(), evaluate }));
}

function namedOf(of: Exclude<ChangesOptions['of'], CompiledOption>): readonly (readonly [FieldPath, CompiledOption])[] {
  return Array.isArray(of)
    ? of.map((option) => [listedField(option.text) ?? [option.text], option])
    : pathEntries(of).map(({ path, value }) => [path, value]);
}
