import { isMillraceError, MillraceError, reasonOf } from '../errors/index.ts';
import type {
  BatchConsumer,
  ReadLimits,
  ReadResult,
  RebalanceEvent,
  TopicPartition,
  TopicPartitionOffset,
} from '../kafka/types.ts';
import type { IntakeOptions } from './intake-options.ts';
import { partitionKey } from './partition-key.ts';

/** How long a look at committed offsets may take; another member's open transaction can hold them up for 20 s (-185). */
const COMMITTED_WAIT_MS = 30_000;
const WATERMARK_WAIT_MS = 5_000;
const RESTORE_PAUSE_MS = 500;
/** A member that was killed counts until its session times out; who is still there after this long is alive. */
const OTHERS_WAIT_MS = 30_000;
/** librdkafka's code for an offset that the partition no longer (or not yet) has. */
const OUT_OF_RANGE = -140;
const PARTITION_END = -191;

interface Held extends TopicPartition {
  /** Until its committed offset is known a partition is paused. */
  ready: boolean;
  /** The last end-of-partition event's offset: it comes once per end, so it is remembered. */
  end: number;
  /** Its owner does not want it read for now. */
  heldBack: boolean;
}

/**
 * A task's share of its input topics. It hands out reads, starts partitions at their committed offsets, and asks its
 * owner to settle everything in flight before it gives a partition up: that drain is what fences the next owner off.
 * All methods are called by one owner, one at a time.
 */
export class GroupIntake {
  readonly consumer: BatchConsumer;
  readonly #options: IntakeOptions;
  readonly #events: RebalanceEvent[] = [];
  readonly #held = new Map<string, Held>();
  readonly #restored: { held: Held[]; at: TopicPartitionOffset[] }[] = [];
  readonly #restoring = new Set<Promise<void>>();
  #closing = false;
  /** Why partitions cannot be started, where a human must act. */
  #failure: Error | undefined;
  /** Whether the group has answered at least once. */
  joined = false;
  #startedAt = 0;

  constructor(options: IntakeOptions) {
    this.#options = options;
    this.consumer = options.createConsumer((event) => {
      this.#onRebalance(event);
    });
  }

  async start(): Promise<void> {
    await this.consumer.connect();
    this.consumer.subscribe(this.#options.topics);
    this.#startedAt = this.#options.clock.monotonic();
  }

  /** Whether partitions are being taken away: settle what is in flight, then call {@link completeRevoke}. */
  get revoking(): boolean {
    return this.#events[0]?.kind === 'revoke';
  }

  /**
   * Whether the partitions being taken away are another member's already (the session had expired). Then nothing more may be
   * committed: a transaction's offsets could still be accepted, and what the new owner has read would be written twice.
   */
  get lost(): boolean {
    return this.#events.some((event) => event.kind === 'revoke' && event.lost);
  }

  /** Throws PARTITIONS_LOST where they are {@link lost}. */
  assertOwned(): void {
    if (this.lost) throw new MillraceError('PARTITIONS_LOST', { group: this.#options.group });
  }

  /** Up to where a partition has been read, as far as is known: the offset of the last end that was met; -1 before the first. */
  endOf(partition: TopicPartition): number {
    const held = this.#held.get(partitionKey(partition));
    return held?.ready === true ? held.end : -1;
  }

  get assigned(): readonly TopicPartition[] {
    return [...this.#held.values()];
  }

  /** Whether every assigned partition has been started at its committed offset. */
  get ready(): boolean {
    for (const held of this.#held.values()) if (!held.ready) return false;
    return true;
  }

  /**
   * Where the task stands, given what it has committed. With nothing in flight it stands at the end it has seen: what lies
   * between is control and aborted records, which are nobody's to read.
   */
  positions(committed: readonly TopicPartitionOffset[], nothingInFlight: boolean): readonly TopicPartitionOffset[] {
    if (!nothingInFlight) return committed;
    return committed.map((one) => ({ ...one, offset: Math.max(one.offset, this.#held.get(partitionKey(one))?.end ?? -1) }));
  }

  /** Gives up the partitions that the group takes away. Nothing read from them may be in flight any more. */
  completeRevoke(): void {
    const event = this.#events.shift();
    if (event?.kind !== 'revoke') return;
    this.#giveUp(event);
  }

  /** The next records. Not while {@link revoking}. */
  async read(limits: ReadLimits): Promise<ReadResult> {
    if (this.#failure !== undefined) throw this.#failure;
    this.#acceptAssignments();
    await this.#startRestored();
    const result = await this.consumer.read(limits);
    for (const event of result.events) {
      if (event.kind === 'end') {
        const held = this.#held.get(partitionKey(event));
        if (held !== undefined) held.end = event.offset;
      } else {
        this.#onReadError(event.error, event);
      }
    }
    return result;
  }

  /** Does not read a partition until it is released, given up, or assigned anew. Not during a read. False: it is not started yet. */
  hold(partition: TopicPartition): boolean {
    const held = this.#held.get(partitionKey(partition));
    if (held?.ready !== true) return false;
    held.heldBack = true;
    this.consumer.pause([held]);
    return true;
  }

  release(partition: TopicPartition): void {
    const held = this.#held.get(partitionKey(partition));
    if (held?.heldBack !== true) return;
    held.heldBack = false;
    this.consumer.resume([held]);
  }

  /** Keeps the membership alive while the owner can take no records. */
  async idle(): Promise<void> {
    const ready = [...this.#held.values()].filter((held) => held.ready);
    this.consumer.pause(ready);
    const { batch } = await this.read({ maxRecords: 1, maxBytes: 1, timeoutMs: 0 });
    // A record that got through all the same is read again later.
    if (batch.length > 0) {
      await this.#seek([{ topic: batch.topic(0), partition: batch.partition(0), offset: batch.offset(0) }]);
    }
    this.consumer.resume(ready.filter((held) => !held.heldBack && this.#held.get(partitionKey(held)) === held));
  }

  /** Goes back to the committed offsets: whatever was read since is void. No read may be in flight. */
  async rewind(): Promise<void> {
    const ready = [...this.#held.values()].filter((held) => held.ready);
    if (ready.length === 0) return;
    await this.#seek(await this.#committed(ready));
  }

  /** An end seen before says nothing of a partition that is read again from an earlier offset. */
  async #seek(to: readonly TopicPartitionOffset[]): Promise<void> {
    for (const one of to) {
      const held = this.#held.get(partitionKey(one));
      if (held !== undefined) held.end = -1;
    }
    await this.consumer.seek(to);
  }

  /** Whether every record there is has been read: an end-of-partition event, and a fresh high watermark equal to it. */
  async caughtUp(): Promise<boolean> {
    if (!this.joined || !this.ready || this.#events.length > 0 || !this.#hasAll()) return false;
    for (const held of this.#held.values()) {
      if (held.end < 0) return false;
      const { high } = await this.#options.lookup.watermarks(held, WATERMARK_WAIT_MS);
      if (high !== held.end) return false;
    }
    return true;
  }

  async close(): Promise<void> {
    this.#closing = true;
    for (const event of this.#events.splice(0)) this.#answerClosing(event);
    await this.consumer.close();
    await Promise.all(this.#restoring);
  }

  #onRebalance(event: RebalanceEvent): void {
    if (this.#closing) this.#answerClosing(event);
    else this.#events.push(event);
  }

  #answerClosing(event: RebalanceEvent): void {
    if (event.kind === 'revoke') this.#giveUp(event);
    else this.consumer.completeRebalance(event, parked(event.partitions), true);
  }

  #giveUp(event: RebalanceEvent): void {
    this.consumer.completeRebalance(event);
    for (const partition of event.partitions) this.#held.delete(partitionKey(partition));
    this.#options.onGiveUp(event.partitions);
    if (event.partitions.length > 0)
      this.#options.log.debug('partitions given up', { group: this.#options.group, partitions: listed(event.partitions) });
  }

  #acceptAssignments(): void {
    while (this.#events[0]?.kind === 'assign') {
      const event = this.#events.shift() as RebalanceEvent;
      this.joined = true;
      // Parked and paused: no record gets through before the committed offset is known.
      this.consumer.completeRebalance(event, parked(event.partitions), true);
      if (event.partitions.length === 0) continue;
      this.#options.log.debug('partitions assigned', { group: this.#options.group, partitions: listed(event.partitions) });
      const held = event.partitions.map(
        ({ topic, partition }): Held => ({ topic, partition, ready: false, end: -1, heldBack: false }),
      );
      for (const one of held) this.#held.set(partitionKey(one), one);
      const restoring = this.#restore(held).finally(() => this.#restoring.delete(restoring));
      this.#restoring.add(restoring);
    }
  }

  /** Finds the committed offsets beside the reads of other partitions. It never rejects: it tries until it is given up. */
  async #restore(held: Held[]): Promise<void> {
    for (;;) {
      const wanted = this.#current(held);
      if (this.#closing || wanted.length === 0) return;
      try {
        const at = await this.#committed(wanted);
        // They may have gone meanwhile, and come back: then a later restore of them is under way, or at work already.
        const current = this.#current(wanted);
        if (current.length > 0) await this.#options.restore?.(current);
        this.#restored.push({ held: current, at });
        return;
      } catch (error) {
        if (this.#closing) return;
        if (isMillraceError(error) && error.retry === 'never') {
          this.#failure = error;
          return;
        }
        this.#options.log.warn('waiting for the committed offsets', { group: this.#options.group, reason: reasonOf(error) });
        await this.#options.clock.sleep(RESTORE_PAUSE_MS);
      }
    }
  }

  /** Those that are still this task's, by the assignment that they came with. */
  #current(held: readonly Held[]): Held[] {
    return held.filter((one) => this.#held.get(partitionKey(one)) === one);
  }

  async #startRestored(): Promise<void> {
    for (const { held, at } of this.#restored.splice(0)) {
      const current = this.#current(held);
      const keys = new Set(current.map(partitionKey));
      await this.#seek(at.filter((one) => keys.has(partitionKey(one))));
      this.consumer.resume(current);
      for (const one of current) one.ready = true;
      this.#options.onStart(at.filter((one) => keys.has(partitionKey(one))));
    }
  }

  /** Whether every partition is this task's, where it must be. Throws when other members keep some. */
  #hasAll(): boolean {
    const { allPartitions, clock, group } = this.#options;
    if (allPartitions === undefined || this.#held.size >= allPartitions) return true;
    if (clock.monotonic() - this.#startedAt > OTHERS_WAIT_MS) throw new MillraceError('GROUP_IN_USE', { group });
    return false;
  }

  /** Committed offsets, or the beginning where the group has none. */
  async #committed(partitions: readonly TopicPartition[]): Promise<TopicPartitionOffset[]> {
    const committed = await this.consumer.committed(partitions, COMMITTED_WAIT_MS);
    // A new group begins at the first record there is, by its number: librdkafka must have nothing to look up (see `parked`).
    return Promise.all(
      committed.map(async (one) =>
        one.offset < 0 ? { ...one, offset: (await this.#options.lookup.watermarks(one, WATERMARK_WAIT_MS)).low } : one,
      ),
    );
  }

  #onReadError(error: { code: number; message: string; fatal: boolean }, at: { topic?: string; partition?: number }): void {
    if (error.code === PARTITION_END) return;
    if (error.code === OUT_OF_RANGE) {
      throw new MillraceError('OFFSET_OUT_OF_RANGE', {
        ...this.#options.reset,
        group: this.#options.group,
        topic: at.topic ?? '?',
        partition: at.partition ?? -1,
      });
    }
    if (error.fatal) throw new MillraceError('KAFKA_CLIENT_FAILED', { group: this.#options.group, reason: error.message });
    this.#options.log.debug('reading from Kafka', { group: this.#options.group, code: error.code, reason: error.message });
  }
}

/**
 * Where paused partitions wait for their committed offset: a place that librdkafka need not look up. A look-up of the beginning
 * or the end that is under way at the seek is repeated half a second after it, and moves the partition there.
 */
function parked(partitions: readonly TopicPartition[]): TopicPartitionOffset[] {
  return partitions.map(({ topic, partition }) => ({ topic, partition, offset: 0 }));
}

function listed(partitions: readonly TopicPartition[]): string {
  return partitions.map(partitionKey).join(' ');
}
