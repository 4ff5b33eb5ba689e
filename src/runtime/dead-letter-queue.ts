import type { Kafka, KafkaAdmin } from '../kafka/types.ts';
import type { RecordBatch } from '../record/batch.ts';
import { BatchBuilder } from '../record/batch-builder.ts';
import { encodeHeaders } from '../record/headers.ts';
import { PART_HEADER } from '../stream/parts.ts';
import type { Names } from '../topology/names.ts';
import { readWhole } from './compacted-topic.ts';
import { DeadHeader, ORIGIN_HEADER, withoutOwnHeaders } from './dead-letter.ts';

const WAIT_MS = 30_000;
/** Records of one replay transaction. */
const REPLAY_RECORDS = 5_000;
/**
 * The key of a marker: it says which dead letters (by offset) have been replayed. Markers stand in the dead-letter topic
 * itself and are written in the transaction of the replay, so that a replay that is cut short is neither lost nor done twice.
 */
const MARKER_KEY = 'millrace.replayed';

/** A dead letter as it is shown. */
export interface DeadLetter {
  readonly offset: number;
  readonly component: string;
  readonly step: string | undefined;
  readonly code: string;
  readonly message: string;
  readonly time: string;
  readonly origin: string | undefined;
  /** Which part of the record it is, where a step has split it. */
  readonly part: string | undefined;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  /** The record's own headers, packed. */
  readonly headers: Buffer;
}

export interface DeadLetterFilter {
  readonly component?: string;
  readonly code?: string;
}

export interface DeadLetterQueueOptions {
  readonly kafka: Kafka;
  readonly admin: KafkaAdmin;
  readonly names: Names;
  readonly pipeline: string;
}

/** The dead letters of one pipeline: those that have not been replayed. */
export class DeadLetterQueue {
  readonly #options: DeadLetterQueueOptions;
  readonly #topic: string;

  constructor(options: DeadLetterQueueOptions) {
    this.#options = options;
    this.#topic = options.names.dead(options.pipeline);
  }

  /** All that match, oldest first. None where the pipeline never had any (its topic is not there yet). */
  async list(filter: DeadLetterFilter = {}): Promise<DeadLetter[]> {
    const { kafka, admin } = this.#options;
    const { topics } = await admin.describeCluster(WAIT_MS);
    if (!topics.some(({ name }) => name === this.#topic)) return [];
    const letters = new Map<number, DeadLetter>();
    const replayed = new Set<number>();
    await readWhole({ kafka, lookup: admin, topic: this.#topic, partition: 0 }, (batch, row) => {
      if (batch.key(row)?.toString('utf8') === MARKER_KEY) {
        for (const offset of JSON.parse(batch.valueText(row)) as number[]) replayed.add(offset);
        return;
      }
      const letter = deadLetterOf(batch, row);
      if (matches(letter, filter)) letters.set(letter.offset, letter);
    });
    return [...letters.values()].filter(({ offset }) => !replayed.has(offset));
  }

  /**
   * Hands the matching dead letters back, each to the retry topic of the component that gave it up, exactly once.
   * `components` are those that have such a topic; letters of others (sources) are left where they are.
   * Returns how many went to each component.
   */
  async replay(components: ReadonlySet<string>, filter: DeadLetterFilter = {}): Promise<Map<string, number>> {
    const { kafka, names, pipeline } = this.#options;
    const counts = new Map<string, number>();
    // Initialising the id first ends a replay that was cut short, and fences one that is still running.
    const producer = kafka.producer({ transactionalId: `${names.group(pipeline, 'dlq')}-replay` });
    try {
      await producer.connect();
      await producer.initTransactions(WAIT_MS);
      const letters = (await this.list(filter)).filter(({ component }) => components.has(component));
      for (let from = 0; from < letters.length; from += REPLAY_RECORDS) {
        const part = letters.slice(from, from + REPLAY_RECORDS);
        await producer.beginTransaction();
        await producer.write(this.#replayBatch(part));
        await producer.commitTransaction(WAIT_MS);
        for (const { component } of part) counts.set(component, (counts.get(component) ?? 0) + 1);
      }
    } finally {
      await producer.close();
    }
    return counts;
  }

  #replayBatch(letters: readonly DeadLetter[]): RecordBatch {
    const { names, pipeline } = this.#options;
    const builder = new BatchBuilder();
    for (const letter of letters) {
      builder.begin(builder.topicIndex(names.retry(pipeline, letter.component)), -1, -1);
      builder.key(letter.key);
      builder.value(letter.value);
      const added = [
        ...(letter.origin === undefined ? [] : [{ name: ORIGIN_HEADER, value: letter.origin }]),
        ...(letter.part === undefined ? [] : [{ name: PART_HEADER, value: letter.part }]),
      ];
      builder.headers(Buffer.concat([letter.headers, encodeHeaders(added)]));
    }
    builder.begin(builder.topicIndex(this.#topic), 0, -1);
    builder.key(MARKER_KEY);
    builder.value(JSON.stringify(letters.map(({ offset }) => offset)));
    return builder.batch();
  }
}

function deadLetterOf(batch: RecordBatch, row: number): DeadLetter {
  const headers = batch.headers(row);
  const text = (name: string): string | undefined => headers.findLast((header) => header.name === name)?.value?.toString('utf8');
  return {
    offset: batch.offset(row),
    component: text(DeadHeader.component) ?? '?',
    step: text(DeadHeader.step),
    code: text(DeadHeader.code) ?? '?',
    message: text(DeadHeader.message) ?? '',
    time: text(DeadHeader.time) ?? '',
    origin: text(ORIGIN_HEADER),
    part: text(PART_HEADER),
    // Copies: the batch's memory is used again.
    key: copied(batch.key(row)),
    value: copied(batch.value(row)),
    headers: encodeHeaders(withoutOwnHeaders(headers)),
  };
}

function copied(bytes: Buffer | null): Buffer | null {
  return bytes === null ? null : Buffer.from(bytes);
}

function matches(letter: DeadLetter, filter: DeadLetterFilter): boolean {
  return (
    (filter.component === undefined || filter.component === letter.component) &&
    (filter.code === undefined || filter.code === letter.code)
  );
}
