import type { BatchProducer, Kafka, KafkaAdmin } from '../kafka/types.ts';
import type { RecordBatch } from '../record/batch.ts';
import { BatchBuilder } from '../record/batch-builder.ts';
import { encodeHeaders } from '../record/headers.ts';
import { PART_HEADER } from '../stream/parts.ts';
import type { Names } from '../topology/names.ts';
import { readWhole } from './compacted-topic.ts';
import { DeadHeader, ORIGIN_HEADER, parseOrigin, RESUME_HEADER, withoutOwnHeaders } from './dead-letter.ts';
import { type DeadLetterFacts, type DeadLetterFilter, matches } from './dead-letter-filter.ts';
import { DeadLetterGroups } from './dead-letter-groups.ts';
import { OffsetSet } from './offset-set.ts';

const WAIT_MS = 30_000;
/** Records of one replay transaction. */
const REPLAY_RECORDS = 5_000;
/** Bytes of values after which a replay transaction is full. */
const REPLAY_BYTES = 8_000_000;
/**
 * The key of a marker: it says which dead letters (by offset) have been replayed. Markers stand in the dead-letter topic
 * itself and are written in the transaction of the replay, so that a replay that is cut short is neither lost nor done twice.
 */
const MARKER_KEY = 'millrace.replayed';
const MARKER = Buffer.from(MARKER_KEY);

/** A dead letter with its content. */
export interface DeadLetter extends DeadLetterFacts {
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  /** How long the value is, of which `value` may be the beginning. */
  readonly valueLength: number;
  /** The record's own headers, packed. */
  readonly headers: Buffer;
}

/** What a replay has done. */
export interface Replayed {
  /** How many went back to each component. */
  readonly handedBack: ReadonlyMap<string, number>;
  /** Those that match and stay, since the component that gave them up has no retry topic. */
  readonly left: number;
}

export interface DeadLetterQueueOptions {
  readonly kafka: Kafka;
  readonly admin: KafkaAdmin;
  readonly names: Names;
  readonly pipeline: string;
  /** Components with state: their retry topics have the partitions of their inputs, and a letter belongs to the state of its own. */
  readonly stateful?: ReadonlySet<string>;
}

/**
 * The dead letters of one pipeline: those that have not been replayed. The topic is read twice, first for the markers, so
 * that no more is kept in memory than a bit for each replayed letter, and what is asked for.
 */
export class DeadLetterQueue {
  readonly #options: DeadLetterQueueOptions;
  readonly #topic: string;

  constructor(options: DeadLetterQueueOptions) {
    this.#options = options;
    this.#topic = options.names.dead(options.pipeline);
  }

  /** Counts those that match by component, step and code. */
  async groups(filter: DeadLetterFilter = {}): Promise<DeadLetterGroups> {
    const groups = new DeadLetterGroups();
    await this.#scan(filter, (facts) => groups.add(facts));
    return groups;
  }

  /** The newest `limit` of those that match, oldest first, their values cut after `valueBytes`. */
  async newest(
    limit: number,
    filter: DeadLetterFilter = {},
    valueBytes: number = Number.POSITIVE_INFINITY,
  ): Promise<DeadLetter[]> {
    const letters: DeadLetter[] = [];
    let next = 0;
    await this.#scan(filter, (facts, batch, row) => {
      letters[next] = withContent(facts, batch, row, valueBytes);
      next = (next + 1) % limit;
    });
    return letters.length < limit ? letters : [...letters.slice(next), ...letters.slice(0, next)];
  }

  /**
   * Hands the matching dead letters back, each to the retry topic of the component that gave it up, exactly once: the
   * oldest `limit` of them. `components` are those that have such a topic; letters of others (sources) are left where
   * they are. What is buried while it runs is not replayed.
   */
  async replay(
    components: ReadonlySet<string>,
    filter: DeadLetterFilter = {},
    limit: number = Number.POSITIVE_INFINITY,
  ): Promise<Replayed> {
    const { kafka, names, pipeline } = this.#options;
    // Initialising the id first ends a replay that was cut short, and fences one that is still running.
    const producer = kafka.producer({ transactionalId: `${names.group(pipeline, 'dlq')}-replay` });
    const handedBack = new Map<string, number>();
    const part: DeadLetter[] = [];
    const counts = { left: 0, taken: 0, bytes: 0 };
    const flush = async (): Promise<void> => {
      await this.#handBack(producer, part);
      for (const { component } of part) handedBack.set(component, (handedBack.get(component) ?? 0) + 1);
      part.length = 0;
      counts.bytes = 0;
    };
    try {
      await producer.connect();
      await producer.initTransactions(WAIT_MS);
      const take = (facts: DeadLetterFacts, batch: RecordBatch, row: number): void => {
        if (counts.taken === limit) return;
        if (!components.has(facts.component)) {
          counts.left += 1;
          return;
        }
        const letter = withContent(facts, batch, row);
        part.push(letter);
        counts.taken += 1;
        counts.bytes += letter.valueLength + letter.headers.length;
      };
      await this.#scan(filter, take, async () => {
        if (part.length >= REPLAY_RECORDS || counts.bytes >= REPLAY_BYTES) await flush();
        return counts.taken < limit;
      });
      if (part.length > 0) await flush();
    } finally {
      await producer.close();
    }
    return { handedBack, left: counts.left };
  }

  /** Calls `each` with all that match, oldest first. None where the pipeline never had any (its topic is not there yet). */
  async #scan(
    filter: DeadLetterFilter,
    each: (facts: DeadLetterFacts, batch: RecordBatch, row: number) => void,
    between?: () => Promise<boolean>,
  ): Promise<void> {
    const { kafka, admin } = this.#options;
    const { topics } = await admin.describeCluster(WAIT_MS);
    if (!topics.some(({ name }) => name === this.#topic)) return;
    const reading = { kafka, lookup: admin, topic: this.#topic, partition: 0 };
    const replayed = new OffsetSet();
    await readWhole(reading, (batch, row) => {
      if (isMarker(batch, row)) for (const offset of JSON.parse(batch.valueText(row)) as number[]) replayed.add(offset);
    });
    await readWhole({ ...reading, ...(between && { between }) }, (batch, row) => {
      if (replayed.has(batch.offset(row)) || isMarker(batch, row)) return;
      const facts = factsOf(batch, row);
      if (matches(facts, filter)) each(facts, batch, row);
    });
  }

  async #handBack(producer: BatchProducer, letters: readonly DeadLetter[]): Promise<void> {
    await producer.beginTransaction();
    await producer.write(this.#replayBatch(letters));
    await producer.commitTransaction(WAIT_MS);
  }

  #partitionOf({ component, origin }: DeadLetter): number {
    if (this.#options.stateful?.has(component) !== true) return -1;
    return (origin === undefined ? undefined : parseOrigin(origin))?.partition ?? -1;
  }

  #replayBatch(letters: readonly DeadLetter[]): RecordBatch {
    const { names, pipeline } = this.#options;
    const builder = new BatchBuilder();
    for (const letter of letters) {
      builder.begin(builder.topicIndex(names.retry(pipeline, letter.component)), this.#partitionOf(letter), -1);
      builder.key(letter.key);
      builder.value(letter.value);
      const added = [
        ...(letter.origin === undefined ? [] : [{ name: ORIGIN_HEADER, value: letter.origin }]),
        ...(letter.part === undefined ? [] : [{ name: PART_HEADER, value: letter.part }]),
        ...(letter.resume === undefined ? [] : [{ name: RESUME_HEADER, value: letter.resume }]),
      ];
      builder.headers(Buffer.concat([letter.headers, encodeHeaders(added)]));
    }
    builder.begin(builder.topicIndex(this.#topic), 0, -1);
    builder.key(MARKER_KEY);
    builder.value(JSON.stringify(letters.map(({ offset }) => offset)));
    return builder.batch();
  }
}

function isMarker(batch: RecordBatch, row: number): boolean {
  return batch.key(row)?.equals(MARKER) === true;
}

function factsOf(batch: RecordBatch, row: number): DeadLetterFacts {
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
    resume: text(RESUME_HEADER),
  };
}

/** Copies, for the batch's memory is used again. */
function withContent(
  facts: DeadLetterFacts,
  batch: RecordBatch,
  row: number,
  valueBytes: number = Number.POSITIVE_INFINITY,
): DeadLetter {
  const value = batch.value(row);
  return {
    ...facts,
    key: copied(batch.key(row)),
    value: value === null ? null : Buffer.from(value.subarray(0, valueBytes)),
    valueLength: value?.length ?? 0,
    headers: encodeHeaders(withoutOwnHeaders(batch.headers(row))),
  };
}

function copied(bytes: Buffer | null): Buffer | null {
  return bytes === null ? null : Buffer.from(bytes);
}
