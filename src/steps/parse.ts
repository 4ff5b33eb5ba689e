import { type ErrorCode, type ErrorParameters, errorMessage } from '../errors/index.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../record/json.ts';
import { deleteField, type FieldPath, getField, setField } from '../record/path.ts';
import type { StreamRecord } from '../record/record.ts';
import { defineStep, type RecordStep, type Rejected, type StepOutcome } from '../sdk/step.ts';
import { formats } from './parse/formats.ts';
import { fillFrom } from './parse/merge.ts';
import { type ParseOptions, parseOptions } from './parse/options.ts';
import { ParseFailure, type TextParser } from './parse/parser.ts';
import { kindOf } from './value-kind.ts';

/** Puts parsed fields into a record whose text they were read from. */
type Placing = (record: StreamRecord, parsed: JsonObject, text: string) => StepOutcome | undefined;

export const parse = defineStep<ParseOptions>({
  kind: 'parse',
  summary: 'Reads a text field into fields, by its format.',
  description: [
    'The parsed fields are merged into the record, where they win over fields that are there, and the text moves from `message` to `event.original`.',
    'An `event.original` that is there already stays: it is the text that the first `parse` saw.',
    'A syslog message keeps its content as `message`. With `into` the parsed fields are put there as one object instead, and the text stays.',
    'A text that does not fit its format is rejected, and so is a record without the field.',
  ].join(' '),
  options: parseOptions,
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
  ],
  create(options) {
    const parser = formats[options.format].create(options);
    const place = options.into === undefined ? atRoot(options) : at(options.into, options);
    return stepOf(options, parser, place);
  },
});

function stepOf(options: ParseOptions, parser: TextParser, place: Placing): RecordStep {
  const { field } = options;
  const only = field.length === 1 ? (field[0] as string) : undefined;
  const skip = options.on_missing === 'skip';
  const missing = rejection(options, 'PARSE_FIELD_MISSING');
  return (record) => {
    const { value } = record;
    const text = only === undefined || !Object.hasOwn(value, only) ? getField(value, field) : value[only];
    if (typeof text !== 'string') {
      if (text === undefined) return skip ? undefined : missing;
      return notText(options, text);
    }
    const parsed = parser(text, record.timestamp);
    if (parsed instanceof ParseFailure) return rejection(options, 'PARSE_FAILED', { reason: parsed.reason });
    return place(record, parsed, text);
  };
}

function notText(options: ParseOptions, found: JsonValue): Rejected {
  return rejection(options, 'PARSE_FIELD_NOT_TEXT', { found: kindOf(found) });
}

function rejection(options: ParseOptions, code: ErrorCode, more: ErrorParameters = {}): Rejected {
  return {
    kind: 'rejected',
    code,
    message: errorMessage(code, { field: options.field.join('.'), format: options.format, ...more }),
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
function atRoot(options: ParseOptions): Placing {
  const { field, keep_original: keep } = options;
  const fromMessage = field.length === 1 && field[0] === 'message';
  const conflict = rejection(options, 'PARSE_EVENT_CONFLICT');
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
