import type { KafkaConsumer, Message, MessageHeader } from 'node-rdkafka';
import { BatchBuilder } from '../record/batch-builder.ts';
import { encodeHeaders } from '../record/headers.ts';
import type { Clock } from '../sdk/clock.ts';
import { factsOf } from './failures.ts';
import type { BatchReader } from './reader.ts';
import type { ReadEvent, ReadLimits, ReadResult, TopicPartition } from './types.ts';

/**
 * `consume` starts its timeout anew for every message and every end of partition, so the wait for the first record goes in
 * slices, and what follows is taken without waiting.
 */
const SLICE_MS = 100;

/** Messages taken in one call; more cost memory (an object each) and gain little. */
const MOST_AT_ONCE = 5000;

const keyOf = ({ topic, partition }: TopicPartition): string => `${topic}\0${partition}`;

/** Reads batches by node-rdkafka's `consume(n)`: an object per message, about ten times the cost of the addon. */
export class FallbackReader implements BatchReader {
  readonly #client: KafkaConsumer;
  readonly #clock: Clock;
  readonly #builders = [new BatchBuilder(), new BatchBuilder()] as const;
  readonly #paused = new Set<string>();
  /** Given up during the read in flight. */
  readonly #discarded = new Set<string>();
  #turn = 0;
  #held: Message[] = [];
  #events: ReadEvent[] = [];

  constructor(client: KafkaConsumer, clock: Clock) {
    this.#client = client;
    this.#clock = clock;
    client.on('partition.eof', ({ topic, partition, offset }) => this.#events.push({ kind: 'end', topic, partition, offset }));
  }

  async read(limits: ReadLimits): Promise<ReadResult> {
    this.#turn = 1 - this.#turn;
    const builder = this.#builders[this.#turn] as BatchBuilder;
    builder.reset();
    this.#discarded.clear();
    const full = this.#fill(builder, limits);
    if (!full) {
      await this.#fetch(builder.length, limits);
      if (this.#discarded.size > 0) this.#held = this.#held.filter((message) => !this.#discarded.has(keyOf(message)));
      this.#fill(builder, limits);
    }
    const events = this.#events;
    this.#events = [];
    return { batch: builder.batch(), events };
  }

  /** Moves what is held back into the batch; true where no more fits. */
  #fill(builder: BatchBuilder, limits: ReadLimits): boolean {
    const kept: Message[] = [];
    let full = false;
    for (const message of this.#held) {
      full ||= builder.length >= limits.maxRecords || (builder.length > 0 && builder.bytes + sizeOf(message) > limits.maxBytes);
      if (full || (this.#paused.size > 0 && this.#paused.has(keyOf(message)))) kept.push(message);
      else append(builder, message);
    }
    this.#held = kept;
    return full || builder.length >= limits.maxRecords;
  }

  /** Waits for the first message where there is none yet, then takes what has come. */
  async #fetch(records: number, limits: ReadLimits): Promise<void> {
    const end = this.#clock.monotonic() + limits.timeoutMs;
    let taken = records;
    while (taken === 0 && this.#events.length === 0) {
      const left = end - this.#clock.monotonic();
      taken += await this.#take(1, Math.max(0, Math.min(SLICE_MS, Math.ceil(left))));
      if (left <= SLICE_MS) break;
    }
    const more = Math.min(MOST_AT_ONCE, limits.maxRecords) - taken;
    if (taken > 0 && more > 0) await this.#take(more, 0);
  }

  #take(count: number, timeoutMs: number): Promise<number> {
    return new Promise((resolve) => {
      this.#client.setDefaultConsumeTimeout(timeoutMs);
      this.#client.consume(count, (error: unknown, messages: Message[] | undefined) => {
        if (error) this.#events.push({ kind: 'error', error: factsOf(error) });
        if (messages !== undefined && messages.length > 0) this.#held = this.#held.concat(messages);
        resolve(messages?.length ?? 0);
      });
    });
  }

  /**
   * Serves librdkafka's callbacks where no read is in flight. What it happens to take is held back for the next one.
   */
  async poll(): Promise<void> {
    await this.#take(1, 0);
  }

  pause(partition: TopicPartition): void {
    this.#paused.add(keyOf(partition));
  }

  resume(partition: TopicPartition): void {
    this.#paused.delete(keyOf(partition));
  }

  discard(partition: TopicPartition): void {
    const key = keyOf(partition);
    this.#discarded.add(key);
    this.#held = this.#held.filter((message) => keyOf(message) !== key);
  }

  close(): void {
    this.#held = [];
  }
}

function sizeOf(message: Message): number {
  let size = message.size + (message.key?.length ?? 0);
  for (const header of message.headers ?? []) {
    for (const [name, value] of Object.entries(header)) size += 8 + name.length + value.length;
  }
  return size;
}

function append(builder: BatchBuilder, message: Message): void {
  builder.begin(builder.topicIndex(message.topic), message.partition, message.timestamp ?? -1);
  builder.offset(message.offset);
  builder.key(message.key ?? null);
  builder.value(message.value);
  if (message.headers !== undefined && message.headers.length > 0) builder.headers(encodeHeaders(headersOf(message.headers)));
}

/** node-rdkafka gives each header as an object with one property. */
function headersOf(headers: readonly MessageHeader[]): { name: string; value: Buffer | string }[] {
  return headers.flatMap((header) => Object.entries(header).map(([name, value]) => ({ name, value })));
}
