import { z } from 'zod';
import { errorMessage } from '../errors/index.ts';
import { toIso } from '../record/iso-time.ts';
import { getField, setField } from '../record/path.ts';
import { parseZone, type Zone } from '../record/zone.ts';
import { fieldPath } from '../sdk/schema.ts';
import { defineStep, type Rejected } from '../sdk/step.ts';
import { NUMBER, oneOf, STRING, setPath } from '../sdk/types/index.ts';
import { timeFormat, type ValueTimeReader } from './time/formats.ts';
import { shown } from './value-kind.ts';

const utc: Zone = (localMs) => localMs;

const options = z
  .strictObject({
    field: fieldPath().describe('The field that holds the time.'),
    formats: z
      .array(z.string())
      .min(1)
      .default(['iso8601'])
      .describe(
        'How it may be written, tried in order: `iso8601`, `unix` (seconds), `unix_ms`, or a pattern as of strptime: `%d/%b/%Y:%H:%M:%S %z`.',
      ),
    timezone: z.string().default('UTC').describe('The zone of times that name none: `UTC`, `+02:00`, `Europe/Madrid`.'),
    target: fieldPath().prefault('@timestamp').describe('The field that gets the time, as ISO 8601 in UTC with milliseconds.'),
    on_missing: z
      .enum(['reject', 'skip'])
      .default('reject')
      .describe('What becomes of a record without the field: `reject` it (a dead letter), or `skip` this step.'),
  })
  .superRefine(({ formats, timezone }, context) => {
    if (parseZone(timezone) === undefined) {
      context.addIssue({
        code: 'custom',
        path: ['timezone'],
        message: `${JSON.stringify(timezone)} is no time zone; write UTC, an offset such as +02:00, or a name such as Europe/Madrid`,
      });
    }
    for (const [i, format] of formats.entries()) {
      const compiled = timeFormat(format, utc);
      if ('reason' in compiled) {
        context.addIssue({
          code: 'custom',
          path: ['formats', i],
          message: `${JSON.stringify(format)} is no time format: ${compiled.reason}`,
        });
      }
    }
  });

export const timestamp = defineStep<z.output<typeof options>>({
  kind: 'timestamp',
  summary: 'Reads a time from a field and makes it the time of the record.',
  description:
    'Patterns are those of strptime. A time without an offset is local to `timezone`; one without a year is of the latest year that is not more than a day after the record came to Kafka.',
  options,
  main: 'field',
  changesValue: true,
  readsValue: true,
  examples: ['timestamp: time', "timestamp: { field: ts, formats: [ unix_ms, '%d/%b/%Y:%H:%M:%S %z' ] }"],
  yields({ field, target, on_missing: onMissing }, known) {
    const read = known.read(field, { at: ['field'], takes: oneOf(STRING, NUMBER), optional: onMissing === 'skip' });
    return setPath(known.input, target, { type: STRING, always: onMissing !== 'skip' || read.always });
  },
  create({ field, formats, timezone, target, on_missing: onMissing }) {
    const zone = parseZone(timezone) ?? utc;
    const readers = formats.flatMap((format): ValueTimeReader[] => {
      const compiled = timeFormat(format, zone);
      return 'read' in compiled ? [compiled.read] : [];
    });
    const name = field.join('.');
    const missing: Rejected = {
      kind: 'rejected',
      code: 'TIMESTAMP_FIELD_MISSING',
      message: errorMessage('TIMESTAMP_FIELD_MISSING', { field: name }),
    };
    return (record) => {
      const value = getField(record.value, field);
      if (value === undefined) return onMissing === 'skip' ? undefined : missing;
      for (const read of readers) {
        const ms = read(value, record.timestamp);
        if (Number.isNaN(ms)) continue;
        setField(record.value, target, toIso(ms));
        return undefined;
      }
      const message = errorMessage('TIMESTAMP_UNREADABLE', { field: name, found: shown(value), formats: formats.join(', ') });
      return { kind: 'rejected', code: 'TIMESTAMP_UNREADABLE', message };
    };
  },
});
