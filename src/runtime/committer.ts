import { isMillraceError } from '../errors/index.ts';
import { isKafkaError } from '../kafka/error.ts';
import type { BatchConsumer, BatchProducer, TopicPartitionOffset } from '../kafka/types.ts';
import type { RecordBatch } from '../record/batch.ts';
import { noFaults, type PassFaultPoint } from './fault-points.ts';

/** What one commit makes durable together. */
export interface CommitUnit {
  readonly outputs: RecordBatch;
  /** Input offsets, with the consumer whose group they belong to. Empty for sources. */
  readonly offsets: readonly TopicPartitionOffset[];
  readonly consumer?: BatchConsumer;
  /** Throws where the input has become another member's, so that nothing of it may be committed any more. */
  readonly assertOwned?: () => void;
  /** Called, by some committers, when Kafka has all outputs, so that their memory is free: they become durable later. */
  readonly arrived?: () => void;
}

/** Makes a task's work durable: the one interface for both kinds of delivery. */
export interface Committer {
  /** Gets ready; ends what an earlier life of the same task left open. */
  open(): Promise<void>;
  /** Settles when the unit is durable. After a rejection call `recover`: what became of the unit is unknown until then. */
  commit(unit: CommitUnit): Promise<void>;
  /** How many units may be handed in before the first has arrived. They become durable in their order. Absent: one. */
  readonly atOnce?: number;
  /** Whether the unit that failed last may be durable for all that: what it wrote then counts, beside the offsets. */
  readonly inDoubt: boolean;
  /** After a failed commit: settles when nothing of it is still under way. The input is then read again from the committed offsets. */
  recover(): Promise<void>;
  close(): Promise<void>;
}

/** Longest waits on the broker, in ms: longer than it takes to elect a new leader or coordinator. */
const BROKER_WAIT_MS = 60_000;
/** A task that ends does not wait long for a broker: what it leaves open the broker ends at the transaction's timeout. */
const LAST_ABORT_MS = 5_000;

/** Outputs and offsets in one Kafka transaction (KIP-98, KIP-447). */
export class TransactionalCommitter implements Committer {
  readonly #create: () => BatchProducer;
  readonly #pass: PassFaultPoint;
  #producer: BatchProducer | undefined;
  /** A transaction has been begun and not yet ended, as far as is known. */
  #open = false;
  #broken = false;
  inDoubt = false;

  /** `create` makes a producer with the task's transactional id; it is called again after a fatal error. */
  constructor(create: () => BatchProducer, pass: PassFaultPoint = noFaults) {
    this.#create = create;
    this.#pass = pass;
  }

  /** `waitMs`: how long the broker may take. */
  async open(waitMs: number = BROKER_WAIT_MS): Promise<void> {
    const producer = this.#create();
    this.#producer = producer;
    // Whatever an earlier producer left open or in doubt, the initialisation ends it; until then this one is of no use.
    this.#open = false;
    this.#broken = true;
    await producer.connect();
    await producer.initTransactions(waitMs);
    this.#broken = false;
  }

  async commit(unit: CommitUnit): Promise<void> {
    unit.assertOwned?.();
    await this.begin();
    await this.write(unit);
    await this.end();
  }

  /** Begins a transaction: the broker knows nothing of it yet. */
  async begin(): Promise<void> {
    this.#open = true;
    this.inDoubt = false;
    await this.#attempt((producer) => producer.beginTransaction());
  }

  /** Hands everything to the producer. */
  async write(unit: CommitUnit): Promise<void> {
    await this.#attempt(async (producer) => {
      if (unit.outputs.length > 0) await producer.write(unit.outputs);
      this.#pass('after_produce');
      if (unit.offsets.length > 0 && unit.consumer !== undefined) {
        await producer.sendOffsets(unit.offsets, unit.consumer, BROKER_WAIT_MS);
      }
      this.#pass('after_send_offsets');
      // The group vouched for a member that it has not expelled, or took the offsets of one that has lost its id. Once they are
      // in the transaction the partitions' next owner waits for its end; what was lost before that has been read by it.
      unit.assertOwned?.();
    });
  }

  /** Settles when Kafka has all that `write` was given, in its place in each partition. What could not be delivered fails the end. */
  async arrived(): Promise<void> {
    await this.#attempt((producer) => producer.flush(BROKER_WAIT_MS));
  }

  /** Makes what was written durable. */
  async end(): Promise<void> {
    let ending = false;
    try {
      await this.#attempt(async (producer) => {
        ending = true;
        await producer.commitTransaction(BROKER_WAIT_MS);
        this.#open = false;
        this.#pass('after_commit');
      });
    } catch (error) {
      this.inDoubt = ending && this.#broken;
      throw error;
    }
  }

  async #attempt(work: (producer: BatchProducer) => Promise<void>): Promise<void> {
    const producer = this.#producer;
    if (producer === undefined) throw new Error('commit before open');
    try {
      await work(producer);
    } catch (error) {
      // Only an error that says "abort" leaves a producer that can go on. After anything else (fatal, or an outcome
      // nobody knows) a new one with the same id makes the broker end the transaction, one way or the other.
      this.#broken = !isMillraceError(error) && !(isKafkaError(error) && error.requiresAbort && !error.fatal);
      throw error;
    }
  }

  async recover(): Promise<void> {
    if (this.#producer !== undefined && !this.#broken) {
      if (!this.#open) return;
      try {
        await this.#producer.abortTransaction(BROKER_WAIT_MS);
        this.#open = false;
      } catch {
        // An abort that fails leaves the same doubt as a commit that fails: the next producer's initialisation ends it.
        this.#broken = true;
      }
    }
    // Always a new producer: the old one may still point into the memory of the batch that failed, which is used again now.
    await this.close();
    await this.open();
  }

  /** Also ends a transaction that failed and was not recovered: left open, it would hold up all readers of its partitions. */
  async close(): Promise<void> {
    const producer = this.#producer;
    this.#producer = undefined;
    if (producer === undefined) return;
    if (this.#open && !this.#broken) await producer.abortTransaction(LAST_ABORT_MS).catch(() => undefined);
    await producer.close();
  }
}

/** Written and acknowledged first, then the offsets: after a crash in between, records come twice. */
export class AtLeastOnceCommitter implements Committer {
  readonly #create: () => BatchProducer;
  readonly #pass: PassFaultPoint;
  #producer: BatchProducer | undefined;
  /** Offsets whose commit seemed to fail may count: without what their records did to the state, those would be lost. */
  inDoubt = false;

  constructor(create: () => BatchProducer, pass: PassFaultPoint = noFaults) {
    this.#create = create;
    this.#pass = pass;
  }

  async open(): Promise<void> {
    const producer = this.#create();
    this.#producer = producer;
    await producer.connect();
  }

  async commit(unit: CommitUnit): Promise<void> {
    const producer = this.#producer;
    if (producer === undefined) throw new Error('commit before open');
    this.inDoubt = false;
    if (unit.outputs.length > 0) {
      await producer.write(unit.outputs);
      await producer.flush(BROKER_WAIT_MS);
    }
    this.#pass('after_produce');
    this.inDoubt = true;
    if (unit.offsets.length > 0 && unit.consumer !== undefined) await unit.consumer.commit(unit.offsets);
    this.inDoubt = false;
    this.#pass('after_commit');
  }

  async recover(): Promise<void> {
    await this.close();
    await this.open();
  }

  async close(): Promise<void> {
    const producer = this.#producer;
    this.#producer = undefined;
    await producer?.close();
  }
}
