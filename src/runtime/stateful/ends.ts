import { MillraceError } from '../../errors/index.ts';
import type { RecordBatch } from '../../record/batch.ts';
import { encodeHeaders } from '../../record/headers.ts';
import type { JsonObject } from '../../record/json.ts';
import { JsonEncoder } from '../../record/json-encoder.ts';
import { StreamRecord } from '../../record/record.ts';
import type { Marker } from '../../stream/time/merged-clock.ts';
import type { Repartition, StageNode } from '../../topology/stages.ts';
import type { BatchEmitter } from '../batch-emitter.ts';
import { DEAD_LETTER_BYTES, withoutOwnHeaders } from '../dead-letter.ts';
import type { OutputTopics } from '../output-topics.ts';
import type { TaskEnvironment } from '../task.ts';
import type { Made } from './derived-letter.ts';
import { EventHeaderWriter } from './event-header.ts';

/** A record at the end of a stage. `value`: null is a tombstone; undefined: its bytes pass through untouched. */
export interface EndRecord {
  readonly batch: RecordBatch;
  readonly row: number;
  readonly value: JsonObject | null;
  /** Whether the value's bytes are in the batch, and still right. */
  readonly untouched: boolean;
  readonly time: number;
  /** The watermark of the record's own partition before it. */
  readonly watermark: number;
  /** What its dead letter would hold, where it is no record of the input and the end asks for it. */
  readonly made: Made | undefined;
}

/** Where the records of a stage go. */
export interface StageEnd {
  write(record: EndRecord): void;
  /** Whether the stage behind is told of event time. */
  readonly marks: boolean;
  /** Whether it may still reject what is written to it, and so asks how it was made. */
  readonly keepsMade: boolean;
  /** Whether anything waits for the next `settle`. */
  readonly waits: boolean;
  /** At the end of each micro-batch in which event time has moved. */
  mark(marker: Marker): void;
  /** Lets what waits come to its end. */
  settle(): Promise<void> | void;
  /** Ends what a `settle` waits for: it rejects. */
  interrupt(): void;
  /** Forgets what waits. */
  clear(): void;
  close(): void;
}

/** The stream's topic. */
export class TopicEnd implements StageEnd {
  readonly #emitter: BatchEmitter;
  readonly marks = false;
  readonly keepsMade = false;
  readonly waits = false;

  constructor(emitter: BatchEmitter) {
    this.#emitter = emitter;
  }

  write({ batch, row, value, untouched }: EndRecord): void {
    if (value === null) this.#emitter.forward(batch, row, undefined);
    else this.#emitter.forward(batch, row, untouched ? undefined : value);
  }

  mark(): void {
    // Whoever reads the topic tells event time by its records.
  }

  settle(): void {
    // Nothing waits.
  }

  interrupt(): void {
    // Nothing waits.
  }

  clear(): void {
    // Nothing waits.
  }

  close(): void {
    // It holds nothing.
  }
}

/** More than a record of the topic's limit would be refused by the broker at every try. */
const MOST_BYTES = DEAD_LETTER_BYTES - 1_000;

/** A repartition topic: records under the key of their group, each with its time, and markers of event time between them. */
export class RepartitionEnd implements StageEnd {
  readonly #emitter: BatchEmitter;
  readonly #to: number;
  readonly #repartition: Repartition;
  readonly #partitions: number;
  readonly #headers = new EventHeaderWriter();
  readonly #encoder = new JsonEncoder();
  readonly #record = new StreamRecord();

  readonly #keepsKeys: boolean;
  readonly #retryTopic: string;
  readonly marks = true;
  readonly keepsMade = false;
  readonly waits = false;

  /** `to`: the topic's number among the outputs. `keepsKeys`: records have the keys of their groups already (partial results). */
  constructor(parts: {
    emitter: BatchEmitter;
    to: number;
    repartition: Repartition;
    partitions: number;
    keepsKeys: boolean;
    retryTopic: string;
  }) {
    this.#emitter = parts.emitter;
    this.#to = parts.to;
    this.#repartition = parts.repartition;
    this.#partitions = parts.partitions;
    this.#keepsKeys = parts.keepsKeys;
    this.#retryTopic = parts.retryTopic;
  }

  write({ batch, row, value, untouched, time, watermark }: EndRecord): void {
    // A step with state follows, which has made a record of its own of what is void now.
    if (value === null) return;
    const { target } = this.#emitter;
    const { outputs } = target;
    const key = this.#keyOf(batch, row, value);
    outputs.begin(this.#to, key === null ? 0 : -1, -1);
    outputs.key(key);
    if (untouched) outputs.value(batch.value(row));
    else this.#encode(value);
    outputs.headers(this.#headers.record(time, watermark, this.#headersOf(batch, row)));
    const bytes = outputs.recordBytes;
    if (bytes > MOST_BYTES) {
      outputs.undo();
      throw new MillraceError('RECORD_TOO_LARGE', { topic: this.#repartition.topic, bytes, limit: MOST_BYTES });
    }
    target.forwarded += 1;
  }

  #encode(value: JsonObject): void {
    const { outputs } = this.#emitter.target;
    try {
      this.#encoder.write(outputs, value);
    } catch (error) {
      outputs.undo();
      throw error;
    }
  }

  mark(marker: Marker): void {
    const { outputs } = this.#emitter.target;
    const value = JSON.stringify(marker);
    for (let partition = 0; partition < this.#partitions; partition += 1) {
      outputs.begin(this.#to, partition, -1);
      outputs.value(value);
      outputs.headers(this.#headers.marker());
    }
  }

  settle(): void {
    // Nothing waits.
  }

  interrupt(): void {
    // Nothing waits.
  }

  clear(): void {
    // Nothing waits.
  }

  close(): void {
    // It holds nothing.
  }

  /** What a replayed dead letter has beside its own headers ends here: behind, it would speak of this stage's input. */
  #headersOf(batch: RecordBatch, row: number): Uint8Array {
    const packed = batch.headersBytes(row);
    if (packed.length === 0 || batch.topic(row) !== this.#retryTopic) return packed;
    return encodeHeaders(withoutOwnHeaders(batch.headers(row)));
  }

  #keyOf(batch: RecordBatch, row: number, value: JsonObject): string | Uint8Array | null {
    const { grouping } = this.#repartition;
    if (grouping.by === 'nothing') return null;
    if (this.#keepsKeys || grouping.by === 'key') return batch.key(row);
    this.#record.moveTo(batch, row, value);
    return grouping.keyOf(this.#record);
  }
}

/** The end of a stage: its repartition where it has one. */
export function endOf(
  { repartition, elements }: StageNode,
  env: TaskEnvironment,
  parts: { readonly topics: OutputTopics; readonly emitter: BatchEmitter; readonly retryTopic: string },
): StageEnd {
  const { topics, emitter, retryTopic } = parts;
  if (repartition === undefined) return new TopicEnd(emitter);
  const last = elements.at(-1);
  const keepsKeys = last?.kind === 'operator' && last.part === 'partial';
  const partitions = env.partitionsOf(repartition.topic);
  return new RepartitionEnd({ emitter, to: topics.main, repartition, partitions, keepsKeys, retryTopic });
}
