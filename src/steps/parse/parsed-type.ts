import type { StepTypes } from '../../sdk/step-types.ts';
import {
  deletePath,
  fill,
  getPath,
  isNever,
  NUMBER,
  objectOf,
  oneOf,
  type RecordType,
  readNotation,
  refine,
  STRING,
  setPath,
  textOf,
  union,
} from '../../sdk/types/index.ts';
import type { Formats } from './formats.ts';
import { type Candidate, candidatesOf, type ParseOptions } from './options.ts';

/** What is known of a record behind `parse`, where these formats are known: see `create` there, which does the same with values. */
export function parsedTypeWith(formats: Formats): (options: ParseOptions, known: StepTypes) => RecordType {
  return (options, known) => parsedType(options, known, formats);
}

function parsedType(options: ParseOptions, known: StepTypes, formats: Formats): RecordType {
  const { field, format_field: formatField, on_missing: onMissing, schema } = options;
  const text = known.read(field, { at: ['field'], takes: STRING, optional: onMissing === 'skip' });
  const candidates = candidatesOf(options, formats);
  const found = oneOf(...candidates.map(yieldOf));
  const fields = schema === undefined ? found : refine(readNotation(schema).type, found);
  const parsed = placed(options, fields, known.input, candidates);
  const marked =
    formatField === undefined
      ? parsed
      : setPath(parsed, formatField, { type: textOf(...candidates.map(({ name }) => name)), always: true });
  return onMissing === 'skip' && !text.always ? union(marked, known.input) : marked;
}

function yieldOf({ text, options }: Candidate): RecordType {
  const { yields } = text;
  return typeof yields === 'function' ? yields(options) : yields;
}

function placed(options: ParseOptions, parsed: RecordType, input: RecordType, candidates: readonly Candidate[]): RecordType {
  const { field, into, keep_original: keep } = options;
  const isNumber = candidates[0]?.text.givesNumber === true;
  if (into !== undefined) {
    const rest = keep ? input : deletePath(input, field);
    return setPath(rest, into, { type: isNumber ? NUMBER : parsed, always: true });
  }
  return atRoot(options, isNumber ? setPath(objectOf({}), field, { type: NUMBER, always: true }) : parsed, input);
}

/** Parsed fields win; the text of `message` moves to event.original, unless that is there. */
function atRoot({ field, keep_original: keep }: ParseOptions, parsed: RecordType, input: RecordType): RecordType {
  const fromMessage = field.length === 1 && field[0] === 'message';
  if (!fromMessage) return fill(parsed, keep ? input : deletePath(input, field));
  const rest = deletePath(input, field);
  if (!keep) return fill(parsed, rest);
  const first = getPath(input, ['event', 'original']);
  const original = first.always ? first.type : isNever(first.type) ? STRING : union(first.type, STRING);
  return fill(setPath(parsed, ['event', 'original'], { type: original, always: true }), rest);
}
