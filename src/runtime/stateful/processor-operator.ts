import type { MillraceError } from '../../errors/index.ts';
import { BatchBuilder } from '../../record/batch-builder.ts';
import { toIso } from '../../record/iso-time.ts';
import type { StreamRecord } from '../../record/record.ts';
import type { BatchProcessor, ProcessorArrival, RejectedRecord } from '../../sdk/batch-processor.ts';
import {
  ABSORBED,
  type Changelog,
  NO_WATERMARK,
  type OperatorContext,
  type OperatorOutcome,
  type PartitionOperator,
  type RecordTime,
} from '../../sdk/operator.ts';
import type { Evaluate } from '../../sdk/option.ts';
import { newRecord, ProcessorRecord } from '../../sdk/processor-record.ts';
import { ProgramFailure, type Rejection } from '../../stream/program.ts';
import type { BatchEmitter } from '../batch-emitter.ts';
import { copyEmitted } from '../copy-emitted.ts';
import { withResume } from './derived-letter.ts';

export interface ProcessorOperatorParts {
  readonly processor: BatchProcessor;
  /** Only records for which it is true are the processor's; others go on in their turn. */
  readonly when: Evaluate | undefined;
  readonly policy: Rejection['policy'];
  readonly emitter: BatchEmitter;
  readonly context: OperatorContext;
  /** The topic that what it makes of no record is said to come from, in messages. */
  readonly topic: string;
  /** In a plugin: an error that names it. */
  readonly faultOf?: ((error: unknown) => MillraceError) | undefined;
}

interface Waiting {
  readonly record: ProcessorRecord;
  watermark: number;
  readonly applies: boolean;
}

/** A processor among the operators of a stage: it gathers the records of a read, and is given them when that is through. */
export class ProcessorOperator implements PartitionOperator {
  readonly #parts: ProcessorOperatorParts;
  /** The rows that wait, copied, since a read's memory is used again: for dead letters, and for keys that are no text. */
  readonly #rows = new BatchBuilder();
  #waiting: Waiting[] = [];
  #watermark = NO_WATERMARK;

  constructor(parts: ProcessorOperatorParts) {
    this.#parts = parts;
  }

  get size(): number {
    return this.#parts.processor.size;
  }

  /** Whether there is anything to be done without a record: a timer, or the end of an entry's life. */
  get isDue(): boolean {
    return this.#parts.processor.isDue(this.#watermark, this.#parts.context.clock.now());
  }

  process(record: StreamRecord, { time }: RecordTime): OperatorOutcome {
    const { batch, row } = record.place;
    const rows = this.#rows;
    rows.begin(rows.topicIndex(record.topic), record.partition, record.timestamp);
    rows.offset(record.offset);
    rows.key(batch.key(row));
    rows.value(batch.value(row));
    rows.headers(record.packedHeaders);
    const applies = this.#parts.when === undefined || this.#parts.when(record) === true;
    const { value, topic, partition, offset } = record;
    const headers = Buffer.from(record.packedHeaders);
    const source = this.#waiting.length;
    const made = new ProcessorRecord({ value, key: record.key ?? null, headers, time, topic, partition, offset, source });
    this.#waiting.push({ record: made, watermark: this.#watermark, applies });
    return ABSORBED;
  }

  advance(watermark: number): void {
    if (watermark <= this.#watermark) return;
    this.#watermark = watermark;
    const last = this.#waiting.at(-1);
    if (last !== undefined) last.watermark = watermark;
  }

  /** Lets the processor have what has been gathered, and whatever is due. */
  async drain(signal: AbortSignal): Promise<void> {
    const waiting = this.#waiting;
    let arrivals: ProcessorArrival[] = [];
    for (const each of waiting) {
      if (each.applies) {
        arrivals.push(each);
        continue;
      }
      if (arrivals.length > 0) await this.#process(arrivals, each.watermark, signal);
      arrivals = [];
      this.#emit(each.record);
    }
    if (arrivals.length > 0 || this.isDue) await this.#process(arrivals, this.#watermark, signal);
    this.#waiting = [];
    this.#rows.reset();
  }

  tick(): void {
    // What is due by wall-clock time is asked for by `isDue`, since it cannot be done at once.
  }

  flush(changes: Changelog): void {
    this.#parts.processor.flush(changes);
  }

  commit(): void {
    this.#parts.processor.commit();
  }

  rollback(): void {
    this.#waiting = [];
    this.#rows.reset();
    this.#parts.processor.rollback();
  }

  restore(key: string, value: string | null): void {
    this.#parts.processor.restore(key, value);
  }

  restored(watermark: number): void {
    this.#watermark = watermark;
    this.#parts.processor.restored(watermark);
  }

  emitOpen(): void {
    // What a processor has not emitted it has for a timer to come, which it will be when the stream goes on.
  }

  close(): void {
    this.#parts.processor.close();
  }

  async #process(arrivals: readonly ProcessorArrival[], watermark: number, signal: AbortSignal): Promise<void> {
    const { processor, context } = this.#parts;
    const { outputs, rejected } = await processor.process({ arrivals, watermark, now: context.clock.now() }, signal);
    for (const output of outputs) this.#emit(output);
    for (const one of rejected) this.#reject(one);
  }

  #emit(record: ProcessorRecord): void {
    const source = this.#sourceOf(record);
    // Steps behind may change it in place; what is frozen may be part of the state.
    const value = copyEmitted(record);
    if (value instanceof Error) {
      this.#rejectOutput(record, value);
      return;
    }
    const changed = source === undefined || source.time !== record.time;
    // Kafka's own timestamp does not last: topics have that of arrival.
    if (changed) value['@timestamp'] = toIso(record.time);
    const keyBytes = source !== undefined && source.key === record.key ? this.#bytesOfKey(record) : null;
    const { key, time, packedHeaders: headers } = record;
    this.#parts.context.emit({ value, key, ...(keyBytes === null ? {} : { keyBytes }), time, headers });
  }

  #sourceOf({ source }: ProcessorRecord): ProcessorRecord | undefined {
    return typeof source === 'number' ? this.#waiting[source]?.record : undefined;
  }

  #bytesOfKey({ source }: ProcessorRecord): Uint8Array | null {
    return this.#rows.batch().key(source as number);
  }

  #reject({ record, code, message }: RejectedRecord): void {
    const { policy, context, emitter } = this.#parts;
    const rejection: Rejection = { code, message, step: context.id, policy };
    const isOfInput = this.#sourceOf(record) !== undefined;
    const batch = isOfInput ? this.#rows.batch() : this.#letterOf(record);
    const row = isOfInput ? (record.source as number) : 0;
    if (policy === 'fail') throw new ProgramFailure(rejection, batch, row);
    emitter.reject(batch, row, rejection);
  }

  /** A record that cannot be written: its dead letter is what it was made of, or tells only that there was one. */
  #rejectOutput(output: ProcessorRecord, error: MillraceError): void {
    const { faultOf, context } = this.#parts;
    const { code } = error;
    const { message } = faultOf?.(error) ?? error;
    const { partition, clock } = context;
    const isOfInput = this.#sourceOf(output) !== undefined;
    this.#reject({ record: isOfInput ? output : newRecord({ value: {}, time: clock.now() }, partition), code, message });
  }

  /** A record that was never in Kafka, as one that goes on behind the processor when it is replayed. */
  #letterOf({ value, key, partition, time }: ProcessorRecord): ReturnType<typeof withResume> {
    const rows = new BatchBuilder([this.#parts.topic]);
    rows.begin(0, partition, time >= 0 ? time : -1);
    rows.key(key);
    return withResume(rows.batch(), 0, { text: JSON.stringify(value), step: this.#parts.context.id, time });
  }
}
