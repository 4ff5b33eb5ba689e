import { randomBytes } from 'node:crypto';
import { isKafkaError } from '../kafka/error.ts';
import type { BatchProducer, Kafka, KafkaAdmin, TopicSpec } from '../kafka/types.ts';
import { BatchBuilder } from '../record/batch-builder.ts';
import { isJsonObject } from '../record/json.ts';
import { readWhole } from './compacted-topic.ts';
import { createMissing } from './topics.ts';

const WAIT_MS = 30_000;
/** Everybody's start waits for a transaction that a killed process has left open here; one is open for a moment only. */
const TRANSACTION_TIMEOUT_MS = 10_000;
/** Processes that start together fence each other here; each round one of them gets through. */
const MAX_ROUNDS = 20;

/** A topic's incarnation, and the id that Kafka gave the topic where the client can ask for it (KIP-516). */
interface Entry {
  readonly incarnation: string;
  readonly topicId?: string;
}

export interface IncarnationOptions {
  readonly kafka: Kafka;
  readonly admin: KafkaAdmin;
  readonly metaTopic: string;
  /** Transactional id of the lock: whoever initialises it fences the others. */
  readonly lockId: string;
}

/**
 * The incarnations of topics: a random token each, new whenever the topic is made anew. Ids of documents hold it;
 * without it the records of a topic that was deleted and created again would be taken for those delivered before, and
 * be lost. They are kept in the compacted meta topic. Topics are created and entered under one lock (a transactional
 * producer), so that a topic never exists with its predecessor's token.
 */
export class Incarnations {
  readonly #options: IncarnationOptions;
  #entries = new Map<string, Entry>();

  constructor(options: IncarnationOptions) {
    this.#options = options;
  }

  /** The token of a topic that {@link ensure} has seen. */
  of(topic: string): string {
    const entry = this.#entries.get(topic);
    if (entry === undefined) throw new Error(`the topic ${topic} has no incarnation`);
    return entry.incarnation;
  }

  /** Creates the missing topics of `specs`, and gives every topic of `names` a token where it has none. */
  async ensure(specs: readonly TopicSpec[], names: readonly string[]): Promise<void> {
    for (let round = 0; round < MAX_ROUNDS; round += 1) {
      this.#entries = await this.#read();
      if ((await this.#outdated(specs, names)).length === 0) return;
      if (await this.#update(specs, names)) return;
    }
    throw new Error('other processes kept the meta topic busy');
  }

  /** Gives topics new tokens: what is delivered from now on counts as never delivered before. */
  async renew(names: readonly string[]): Promise<void> {
    await this.#locked(async (producer) => {
      await this.#write(producer, await this.#newEntries(names));
    });
  }

  /** Topics that are missing, have no token, or have become another topic under the same name. */
  async #outdated(specs: readonly TopicSpec[], names: readonly string[]): Promise<string[]> {
    const { admin } = this.#options;
    const { topics } = await admin.describeCluster(WAIT_MS);
    const existing = new Set(topics.map((topic) => topic.name));
    const missing = specs.map((spec) => spec.name).filter((name) => !existing.has(name));
    const outdated = new Set(missing);
    for (const name of names) {
      const entry = this.#entries.get(name);
      if (entry === undefined) {
        outdated.add(name);
      } else if (existing.has(name) && entry.topicId !== undefined) {
        const topicId = await admin.topicId?.(name, WAIT_MS);
        if (topicId !== undefined && topicId !== entry.topicId) outdated.add(name);
      }
    }
    return [...outdated];
  }

  /** One round under the lock. False: another process took the lock over, so what it wrote must be read first. */
  async #update(specs: readonly TopicSpec[], names: readonly string[]): Promise<boolean> {
    try {
      await this.#locked(async (producer) => {
        this.#entries = await this.#read();
        const outdated = new Set(await this.#outdated(specs, names));
        await this.#forget(
          producer,
          [...outdated].filter((name) => this.#entries.has(name)),
        );
        await createMissing(
          this.#options.admin,
          specs.filter((spec) => outdated.has(spec.name)),
        );
        await this.#write(producer, await this.#newEntries(names.filter((name) => outdated.has(name))));
      });
      return true;
    } catch (error) {
      if (isKafkaError(error) && (error.fatal || error.requiresAbort)) return false;
      throw error;
    }
  }

  /**
   * Takes back the tokens of topics that are gone before these are made anew: after a crash in between, a new topic without
   * a token gets one, while a new topic with the old token would have its records taken for those delivered before.
   */
  async #forget(producer: BatchProducer, names: readonly string[]): Promise<void> {
    if (names.length === 0) return;
    await this.#commit(producer, (outputs) => {
      for (const name of names) {
        outputs.begin(0, 0, -1);
        outputs.key(name);
      }
    });
    for (const name of names) this.#entries.delete(name);
  }

  async #newEntries(names: readonly string[]): Promise<Map<string, Entry>> {
    const entries = new Map<string, Entry>();
    for (const name of names) {
      const topicId = await this.#options.admin.topicId?.(name, WAIT_MS);
      entries.set(name, { incarnation: randomBytes(9).toString('base64url'), ...(topicId === undefined ? {} : { topicId }) });
    }
    return entries;
  }

  async #locked(work: (producer: BatchProducer) => Promise<void>): Promise<void> {
    const producer = this.#options.kafka.producer({
      transactionalId: this.#options.lockId,
      transactionTimeoutMs: TRANSACTION_TIMEOUT_MS,
    });
    try {
      await producer.connect();
      await producer.initTransactions(WAIT_MS);
      await work(producer);
    } finally {
      await producer.close();
    }
  }

  async #write(producer: BatchProducer, entries: ReadonlyMap<string, Entry>): Promise<void> {
    await this.#commit(producer, (outputs) => {
      for (const [topic, entry] of entries) {
        outputs.begin(0, 0, -1);
        outputs.key(topic);
        outputs.value(JSON.stringify(entry));
      }
    });
    for (const [topic, entry] of entries) this.#entries.set(topic, entry);
  }

  async #commit(producer: BatchProducer, fill: (outputs: BatchBuilder) => void): Promise<void> {
    const outputs = new BatchBuilder([this.#options.metaTopic]);
    fill(outputs);
    await producer.beginTransaction();
    await producer.write(outputs.batch());
    await producer.commitTransaction(WAIT_MS);
  }

  async #read(): Promise<Map<string, Entry>> {
    const { kafka, admin, metaTopic } = this.#options;
    const entries = new Map<string, Entry>();
    await readWhole({ kafka, lookup: admin, topic: metaTopic, partition: 0 }, (batch, row) => {
      const topic = batch.key(row)?.toString('utf8') ?? '';
      const value = batch.value(row) === null ? null : batch.valueJson(row);
      if (!isJsonObject(value) || typeof value['incarnation'] !== 'string') {
        entries.delete(topic);
        return;
      }
      const topicId = typeof value['topicId'] === 'string' ? { topicId: value['topicId'] } : {};
      entries.set(topic, { incarnation: value['incarnation'], ...topicId });
    });
    return entries;
  }
}
