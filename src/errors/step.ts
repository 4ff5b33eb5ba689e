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
  STEP_FILE_UNREADABLE: {
    message:
      'reading the {what} {path} for the step {step} of {component}: {reason}; mend the path (it is relative to the pipeline file) or the rights of the file',
    domain: 'user',
    retry: 'never',
  },
  STEP_FILE_INVALID: {
    message: 'reading the {what} {path} for the step {step} of {component}: {reason}',
    domain: 'user',
    retry: 'never',
  },
  CONVERT_FAILED: {
    message:
      'converting the field {field} to {type}: {found} is none; leave such values as they are with "on_failure: keep", or put null or nothing in their place ("set_null", "remove")',
    domain: 'user',
    retry: 'never',
  },
  FLATTEN_CONFLICT: {
    message:
      'flattening {field}: two fields would get the name {name}; rename or remove one of them before, or choose another "separator"',
    domain: 'user',
    retry: 'never',
  },
  SPLIT_FIELD_MISSING: {
    message: 'splitting by the field {field}: the record has no such field; pass such records with "on_missing: skip"',
    domain: 'user',
    retry: 'never',
  },
  SPLIT_NOT_A_LIST: {
    message: 'splitting by the field {field}: it holds {found} where {needed} is needed',
    domain: 'user',
    retry: 'never',
  },
  SPLIT_ITEM_NO_OBJECT: {
    message:
      'splitting by the field {field}: item {item} is {found}, and only an object can be merged into the record; leave out "merge"',
    domain: 'user',
    retry: 'never',
  },
  SPLIT_EMPTY: { message: 'splitting by the field {field}: there is nothing in it', domain: 'user', retry: 'never' },
  SPLIT_TOO_MANY: {
    message:
      'splitting a record: it would become {parts} parts, and at most {limit} are made of one (the option "max_parts", and 10000 by all splits together)',
    domain: 'user',
    retry: 'never',
  },
  SPLIT_TOO_LARGE: {
    message:
      'splitting by the field {field}: {parts} parts with a copy of the rest of the record each would be more than {limit} bytes; remove what they do not need before',
    domain: 'user',
    retry: 'never',
  },
  SPLIT_PART_MISSING: {
    message: 'replaying part {part} of a record: it now has {parts} parts; the steps have changed since it became a dead letter',
    domain: 'user',
    retry: 'never',
  },
  REDACT_TEXT_TOO_LONG: {
    message:
      'redacting {field} by the pattern {pattern}: a text is longer than {limit} characters, which is the most that this pattern may be matched against; simplify the pattern, or cut or remove the field before',
    domain: 'user',
    retry: 'never',
  },
  REDACT_TOO_DEEP: {
    message: 'redacting all texts: the record is nested deeper than {limit} levels; name the fields with "fields:"',
    domain: 'user',
    retry: 'never',
  },
  GEOIP_MISSED: {
    message: 'looking up the address in the field {field}: {reason}; pass such records with "on_miss: skip"',
    domain: 'user',
    retry: 'never',
  },
  LOOKUP_MISSED: {
    message: 'looking up the field {field} in {file}: {reason}; pass such records with "on_miss: skip", or give "default:"',
    domain: 'user',
    retry: 'never',
  },
  WINDOW_LATE: {
    message:
      'putting the record into its window: its time is {time}, and event time has come to {watermark}, so that all of its windows are closed; wait for stragglers with "wait" of the stream, or let closed windows be corrected with "keep" of the step',
    domain: 'user',
    retry: 'never',
  },
  WINDOW_TOO_MANY_GROUPS: {
    message:
      'putting the record into its window: partition {partition} of the step {step} of {component} holds as many groups in open windows as it may, {limit}; group by what has fewer values, make windows shorter or partitions more, or raise "max_groups", if there is memory',
    domain: 'user',
    retry: 'never',
  },
  WINDOW_GROUP_TOO_LONG: {
    message:
      'grouping the record: the values of "by" have more than {limit} characters, and each group is held in memory and in the key of its results; group by a part of them, or by a hash',
    domain: 'user',
    retry: 'never',
  },
  JOIN_RECORD_LATE: {
    message:
      'joining a record of the {side} of {time}: the watermark of its partition is {watermark} already, past all that it could be joined with; raise "wait" of the stream, or send such records elsewhere with "late:"',
    domain: 'user',
    retry: 'never',
  },
  JOIN_BUFFER_FULL: {
    message:
      'keeping a record to join it: the partition keeps {limit} records already, which is the most that "max_records" allows; shorten "within", spread the topics over more partitions, or raise "max_records" where there is the memory',
    domain: 'user',
    retry: 'never',
  },
  JOIN_KEY_TOO_LONG: {
    message:
      'joining a record: its key has {characters} characters, and a key may have {limit}; join on something shorter, or on its hash (sha256)',
    domain: 'user',
    retry: 'never',
  },
  JOIN_TABLE_TOO_LARGE: {
    message:
      'reading the table {topic}: a partition has more than {limit} keys, which is the most that "max_records" allows; spread it over more partitions, or raise "max_records" where there is the memory',
    domain: 'user',
    retry: 'never',
  },
  RULE_RECORD_LATE: {
    message:
      'taking a record of {time} in its turn: the watermark of its partition is {watermark} already, and the step {step} is past that time; raise "wait" of the stream, or send such records elsewhere with "late:"',
    domain: 'user',
    retry: 'never',
  },
  RULE_KEY_TOO_LONG: {
    message:
      'finding the key of the record: the values of "by" have more than {limit} characters, and each key is held in memory; use a part of them, or a hash',
    domain: 'user',
    retry: 'never',
  },
  RULE_TOO_MANY_KEYS: {
    message:
      'taking the record: partition {partition} of the step {step} of {component} holds as many keys as it may, {limit}; let keys expire sooner, make partitions more, or raise "max_keys", if there is memory',
    domain: 'user',
    retry: 'never',
  },
  RULE_TOO_MANY_WAITING: {
    message:
      'taking the record: in partition {partition} of the step {step} of {component} as many records wait for their turn as may, {limit}; a shorter "wait" of the stream lets fewer wait; or raise "max_waiting", if there is memory',
    domain: 'user',
    retry: 'never',
  },
  COMPARE_NO_WINDOW: {
    message:
      'comparing a result with earlier ones: the record is no result of a window, for it has no "window.start" before a "window.end"; let the step "compare" stand behind a step "window", or read the topic of one',
    domain: 'user',
    retry: 'never',
  },
  DEDUPLICATE_RECORD_LATE: {
    message:
      'looking for a duplicate of a record of {time}: the watermark of its partition is {watermark} already, past the time in which duplicates are known; raise "wait" of the stream or "within", or send such records elsewhere with "late:"',
    domain: 'user',
    retry: 'never',
  },
  DEDUPLICATE_STATE_FULL: {
    message:
      'remembering a record to know its duplicates: the partition remembers {limit} already, which is the most that "max_keys" allows; shorten "within", spread the topic over more partitions, or raise "max_keys" where there is the memory',
    domain: 'user',
    retry: 'never',
  },
  HTTP_LOOKUP_MISSED: {
    message: 'looking up {url}: {reason}; pass such records with "on_miss: skip"',
    domain: 'user',
    retry: 'never',
  },
  HTTP_LOOKUP_FAILED: {
    message: 'looking up {url}: {reason}',
    domain: 'external',
    retry: 'never',
  },
  STEP_THREW: { message: 'the step threw: {reason}', domain: 'internal', retry: 'never' },
});
