import { isMillraceError } from '../errors/index.ts';
import type { RecordBatch } from '../record/batch.ts';
import type { ByteWay } from '../record/byte-way.ts';
import type { JsonObject } from '../record/json.ts';
import { type Emitter, ProgramFailure, type Rejection } from '../stream/program.ts';
import type { SourceNode, StreamNode } from '../topology/types.ts';
import { addDeadLetter, type Origin, originOf } from './dead-letter.ts';
import type { MicroBatch } from './micro-batch.ts';
import type { OutputTopics } from './output-topics.ts';
import type { TaskEnvironment } from './task.ts';

/** Puts what a program makes of records into a micro-batch. */
export class BatchEmitter implements Emitter {
  readonly #node: StreamNode | SourceNode;
  readonly #env: TaskEnvironment;
  readonly #topics: OutputTopics;
  readonly #at: { batch: RecordBatch; row: number };
  #into: MicroBatch;
  #keyOf: ((batch: RecordBatch, row: number, value: JsonObject) => string | undefined) | undefined;

  constructor(parts: {
    node: StreamNode | SourceNode;
    env: TaskEnvironment;
    topics: OutputTopics;
    into: MicroBatch;
    empty: RecordBatch;
  }) {
    this.#node = parts.node;
    this.#env = parts.env;
    this.#topics = parts.topics;
    this.#into = parts.into;
    this.#at = { batch: parts.empty, row: 0 };
  }

  /** What gives records that have been through steps their keys; undefined from it: a record keeps what it has. */
  keysBy(keyOf: (batch: RecordBatch, row: number, value: JsonObject) => string | undefined): void {
    this.#keyOf = keyOf;
  }

  /** Turns to another micro-batch. */
  into(batch: MicroBatch): void {
    this.#into = batch;
  }

  /** The micro-batch at work. */
  get target(): MicroBatch {
    return this.#into;
  }

  forwardAll(batch: RecordBatch): void {
    if (this.#topics.takes(batch)) {
      this.#topics.writeAll(this.#into.outputs, batch);
      this.#into.forwarded += batch.length;
      return;
    }
    for (let row = 0; row < batch.length; row += 1) this.forwardOrReject(batch, row, undefined);
  }

  forward(batch: RecordBatch, row: number, value: JsonObject | undefined): void {
    this.#write(batch, row, this.#topics.main, value);
  }

  forwardBytes(batch: RecordBatch, row: number, way: ByteWay): boolean {
    const at = this.#at;
    at.batch = batch;
    at.row = row;
    if (!this.#topics.writeBytes(this.#into.outputs, at, way)) return false;
    this.#into.forwarded += 1;
    return true;
  }

  route(topic: string, batch: RecordBatch, row: number, value: JsonObject | undefined): void {
    this.#write(batch, row, this.#topics.named(topic), value);
  }

  drop(): void {
    this.#into.dropped += 1;
  }

  reject(batch: RecordBatch, row: number, rejection: Rejection): void {
    if (rejection.policy === 'drop') {
      this.#into.dropped += 1;
      return;
    }
    this.#into.deadLetters += 1;
    const record = { batch, row, origin: this.#originOf(batch, row) };
    addDeadLetter(this.#into.outputs, this.#topics.dead, record, {
      component: this.#node.name,
      ...(rejection.step === undefined ? {} : { step: rejection.step }),
      ...(rejection.part === undefined ? {} : { part: rejection.part }),
      code: rejection.code,
      message: rejection.message,
      time: this.#env.clock.now(),
    });
  }

  /** As `forward`; a record that the topic does not take is rejected. */
  forwardOrReject(batch: RecordBatch, row: number, value: JsonObject | undefined): void {
    try {
      this.forward(batch, row, value);
    } catch (error) {
      if (!isMillraceError(error)) throw error;
      const rejection: Rejection = { code: error.code, message: error.message, policy: this.#node.onError };
      if (rejection.policy === 'fail') throw new ProgramFailure(rejection, batch, row);
      this.reject(batch, row, rejection);
    }
  }

  /** A source's records come from no topic: their origin is undefined. */
  #originOf(batch: RecordBatch, row: number): Origin | undefined {
    if (this.#node.kind === 'source') return undefined;
    const topic = batch.topic(row);
    return (
      originOf(batch, row) ?? {
        incarnation: this.#env.incarnationOf(topic),
        topic,
        partition: batch.partition(row),
        offset: batch.offset(row),
      }
    );
  }

  #write(batch: RecordBatch, row: number, to: number, value: JsonObject | undefined): void {
    const at = this.#at;
    at.batch = batch;
    at.row = row;
    this.#topics.write(this.#into.outputs, at, to, value, value === undefined ? undefined : this.#keyOf?.(batch, row, value));
    this.#into.forwarded += 1;
  }
}
