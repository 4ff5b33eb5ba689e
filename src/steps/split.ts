import { z } from 'zod';
import { type ErrorCode, type ErrorParameters, errorMessage } from '../errors/index.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../record/json.ts';
import { deleteField, type FieldPath, getField, setField } from '../record/path.ts';
import type { StreamRecord } from '../record/record.ts';
import { fieldPath } from '../sdk/schema.ts';
import { DROPPED, defineStep, type Rejected, type StepOutcome } from '../sdk/step.ts';
import { deletePath, fill, LIST, NEVER, oneOf, STRING, setPath, union } from '../sdk/types/index.ts';
import { fillFrom } from './parse/merge.ts';
import { copiesOf, MOST_COPIED_BYTES } from './split/copies.ts';
import { kindOf } from './value-kind.ts';

const MOST_PARTS = 10_000;

const options = z
  .strictObject({
    field: fieldPath().describe('The field that holds the list, or the text.'),
    separator: z
      .string()
      .min(1)
      .optional()
      .describe(
        'What stands between the parts of a text: "\\n". Parts without a character are left out. Without it only lists are split.',
      ),
    into: fieldPath()
      .optional()
      .describe(
        'The field that gets the part; `field` is removed then. Without it the part stands in the place of the list or text.',
      ),
    merge: z
      .boolean()
      .default(false)
      .describe(
        'Whether a part, which must be an object, is merged into the record, where it wins over the rest; `field` is removed.',
      ),
    max_parts: z
      .number()
      .int()
      .min(1)
      .max(MOST_PARTS)
      .default(1_000)
      .describe('A record that would become more parts is rejected.'),
    on_empty: z
      .enum(['keep', 'drop', 'reject'])
      .default('keep')
      .describe('What becomes of a record whose list or text has no part: `keep` it as it is, `drop` or `reject` it.'),
    on_missing: z
      .enum(['reject', 'skip'])
      .default('reject')
      .describe('What becomes of a record without the field: `reject` it (a dead letter), or `skip` this step.'),
  })
  .superRefine(({ into, merge }, context) => {
    if (into !== undefined && merge)
      context.addIssue({
        code: 'custom',
        path: ['into'],
        message: 'a part is merged into the record or put into a field, not both',
      });
  });

type SplitOptions = z.output<typeof options>;

export const split = defineStep<SplitOptions>({
  kind: 'split',
  summary: 'Makes several records of one: one for each item of a list, or for each part of a text.',
  description: [
    'Each has a copy of the rest of the record, its key and its headers, and they stay in their order.',
    'The steps after it run on each by itself: one that fails is a dead letter of its own, and its replay brings back that part alone.',
    'It has no place in the steps of a sink, which delivers each record it reads under one id: split in a stream before it.',
  ].join(' '),
  options,
  main: 'field',
  changesValue: true,
  readsValue: true,
  splits: true,
  examples: [
    'split: items',
    'split: { field: Records, merge: true, on_empty: drop }',
    'split: { field: message, separator: "\\n" }',
  ],
  yields(options, known) {
    const { field, separator, into, merge, on_empty: onEmpty, on_missing: onMissing } = options;
    const { input } = known;
    const takes = separator === undefined ? LIST : oneOf(LIST, STRING);
    const whole = known.read(field, { at: ['field'], takes, optional: onMissing === 'skip' });
    const { list = NEVER, string } = whole.type;
    const part = separator === undefined || string === undefined ? list : union(list, STRING);
    const rest = merge || into !== undefined ? deletePath(input, field) : input;
    const { object } = part;
    const merged = merge && object !== undefined ? fill({ object }, rest) : rest;
    const parts = merge ? merged : setPath(rest, into ?? field, { type: part, always: true });
    return onEmpty === 'keep' || onMissing === 'skip' ? union(parts, input) : parts;
  },
  create(options) {
    return (record) => splitRecord(record, options);
  },
});

function splitRecord({ value }: StreamRecord, options: SplitOptions): StepOutcome | undefined {
  const { field, separator, on_empty: onEmpty } = options;
  const whole = getField(value, field);
  if (whole === undefined) return options.on_missing === 'skip' ? undefined : rejected(field, 'SPLIT_FIELD_MISSING');
  const parts = partsOf(whole, separator);
  if (parts === undefined) {
    const needed = separator === undefined ? 'a list (or a text and a "separator")' : 'a list or a text';
    return rejected(field, 'SPLIT_NOT_A_LIST', { found: kindOf(whole), needed });
  }
  if (parts.length === 0) {
    if (onEmpty === 'keep') return undefined;
    return onEmpty === 'drop' ? DROPPED : rejected(field, 'SPLIT_EMPTY');
  }
  if (parts.length > options.max_parts)
    return rejected(field, 'SPLIT_TOO_MANY', { parts: parts.length, limit: options.max_parts });
  return splitInto(parts, value, options);
}

/** The items of a list, or the parts of a text: `undefined` where it is neither. */
function partsOf(whole: JsonValue, separator: string | undefined): JsonValue[] | undefined {
  if (Array.isArray(whole)) return whole;
  if (typeof whole !== 'string' || separator === undefined) return undefined;
  return whole.split(separator).filter((part) => part !== '');
}

function splitInto(parts: readonly JsonValue[], rest: JsonObject, options: SplitOptions): StepOutcome {
  const { field, into, merge } = options;
  const odd = merge ? parts.findIndex((part) => !isJsonObject(part)) : -1;
  if (odd >= 0) return rejected(field, 'SPLIT_ITEM_NO_OBJECT', { item: odd + 1, found: kindOf(parts[odd] as JsonValue) });
  if (merge || into !== undefined) deleteField(rest, field);
  else setField(rest, field, null);
  const copies = copiesOf(rest, parts.length);
  if (copies === undefined) return rejected(field, 'SPLIT_TOO_LARGE', { parts: parts.length, limit: MOST_COPIED_BYTES });
  const values = copies.map((copy, i) => {
    const part = parts[i] as JsonValue;
    if (merge && isJsonObject(part)) {
      fillFrom(part, copy);
      return part;
    }
    setField(copy, into ?? field, part);
    return copy;
  });
  return { kind: 'split', values };
}

function rejected(field: FieldPath, code: ErrorCode, more: ErrorParameters = {}): Rejected {
  return { kind: 'rejected', code, message: errorMessage(code, { field: field.join('.'), ...more }) };
}
