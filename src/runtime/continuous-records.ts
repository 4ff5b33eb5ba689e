import type { MillraceError } from '../errors/index.ts';
import type { RecordBatch } from '../record/batch.ts';
import { BatchBuilder } from '../record/batch-builder.ts';
import { toIso } from '../record/iso-time.ts';
import type { JsonObject } from '../record/json.ts';
import type { StreamRecord } from '../record/record.ts';
import type { ProcessorRecord } from '../sdk/processor-record.ts';
import { copyEmitted } from './copy-emitted.ts';

/** What a record was when it came, for its dead letter; kept as long as the processor keeps the record. */
interface Original {
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: Buffer;
  readonly timestamp: number;
  readonly time: number;
  /** The key as text. */
  readonly text: string | null;
}

/** What a record of an input is, copied. */
export function originalOf(record: StreamRecord, time: number): Original {
  const { batch, row } = record.place;
  return {
    key: copyOfBytes(batch.key(row)),
    value: copyOfBytes(batch.value(row)),
    headers: Buffer.from(record.packedHeaders),
    timestamp: record.timestamp,
    time,
    text: record.key ?? null,
  };
}

/** The value of a record, for steps that may change it. One whose time was set shows it. */
export function emittedValue(record: ProcessorRecord): JsonObject | MillraceError {
  const { time, source } = record;
  const copy = copyEmitted(record);
  if (copy instanceof Error) return copy;
  if ((source as Original | undefined)?.time !== time) copy['@timestamp'] = toIso(time);
  return copy;
}

function copyOfBytes(bytes: Buffer | null): Buffer | null {
  return bytes === null ? null : Buffer.from(bytes);
}

/** A record of a processor as the only row of a batch, for what comes behind. */
export function rowOf(record: ProcessorRecord): RecordBatch {
  const original = record.source as Original | undefined;
  const rows = new BatchBuilder([record.topic]);
  rows.begin(0, record.partition, record.time >= 0 ? record.time : -1);
  rows.offset(Math.max(0, record.offset));
  rows.key(original !== undefined && original.text === record.key ? original.key : record.key);
  rows.headers(record.packedHeaders);
  return rows.batch();
}

const NOWHERE = { key: null, value: null, headers: Buffer.alloc(0), timestamp: -1 };

/** A record that was rejected, as it came. */
export function letterOf({ topic, partition, offset, source }: ProcessorRecord): RecordBatch {
  // One that the processor has made of no other is told of without its value.
  const { key, value, headers, timestamp } = (source as Original | undefined) ?? NOWHERE;
  const rows = new BatchBuilder([topic]);
  rows.begin(0, partition, timestamp);
  rows.offset(Math.max(0, offset));
  rows.key(key);
  rows.value(value);
  rows.headers(headers);
  return rows.batch();
}
