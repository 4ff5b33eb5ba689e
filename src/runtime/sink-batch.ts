import type { TopicPartitionOffset } from '../kafka/types.ts';
import { Column, RecordBatch, STRIDE } from '../record/batch.ts';
import type { ByteWay } from '../record/byte-way.ts';
import type { JsonObject } from '../record/json.ts';
import type { JsonEncoder } from '../record/json-encoder.ts';
import type { SinkBatch } from '../sdk/sink.ts';
import type { Emitter, Rejection } from '../stream/program.ts';
import { addDeadLetter, type Origin, originOf } from './dead-letter.ts';
import { DeliveryLoad } from './delivery-load.ts';
import type { DocumentIds } from './document-id.ts';
import { MicroBatch } from './micro-batch.ts';
import { partitionKey } from './partition-key.ts';

export interface SinkBatchContext {
  readonly component: string;
  readonly ids: DocumentIds;
  readonly encoder: JsonEncoder;
  readonly incarnationOf: (topic: string) => string;
  readonly retryTopic: string;
  readonly deadTopic: string;
  /** Whether the sink's steps change values, so that the bytes for dead letters must be kept beside them. */
  readonly keepsOriginals: boolean;
  readonly now: () => number;
  /** Memory of units that are settled, for those that come. */
  readonly loads: DeliveryLoad[];
}

/**
 * One delivery unit of a sink: the processed records, the records as they came (for dead letters), and the offsets that
 * may be committed once all of it is delivered. Micro-batches of a sink commit in the order they were taken.
 */
export class DeliveryBatch extends MicroBatch implements Emitter {
  readonly #context: SinkBatchContext;
  #load: DeliveryLoad;
  #firstOriginal = 0;
  #done = false;
  delivered = 0;
  duplicates = 0;

  constructor(context: SinkBatchContext) {
    super([context.deadTopic]);
    this.#context = context;
    this.#load = context.loads.pop() ?? new DeliveryLoad();
  }

  override reset(epoch: number): void {
    super.reset(epoch);
    if (this.#done) this.#load = this.#context.loads.pop() ?? this.#load;
    this.#load.clear();
    this.#done = false;
    this.delivered = 0;
    this.duplicates = 0;
  }

  /** Settled: every record delivered or a dead letter. Its records are no longer there. */
  get done(): boolean {
    return this.#done;
  }

  /** It is settled. While it waits for the commit of those before it, its memory serves the next. */
  settle(): void {
    this.#done = true;
    this.#context.loads.push(this.#load);
    this.#load = new DeliveryLoad();
  }

  /** Processed records that wait for delivery. */
  get length(): number {
    return this.#load.rows.length;
  }

  get rowBytes(): number {
    return this.#load.rows.bytes;
  }

  override take(batch: RecordBatch): void {
    super.take(batch);
    // Kept as a whole: that costs a fraction of keeping record by record what is forwarded.
    if (this.#context.keepsOriginals) this.#firstOriginal = this.#load.originals.append(batch);
  }

  forwardAll(batch: RecordBatch): void {
    for (let row = 0; row < batch.length; row += 1) this.forward(batch, row, undefined);
  }

  forward(batch: RecordBatch, row: number, value: JsonObject | undefined): void {
    const replayed = batch.topic(row) === this.#context.retryTopic ? originOf(batch, row) : undefined;
    const { rows, origins } = this.#load;
    const topic = rows.topicIndex(replayed?.topic ?? batch.topic(row));
    const partition = replayed?.partition ?? batch.partition(row);
    const rowNumber = rows.length;
    if (value === undefined) rows.copy(batch, row, { topic, partition });
    else this.#addEncoded(batch, row, { topic, partition }, value);
    if (replayed !== undefined) origins.set(rowNumber, replayed);
    this.#added(row, replayed?.offset ?? batch.offset(row));
  }

  forwardBytes(batch: RecordBatch, row: number, way: ByteWay): boolean {
    // Replayed dead letters have headers that say where they are from.
    if (batch.column(row, Column.headersLength) > 0) return false;
    const { rows } = this.#load;
    rows.copyWithoutValue(batch, row, { topic: rows.topicIndex(batch.topic(row)), partition: batch.partition(row) });
    if (!rows.valueFrom(batch, row, way)) {
      rows.undo();
      return false;
    }
    this.#added(row, batch.offset(row));
    return true;
  }

  /** Notes where the record just added is from: row `row` of the read. */
  #added(row: number, offset: number): void {
    this.#load.rows.offset(offset);
    if (this.#context.keepsOriginals) this.#load.originalRows.push(this.#firstOriginal + row);
  }

  #addEncoded(batch: RecordBatch, row: number, target: { topic: number; partition: number }, value: JsonObject): void {
    this.#load.rows.copyWithoutValue(batch, row, target);
    try {
      this.#context.encoder.write(this.#load.rows, value);
    } catch (error) {
      this.#load.rows.undo();
      throw error;
    }
  }

  route(): void {
    throw new Error('a sink cannot route: the compiler of pipeline files refuses it');
  }

  drop(): void {
    this.dropped += 1;
  }

  reject(batch: RecordBatch, row: number, rejection: Rejection): void {
    if (rejection.policy === 'drop') {
      this.dropped += 1;
      return;
    }
    const topic = batch.topic(row);
    const origin = (topic === this.#context.retryTopic ? originOf(batch, row) : undefined) ?? {
      incarnation: this.#context.incarnationOf(topic),
      topic,
      partition: batch.partition(row),
      offset: batch.offset(row),
    };
    this.#addDeadLetter({ batch, row, origin }, rejection);
  }

  /** Makes a processed record a dead letter: its destination rejected it. */
  rejectRow(row: number, error: { code: string; message: string }): void {
    const rows = this.#load.rows.batch();
    const topic = rows.topic(row);
    const origin = this.#load.origins.get(row) ?? {
      incarnation: this.#context.incarnationOf(topic),
      topic,
      partition: rows.partition(row),
      offset: rows.offset(row),
    };
    const record = this.#context.keepsOriginals
      ? { batch: this.#load.originals.batch(), row: this.#load.originalRows[row] as number }
      : { batch: rows, row };
    this.#addDeadLetter({ ...record, origin }, error);
  }

  /** The processed records with the given rows, or all of them, as a sink takes them. */
  view(rows: readonly number[] | undefined): SinkBatch {
    const all = this.#load.rows.batch();
    if (rows === undefined) return { records: all, id: (i) => this.#idOf(all, i) };
    const index = new Float64Array(rows.length * STRIDE);
    rows.forEach((row, i) => {
      index.set(all.index.subarray(row * STRIDE, (row + 1) * STRIDE), i * STRIDE);
    });
    const records = new RecordBatch({ topics: all.topics, length: rows.length, arena: all.arena, index });
    return { records, id: (i) => this.#idOf(all, rows[i] as number) };
  }

  #idOf(rows: RecordBatch, row: number): string {
    const { ids, incarnationOf } = this.#context;
    const topic = rows.topic(row);
    const incarnation = this.#load.origins.get(row)?.incarnation ?? incarnationOf(topic);
    return ids.id(incarnation, topic, rows.partition(row), rows.offset(row));
  }

  #addDeadLetter(
    record: { batch: RecordBatch; row: number; origin: Origin },
    reason: { code: string; message: string; step?: string },
  ): void {
    this.deadLetters += 1;
    addDeadLetter(this.outputs, 0, record, {
      component: this.#context.component,
      ...(reason.step === undefined ? {} : { step: reason.step }),
      code: reason.code,
      message: reason.message,
      time: this.#context.now(),
    });
  }

  /** The offsets of several units, the later winning. */
  static offsetsOf(units: readonly DeliveryBatch[]): TopicPartitionOffset[] {
    const last = new Map<string, TopicPartitionOffset>();
    for (const unit of units) {
      for (const one of unit.offsets()) last.set(partitionKey(one), one);
    }
    return [...last.values()];
  }
}
