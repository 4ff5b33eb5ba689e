import { BatchBuilder } from '../../record/batch-builder.ts';
import { decodeHeaders, encodeHeaders } from '../../record/headers.ts';
import type { JsonValue } from '../../record/json.ts';
import type { MemoryKafka } from '../memory-kafka/memory-kafka.ts';

/** A record for a topic. */
export interface NewTopicRecord {
  readonly key?: string;
  /** A text as it is (bytes that need not be JSON); otherwise `value` is written as JSON; null is a tombstone. */
  readonly text?: string;
  readonly value?: JsonValue;
  /** The Kafka timestamp in ms since 1970; absent: now. */
  readonly time?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A record as a topic holds it. */
export interface TopicRecord {
  readonly key: string | undefined;
  /** The JSON value; where it is none, the text. */
  readonly value: JsonValue;
  /** The Kafka timestamp in ms since 1970. */
  readonly time: number;
  readonly headers: Readonly<Record<string, string | null>>;
  readonly partition: number;
  readonly offset: number;
}

/** Writes records as a producer without transactions does. */
export async function produce(kafka: MemoryKafka, topic: string, records: readonly NewTopicRecord[]): Promise<void> {
  const builder = new BatchBuilder([topic]);
  for (const { key, text, value = null, time = -1, headers = {} } of records) {
    builder.begin(0, -1, time);
    if (key !== undefined) builder.key(key);
    builder.value(text ?? (value === null ? null : JSON.stringify(value)));
    builder.headers(encodeHeaders(Object.entries(headers).map(([name, content]) => ({ name, value: Buffer.from(content) }))));
  }
  const producer = kafka.producer({});
  await producer.connect();
  await producer.write(builder.batch());
  await producer.close();
}

/** The committed records of a topic, partition by partition. */
export function recordsOf(kafka: MemoryKafka, topic: string): TopicRecord[] {
  return kafka.committed(topic).map(({ key, value, headers, timestamp, partition, offset }) => ({
    key: key?.toString('utf8'),
    value: value === null ? null : jsonOrText(value.toString('utf8')),
    time: timestamp,
    headers: Object.fromEntries(decodeHeaders(headers).map((each) => [each.name, each.value?.toString('utf8') ?? null])),
    partition,
    offset,
  }));
}

function jsonOrText(text: string): JsonValue {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return text;
  }
}
