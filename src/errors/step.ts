import { errorTable } from './definition.ts';

/** Errors of steps at work on a record: the reasons of dead letters. */
export const stepErrors = errorTable({
  RECORD_NOT_JSON: { message: 'decoding the value as a JSON object: {reason}', domain: 'user', retry: 'never' },
  RECORD_NOT_ENCODABLE: { message: 'encoding the value as JSON: {reason}', domain: 'user', retry: 'never' },
  RECORD_TOO_LARGE: {
    message:
      'writing the record to {topic}: it has {bytes} bytes, and the topic takes {limit}; leave fields out (event.original), or raise "max.message.bytes" in the config of the topic',
    domain: 'user',
    retry: 'never',
  },
  PARSE_FIELD_MISSING: {
    message:
      'parsing the field {field} as {format}: the record has no such field; name another one with "field:", or pass such records with "on_missing: skip"',
    domain: 'user',
    retry: 'never',
  },
  PARSE_FIELD_NOT_TEXT: {
    message: 'parsing the field {field} as {format}: it holds {found} where a text is needed; name another one with "field:"',
    domain: 'user',
    retry: 'never',
  },
  PARSE_FAILED: { message: 'parsing the field {field} as {format}: {reason}', domain: 'user', retry: 'never' },
  PARSE_EVENT_CONFLICT: {
    message:
      'parsing the field {field} as {format}: the parsed field "event" is no object, so that event.original has no place; put what is parsed elsewhere with "into:", or set "keep_original: false"',
    domain: 'user',
    retry: 'never',
  },
  TIMESTAMP_FIELD_MISSING: {
    message: 'reading the time in the field {field}: the record has no such field; pass such records with "on_missing: skip"',
    domain: 'user',
    retry: 'never',
  },
  TIMESTAMP_UNREADABLE: {
    message: 'reading the time in the field {field}: {found} fits none of the formats {formats}; add its format to "formats:"',
    domain: 'user',
    retry: 'never',
  },
  STEP_THREW: { message: 'the step threw: {reason}', domain: 'internal', retry: 'never' },
});
