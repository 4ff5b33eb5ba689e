import { type ErrorCode, type ErrorParameters, errorMessage } from '../errors/index.ts';
import { isJsonObject, type JsonObject } from '../record/json.ts';
import { deleteField, type FieldPath, getField, setField } from '../record/path.ts';
import type { StreamRecord } from '../record/record.ts';
import { defineStep, type RecordStep, type Rejected, type StepDefinition, type StepOutcome } from '../sdk/step.ts';
import { type FormatList, formatListOf } from './parse/format-list.ts';
import { type Formats, formats } from './parse/formats.ts';
import { fillFrom } from './parse/merge.ts';
import { candidatesOf, type ParseOptions, parseOptionsOf } from './parse/options.ts';
import { parsedTypeWith } from './parse/parsed-type.ts';
import { ParseFailure } from './parse/parser.ts';
import { kindOf } from './value-kind.ts';

/** Puts parsed fields into a record whose text they were read from. */
type Placing = (record: StreamRecord, parsed: JsonObject, text: string) => StepOutcome | undefined;

/** The step, where these formats are known: the built-in ones, and those of plugins. */
export function parseWith(known: Formats): StepDefinition<ParseOptions> {
  return defineStep<ParseOptions>({
    kind: 'parse',
    summary: 'Reads a text field into fields, by its format.',
    description: [
      'The parsed fields are merged into the record, where they win over fields that are there, and the text moves from `message` to `event.original`.',
      'An `event.original` that is there already stays: it is the text that the first `parse` saw.',
      'A syslog message keeps its content as `message`. With `into` the parsed fields are put there as one object instead, and the text stays.',
      'A text that does not fit its format is rejected, and so is a record without the field. Of several formats the first that fits wins, and a text that fits none is rejected with the reason of each.',
    ].join(' '),
    options: parseOptionsOf(known),
    main: 'format',
    changesValue: true,
    readsValue: true,
    examples: [
      'parse: json',
      'parse: apache_combined',
      'parse: { format: syslog, timezone: Europe/Madrid }',
      "parse: { format: regex, pattern: '^(?<level>[A-Z]+) (?<text>.*)$', fields: { level: log.level, text: message } }",
      "parse: { format: grok, pattern: '%{COMBINEDAPACHELOG}' }",
      "parse: { format: grok, pattern: ['%{SYSLOGLINE}', '%{TIMESTAMP_ISO8601:timestamp} %{LOGLEVEL:log.level} %{GREEDYDATA:message}'] }",
      'parse: { format: logfmt, field: payload, into: labels }',
      'parse: [ json, logfmt, syslog ]',
      "parse: { format: [ json, { format: csv, columns: [ '@timestamp', log.level, message ] } ], format_field: event.format }",
      'parse: { format: duration, field: took, into: event.duration }',
    ],
    yields: parsedTypeWith(known),
    create(options) {
      const candidates = candidatesOf(options, known);
      const list = formatListOf(candidates);
      const reject = rejecting(options, list.name);
      const fields = options.into === undefined ? atRoot(options, reject) : at(options.into, options);
      const place = candidates[0]?.text.givesNumber === true ? numberAt(options, fields) : fields;
      return stepOf(
        options,
        list,
        options.format_field === undefined ? place : marking(options.format_field, list, place),
        reject,
      );
    },
    byteWay(options) {
      const format = plainFormat(options);
      return format === undefined ? undefined : known[format]?.byteWay?.();
    },
  });
}

export const parse = parseWith(formats);

/** Whether the text of `message` becomes fields and event.original, which is what byte ways know, by one format. */
function plainFormat(options: ParseOptions): string | undefined {
  const { format, field, into, keep_original, format_field } = options;
  const plain = field.length === 1 && field[0] === 'message' && into === undefined && keep_original && format_field === undefined;
  return plain && typeof format === 'string' ? format : undefined;
}

/** Makes the rejections of a step. */
type Rejecting = (code: ErrorCode, more?: ErrorParameters) => Rejected;

function stepOf(options: ParseOptions, { parse: parser }: FormatList, place: Placing, reject: Rejecting): RecordStep {
  const { field } = options;
  const only = field.length === 1 ? (field[0] as string) : undefined;
  const skip = options.on_missing === 'skip';
  const missing = reject('PARSE_FIELD_MISSING');
  return (record) => {
    const { value } = record;
    const text = only === undefined || !Object.hasOwn(value, only) ? getField(value, field) : value[only];
    if (typeof text !== 'string') {
      if (text === undefined) return skip ? undefined : missing;
      return reject('PARSE_FIELD_NOT_TEXT', { found: kindOf(text) });
    }
    const parsed = parser(text, record.timestamp);
    if (parsed instanceof ParseFailure) return reject('PARSE_FAILED', { reason: parsed.reason });
    return place(record, parsed, text);
  };
}

function rejecting({ field }: ParseOptions, format: string): Rejecting {
  return (code, more = {}) => ({
    kind: 'rejected',
    code,
    message: errorMessage(code, { field: field.join('.'), format, ...more }),
  });
}

/** Puts a number under `into`, or in the place of its text. */
function numberAt(options: ParseOptions, fields: Placing): Placing {
  const { field, into, keep_original: keep } = options;
  return (record, { value = null }, text) => {
    if (into === undefined) {
      const parsed: JsonObject = {};
      setField(parsed, field, value);
      return fields(record, parsed, text);
    }
    if (!keep) deleteField(record.value, field);
    setField(record.value, into, value);
    return undefined;
  };
}

/** Writes down as well which format fitted. */
function marking(path: FieldPath, list: FormatList, place: Placing): Placing {
  return (record, parsed, text) => {
    const outcome = place(record, parsed, text);
    if (outcome === undefined) setField(record.value, path, list.winner());
    return outcome;
  };
}

/** Puts the parsed fields under `into`. The text stays where it is, unless it is not to be kept. */
function at(into: FieldPath, options: ParseOptions): Placing {
  return (record, parsed) => {
    if (!options.keep_original) deleteField(record.value, options.field);
    setField(record.value, into, parsed);
    return undefined;
  };
}

/**
 * Merges the parsed fields into the record. The text of `message` moves to event.original, a text from another field
 * stays there; neither where it is not to be kept.
 */
function atRoot(options: ParseOptions, reject: Rejecting): Placing {
  const { field, keep_original: keep } = options;
  const fromMessage = field.length === 1 && field[0] === 'message';
  const conflict = reject('PARSE_EVENT_CONFLICT');
  return (record, parsed, text) => {
    const envelope = record.value;
    if (!fromMessage && !keep) deleteField(envelope, field);
    if (fromMessage && keep && !keepOriginal(parsed, envelope, text)) return conflict;
    fillFrom(parsed, envelope, fromMessage ? 'message' : undefined);
    record.value = parsed;
    return undefined;
  };
}

/** Sets event.original: to what it is in the envelope, else to the text. False where the parsed `event` is no object. */
function keepOriginal(parsed: JsonObject, envelope: JsonObject, text: string): boolean {
  const before = envelope['event'];
  const first = isJsonObject(before) ? before['original'] : undefined;
  const original = first === undefined ? text : first;
  const event = parsed['event'];
  if (event === undefined) parsed['event'] = { original };
  else if (isJsonObject(event)) event['original'] = original;
  else return false;
  return true;
}
