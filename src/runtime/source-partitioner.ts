import { Column, type RecordBatch, STRIDE } from '../record/batch.ts';
import { BatchBuilder } from '../record/batch-builder.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../record/json.ts';
import { StreamRecord } from '../record/record.ts';
import type { SourceNode } from '../topology/types.ts';
import { hash } from './positions.ts';

/**
 * Decides where a source's records go: by `partition_by` they get a key; otherwise the records of one input (one file)
 * stay in one partition, and so in their order.
 */
export class SourcePartitioner {
  readonly #by: SourceNode['partitionBy'];
  readonly #partitions: number;
  readonly #stepsChange: boolean;
  readonly #keyed: BatchBuilder | undefined;
  readonly #record = new StreamRecord();

  /** `stepsChange`: the source's steps change values, so that a key is known only behind them: see {@link keyOf}. */
  constructor(node: SourceNode, partitions: number, stepsChange: boolean) {
    this.#by = node.partitionBy;
    this.#partitions = partitions;
    this.#stepsChange = stepsChange;
    this.#keyed = this.#by === undefined || stepsChange ? undefined : new BatchBuilder();
  }

  /** The key of a record that has been through the steps; undefined: it keeps what it has. */
  keyOf(batch: RecordBatch, row: number, value: JsonObject): string | undefined {
    if (this.#by === undefined || !this.#stepsChange) return undefined;
    this.#record.moveTo(batch, row, value);
    return keyText(this.#by.evaluate(this.#record));
  }

  /** The batch with its partitions, or keys, set. */
  place(batch: RecordBatch, spread: string | undefined): RecordBatch {
    if (this.#keyed !== undefined) return this.#withKeys(batch, this.#keyed);
    if (spread === undefined) return batch;
    const partition = hash(spread) % this.#partitions;
    for (let row = 0; row < batch.length; row += 1) {
      const at = row * STRIDE;
      if ((batch.index[at + Column.partition] as number) < 0 && (batch.index[at + Column.keyLength] as number) < 0) {
        batch.index[at + Column.partition] = partition;
      }
    }
    return batch;
  }

  #withKeys(batch: RecordBatch, keyed: BatchBuilder): RecordBatch {
    keyed.reset();
    const evaluate = (this.#by as NonNullable<SourceNode['partitionBy']>).evaluate;
    for (let row = 0; row < batch.length; row += 1) {
      const value = batch.valueJson(row);
      this.#record.moveTo(batch, row, isJsonObject(value) ? value : {});
      const key = keyText(evaluate(this.#record));
      keyed.copy(batch, row, { topic: 0, partition: -1 });
      if (key !== undefined) keyed.key(key);
    }
    return keyed.batch();
  }
}

function keyText(key: JsonValue | undefined): string | undefined {
  if (key === undefined || key === null) return undefined;
  return typeof key === 'string' ? key : JSON.stringify(key);
}
