import { RecordBatch, STRIDE } from '../record/batch.ts';
import { Code, factsOf, misuse } from './failures.ts';
import type { NativeAddon, NativeEvent, NativeReaderHandle } from './native.ts';
import type { BatchReader } from './reader.ts';
import type { ReadEvent, ReadLimits, ReadResult, TopicPartition } from './types.ts';

/** A slot starts small and doubles while its reads fill it, up to the read's limits. */
const FIRST_BYTES = 256 * 1024;
const FIRST_ROWS = 2048;

/** The memory of one batch. Two take turns, so that a batch stays valid while the next is read. */
interface Slot {
  arena: Buffer;
  index: Float64Array;
  /** What the next use should have room for. */
  bytes: number;
  rows: number;
}

const newSlot = (): Slot => ({ arena: Buffer.alloc(0), index: new Float64Array(0), bytes: FIRST_BYTES, rows: FIRST_ROWS });

interface RawRead {
  readonly connected: boolean;
  readonly records: number;
  readonly needed: number;
  readonly topics: string[];
  readonly events: NativeEvent[];
}

/** Reads whole batches through the addon. */
export class NativeReader implements BatchReader {
  readonly #handle: NativeReaderHandle;
  readonly #slots = [newSlot(), newSlot()] as const;
  #turn = 0;

  constructor(addon: NativeAddon, client: object) {
    this.#handle = new addon.Reader(client);
  }

  async read(limits: ReadLimits): Promise<ReadResult> {
    this.#turn = 1 - this.#turn;
    const slot = this.#slots[this.#turn] as Slot;
    const events: ReadEvent[] = [];
    for (;;) {
      makeRoom(slot, limits);
      const raw = await this.#once(slot, limits);
      if (!raw.connected) throw misuse('reading from Kafka', 'the consumer is closed');
      for (const event of raw.events) events.push(readEvent(event));
      if (raw.needed > slot.arena.length) slot.bytes = raw.needed;
      else if (raw.needed > 0) slot.bytes = Math.min(slot.arena.length * 2, Math.max(limits.maxBytes, slot.arena.length));
      if (raw.records * STRIDE >= slot.index.length) slot.rows = raw.records * 2;
      // A record larger than the arena is held back: it comes with the larger one.
      if (raw.records === 0 && raw.needed > 0) continue;
      return {
        batch: new RecordBatch({ topics: raw.topics, length: raw.records, arena: slot.arena, index: slot.index }),
        events,
      };
    }
  }

  #once(slot: Slot, limits: ReadLimits): Promise<RawRead> {
    return new Promise((resolve) => {
      this.#handle.read(
        slot.arena,
        slot.index,
        limits.maxRecords,
        limits.maxBytes,
        limits.timeoutMs,
        (connected, records, needed, topics, events) => resolve({ connected, records, needed, topics, events }),
      );
    });
  }

  pause({ topic, partition }: TopicPartition): void {
    this.#handle.pause(topic, partition);
  }

  resume({ topic, partition }: TopicPartition): void {
    this.#handle.resume(topic, partition);
  }

  discard({ topic, partition }: TopicPartition): void {
    this.#handle.discard(topic, partition);
  }

  close(): void {
    this.#handle.close();
  }
}

function makeRoom(slot: Slot, limits: ReadLimits): void {
  if (slot.bytes > slot.arena.length) slot.arena = Buffer.allocUnsafeSlow(slot.bytes);
  const rows = Math.min(slot.rows, limits.maxRecords);
  if (rows * STRIDE > slot.index.length) slot.index = new Float64Array(rows * STRIDE);
}

function readEvent({ code, message, topic, partition, offset }: NativeEvent): ReadEvent {
  if (code === Code.endOfPartition) return { kind: 'end', topic, partition, offset };
  const error = factsOf({ code, message });
  return topic === '' ? { kind: 'error', error } : { kind: 'error', error, topic, partition, offset };
}
