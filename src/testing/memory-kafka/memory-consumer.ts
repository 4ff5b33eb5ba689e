import type {
  BatchConsumer,
  ConsumerOptions,
  ReadEvent,
  ReadLimits,
  ReadResult,
  RebalanceEvent,
  TopicPartition,
  TopicPartitionOffset,
} from '../../kafka/types.ts';
import { Offset } from '../../kafka/types.ts';
import { RecordBatch } from '../../record/batch.ts';
import { BatchBuilder } from '../../record/batch-builder.ts';
import { READ_WAIT_MS } from '../../runtime/reading.ts';
import { clientError } from './client-error.ts';
import type { MemoryGroup, MemoryMember } from './memory-group.ts';
import { keyOf } from './memory-group.ts';
import type { MemoryKafka } from './memory-kafka.ts';

const SPOILT = 0xff;
const UNSTABLE_PAUSE_MS = 50;

interface Position extends TopicPartition {
  next: number;
  paused: boolean;
  /** The end that was told last. */
  told: number;
}

let members = 0;

/** A consumer of the Kafka in memory: by hand, or in a group. */
export class MemoryConsumer implements BatchConsumer {
  readonly #kafka: MemoryKafka;
  readonly #options: ConsumerOptions;
  readonly #member: MemoryMember;
  readonly #positions = new Map<string, Position>();
  readonly #unanswered = new Set<RebalanceEvent>();
  #builders: readonly [BatchBuilder, BatchBuilder] | undefined;
  #turn = 0;
  #reading = false;
  #closing: Promise<void> | undefined;
  joined = false;
  closed = false;
  reads = 0;
  /** Errors that the next read reports. */
  readonly errors: ReadEvent[] = [];

  constructor(kafka: MemoryKafka, options: ConsumerOptions) {
    this.#kafka = kafka;
    this.#options = options;
    members += 1;
    this.#member = {
      id: members,
      topics: [],
      strategy: options.strategy,
      deliver: (event) => this.tell(event),
    };
  }

  /** The group asks for a change. */
  tell(event: RebalanceEvent): void {
    if (this.closed) return;
    this.#unanswered.add(event);
    this.#options.onRebalance?.(event);
    this.#kafka.wake();
  }

  get group(): MemoryGroup {
    return this.#kafka.group(this.#options.groupId ?? '');
  }

  /** Its session ends. */
  expel(): void {
    if (this.joined && !this.closed) this.group.expel(this.#member);
  }

  /** Its process is killed: the group goes on without it. */
  die(): void {
    if (this.closed) return;
    this.closed = true;
    this.#unanswered.clear();
    if (this.joined) this.group.leave(this.#member);
  }

  connect(): Promise<void> {
    return this.#kafka.call('connect', this.#by, () => undefined);
  }

  subscribe(topics: readonly string[]): void {
    this.#member.topics = topics;
    this.joined = true;
    this.group.join(this.#member);
  }

  assign(partitions: readonly TopicPartitionOffset[]): void {
    this.#positions.clear();
    for (const one of partitions) this.#start(one, false);
  }

  completeRebalance(event: RebalanceEvent, at: readonly TopicPartitionOffset[] = [], paused = false): void {
    if (!this.#unanswered.delete(event)) throw new Error('a rebalance was answered twice');
    if (event.kind === 'assign') {
      for (const one of at) this.#start(one, paused);
      return;
    }
    for (const partition of event.partitions) this.#positions.delete(keyOf(partition));
    this.group.revoked(this.#member, event);
  }

  assigned(): readonly TopicPartition[] {
    return [...this.#positions.values()];
  }

  async read(limits: ReadLimits): Promise<ReadResult> {
    if (this.#reading) throw new Error('two reads at once');
    if (this.closed) throw clientError('fatal', 'reading with a closed consumer');
    this.#reading = true;
    this.reads += 1;
    try {
      return await this.#kafka.call('read', this.#by, () => this.#read(limits));
    } finally {
      this.#reading = false;
    }
  }

  pause(partitions: readonly TopicPartition[]): void {
    for (const partition of partitions) this.#at(partition).paused = true;
  }

  resume(partitions: readonly TopicPartition[]): void {
    for (const partition of partitions) this.#at(partition).paused = false;
  }

  async seek(partitions: readonly TopicPartitionOffset[]): Promise<void> {
    if (this.#reading) throw new Error('a seek during a read');
    await this.#kafka.call('seek', this.#by, () => {
      for (const one of partitions) Object.assign(this.#at(one), { next: this.#resolve(one), told: -1 });
    });
  }

  async committed(partitions: readonly TopicPartition[], timeoutMs: number): Promise<TopicPartitionOffset[]> {
    const end = this.#kafka.clock.monotonic() + timeoutMs;
    const unstable = (): boolean => partitions.some((one) => (this.group.pending.get(keyOf(one))?.size ?? 0) > 0);
    while (unstable()) {
      if (this.#kafka.clock.monotonic() >= end) throw clientError('retriable', 'asking for unstable offsets');
      await this.#kafka.clock.sleep(UNSTABLE_PAUSE_MS);
    }
    return this.#kafka.call('committed', this.#by, () =>
      partitions.map(({ topic, partition }) => ({
        topic,
        partition,
        offset: this.group.committed.get(`${topic}/${partition}`) ?? -1,
      })),
    );
  }

  async commit(offsets: readonly TopicPartitionOffset[]): Promise<void> {
    await this.#kafka.call('commit', this.#by, () => {
      if (!this.joined && this.group.members.length > 0) throw clientError('stranger', 'committing beside members');
      if (this.closed || (this.joined && this.group.isExpelled(this.#member)))
        throw clientError('undone', 'committing without a membership');
      this.group.commit(offsets);
    });
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await this.#kafka.call('close', this.#by, () => undefined);
    if (this.#unanswered.size > 0) throw new Error('closed with a rebalance unanswered');
    if (this.joined) {
      const owned = this.group.ownedBy(this.#member);
      if (owned.length > 0) {
        const last: RebalanceEvent = { kind: 'revoke', partitions: owned, lost: false };
        this.#unanswered.add(last);
        this.#options.onRebalance?.(last);
        if (this.#unanswered.size > 0) throw new Error('closed with a rebalance unanswered');
      }
    }
    this.closed = true;
    if (this.joined) this.group.leave(this.#member);
    this.#kafka.wake();
  }

  isOf(group: string): boolean {
    return this.#options.groupId === group;
  }

  /** The partitions of its group with records that the group has not committed. */
  get behind(): readonly TopicPartition[] {
    if (!this.joined || this.closed) return [];
    return [...this.#positions.values()].filter((at) => {
      const log = this.#kafka.log(at);
      const from = this.group.committed.get(keyOf(at)) ?? 0;
      return log.hasRecords(from);
    });
  }

  async #read(limits: ReadLimits): Promise<ReadResult> {
    const timeoutMs = limits.timeoutMs < READ_WAIT_MS ? limits.timeoutMs : Math.max(limits.timeoutMs, this.#kafka.idleReadMs);
    const end = this.#kafka.clock.monotonic() + timeoutMs;
    const { turn } = this.#kafka;
    for (;;) {
      const result = this.#available(limits);
      const left = end - this.#kafka.clock.monotonic();
      if (result.batch.length > 0 || result.events.length > 0 || this.#unanswered.size > 0) return result;
      if (left <= 0 || this.#kafka.turn !== turn) return result;
      await this.#kafka.changedWithin(left);
    }
  }

  #available(limits: ReadLimits): ReadResult {
    if (this.errors.length === 0 && !this.#hasNews()) return { batch: RecordBatch.empty, events: [] };
    this.#turn = 1 - this.#turn;
    this.#builders ??= [new BatchBuilder(), new BatchBuilder()];
    const builder = this.#builders[this.#turn] as BatchBuilder;
    builder.batch().arena.fill(SPOILT, 0, builder.bytes);
    builder.reset();
    const events: ReadEvent[] = this.errors.splice(0);
    const most = Math.min(limits.maxRecords, this.#kafka.readRecords);
    for (const position of this.#positions.values())
      if (!position.paused) this.#take(position, builder, { most, bytes: limits.maxBytes, events });
    return { batch: builder.batch(), events };
  }

  /** Whether any partition has something to read, a new end too. */
  #hasNews(): boolean {
    for (const position of this.#positions.values()) {
      if (!position.paused && (position.next < this.#endOf(position) || position.told !== position.next)) return true;
    }
    return false;
  }

  #endOf(position: Position): number {
    const log = this.#kafka.log(position);
    return this.#options.isolation === 'read_uncommitted' ? log.high : log.stable;
  }

  #take(position: Position, builder: BatchBuilder, into: { most: number; bytes: number; events: ReadEvent[] }): void {
    const { topic, partition } = position;
    const log = this.#kafka.log(position);
    const end = this.#endOf(position);
    while (position.next < end) {
      if (builder.length >= into.most || (builder.length > 0 && builder.bytes >= into.bytes)) return;
      const { record, transaction, offset } = log.entries[position.next] as (typeof log.entries)[number];
      position.next += 1;
      if (record === undefined || (transaction?.state === 'aborted' && this.#options.isolation !== 'read_uncommitted')) continue;
      builder.begin(builder.topicIndex(topic), partition, record.timestamp);
      builder.offset(offset);
      builder.key(record.key);
      builder.value(record.value);
      builder.headers(record.headers);
    }
    if (position.told === position.next) return;
    position.told = position.next;
    into.events.push({ kind: 'end', topic, partition, offset: position.next });
  }

  #start(one: TopicPartitionOffset, paused: boolean): void {
    const { topic, partition } = one;
    this.#positions.set(keyOf(one), { topic, partition, next: this.#resolve(one), paused, told: -1 });
  }

  #resolve(one: TopicPartitionOffset): number {
    if (one.offset === Offset.beginning) return 0;
    return one.offset === Offset.end ? this.#kafka.log(one).high : one.offset;
  }

  #at(partition: TopicPartition): Position {
    const position = this.#positions.get(keyOf(partition));
    if (position === undefined) throw clientError('undone', `${keyOf(partition)} is not assigned`);
    return position;
  }

  get #by(): string {
    return this.#options.groupId ?? '';
  }
}
