import { MillraceError } from '../errors/index.ts';
import { isKafkaError } from '../kafka/error.ts';
import type { Kafka, KafkaAdmin, OffsetLookup } from '../kafka/types.ts';
import { BatchBuilder } from '../record/batch-builder.ts';
import { encodeHeaders, headerText } from '../record/headers.ts';
import type { JsonValue } from '../record/json.ts';
import type { Positions } from '../sdk/source.ts';
import type { Names } from '../topology/names.ts';
import { readWhole } from './compacted-topic.ts';
import { endTransactionsOf } from './end-transactions.ts';

/** The header by which a source tells its own positions from those of another process under the same name. */
const WRITER_HEADER = 'millrace.writer';
const WAIT_MS = 30_000;

/** Positions as Kafka has them. */
export interface StoredPositions {
  readonly positions: Map<string, JsonValue>;
  /** The processes that wrote the ones found. */
  readonly writers: ReadonlySet<string>;
}

export interface PositionStoreOptions {
  readonly topic: string;
  readonly partitions: number;
  /** What the source's keys begin with: pipeline, source and host. */
  readonly keyPrefix: string;
  /** This process. */
  readonly writer: string;
  readonly kafka: Kafka;
  readonly lookup: OffsetLookup;
}

/**
 * A source's positions in the compacted positions topic. They are written in the transaction of the records they speak
 * of, and read back whole at a start.
 */
export class PositionStore {
  readonly #options: PositionStoreOptions;
  /** All of a source's positions are in one partition, so that a dead source holds up no other. */
  readonly partition: number;

  constructor(options: PositionStoreOptions) {
    this.#options = options;
    this.partition = hash(options.keyPrefix) % options.partitions;
  }

  /** Adds `positions` to what a transaction will write; null is a tombstone. */
  add(outputs: BatchBuilder, topic: number, positions: Positions): void {
    for (const [input, position] of Object.entries(positions)) {
      outputs.begin(topic, this.partition, -1);
      outputs.key(this.#options.keyPrefix + input);
      outputs.value(position === null ? null : JSON.stringify(position));
      outputs.headers(encodeHeaders([{ name: WRITER_HEADER, value: this.#options.writer }]));
    }
  }

  async read(signal: AbortSignal): Promise<StoredPositions> {
    const { topic, kafka, lookup, keyPrefix, writer } = this.#options;
    const positions = new Map<string, JsonValue>();
    const writers = new Set<string>();
    await readWhole({ kafka, lookup, topic, partition: this.partition, signal }, (batch, row) => {
      const key = batch.key(row)?.toString('utf8') ?? '';
      if (!key.startsWith(keyPrefix)) return;
      const input = key.slice(keyPrefix.length);
      if (batch.value(row) === null) positions.delete(input);
      else positions.set(input, batch.valueJson(row));
      const by = headerText(batch.headersBytes(row), WRITER_HEADER);
      if (by !== undefined && by !== writer) writers.add(by);
    });
    return { positions, writers };
  }
}

/** Whether another producer of the same transactional id has taken over. */
export function isFenced(error: unknown): boolean {
  // librdkafka: _FENCED; the brokers: INVALID_PRODUCER_EPOCH, PRODUCER_FENCED.
  return isKafkaError(error) && (error.code === -144 || error.code === 47 || error.code === 90);
}

/** FNV-1a, 32 bits: a format, since it decides in which partition a source's positions are. */
export function hash(text: string): number {
  let value = 0x811c9dc5;
  for (const byte of Buffer.from(text, 'utf8')) {
    value = Math.imul(value ^ byte, 0x01000193) >>> 0;
  }
  return value;
}

/**
 * Forgets all positions of a source (of every incarnation of its topic): it will read its inputs from their beginning.
 * Initialising its transactional id fences the source where it is still running. Returns how many there were.
 */
export async function forgetPositions(at: {
  kafka: Kafka;
  admin: KafkaAdmin;
  names: Names;
  pipeline: string;
  source: string;
  host: string;
}): Promise<number> {
  const { kafka, admin, names, pipeline, source, host } = at;
  const { topics } = await admin.describeCluster(WAIT_MS);
  const partitions = topics.find(({ name }) => name === names.positions)?.partitions ?? 0;
  const prefix = names.positionKey(pipeline, source, host);
  const [transactionalId, second] = names.sourceTransactionalIds(pipeline, source, host);
  const producer = kafka.producer({ transactionalId });
  try {
    await producer.connect();
    // In this order: see AlternatingCommitter.
    await producer.initTransactions(WAIT_MS);
    await endTransactionsOf(kafka, second, WAIT_MS);
    const tombstones = new BatchBuilder([names.positions]);
    for (let partition = 0; partition < partitions; partition += 1) {
      const keys = new Set<string>();
      await readWhole({ kafka, lookup: admin, topic: names.positions, partition }, (batch, row) => {
        const key = batch.key(row)?.toString('utf8') ?? '';
        if (!key.startsWith(prefix)) return;
        if (batch.value(row) === null) keys.delete(key);
        else keys.add(key);
      });
      for (const key of keys) {
        tombstones.begin(0, partition, -1);
        tombstones.key(key);
      }
    }
    if (tombstones.length > 0) {
      await producer.beginTransaction();
      await producer.write(tombstones.batch());
      await producer.commitTransaction(WAIT_MS);
    }
    return tombstones.length;
  } finally {
    await producer.close();
  }
}

/** Throws where positions were written, since this process began, by a process that was not there before. */
export function refuseIfTakenOver(
  writers: ReadonlySet<string>,
  known: ReadonlySet<string>,
  parameters: { readonly source: string; readonly host: string },
): void {
  for (const writer of writers) if (!known.has(writer)) throw new MillraceError('SOURCE_FENCED', parameters);
}
