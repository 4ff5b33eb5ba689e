import type { RecordBatch } from '../../../src/record/batch.ts';
import { StreamRecord } from '../../../src/record/record.ts';
import { type Derived, NO_WATERMARK, type OperatorFactory, type PartitionOperator } from '../../../src/sdk/operator.ts';
import { PartitionClock } from '../../../src/stream/time/partition-clock.ts';
import { Random } from '../../support/random.ts';
import { noPairs, type RecordEntry, type Sent, type Shuffle, UPSTREAM } from './feed.ts';
import { batchOf, contextFor } from './operator-run.ts';

export interface UpstreamParts {
  readonly partition: number;
  readonly partitions: number;
  readonly wait: number;
  readonly shuffle: Shuffle;
  /** What gathers records before they are brought together; absent: they go on as they are. */
  readonly partial?: OperatorFactory | undefined;
}

/**
 * A partition whose records are sent through a repartition: micro-batches cut at random, each followed by a marker for all downstream
 * partitions where its watermark has moved. Now and then one fails and is done again, with another cut.
 */
export class Upstream {
  readonly counters = noPairs();
  readonly #parts: UpstreamParts;
  readonly #random: Random;
  readonly #clock: PartitionClock;
  readonly #partial: PartitionOperator | undefined;
  readonly #record = new StreamRecord();
  readonly #derived: Derived[] = [];

  constructor(parts: UpstreamParts) {
    this.#parts = parts;
    this.#random = new Random(parts.shuffle.seed + parts.partition);
    this.#clock = new PartitionClock({ waitMs: parts.wait, whenIdle: 'advance' });
    this.#partial = parts.partial?.(contextFor({ counters: this.counters, emit: (derived) => this.#derived.push(derived) }));
  }

  run(records: readonly RecordEntry[]): Sent[] {
    const { shuffle } = this.#parts;
    const batch = batchOf(records);
    const sent: Sent[] = [this.#marker(records.length === 0 && shuffle.silent)];
    for (let at = 0; at < records.length; ) {
      const before = this.#clock.stored();
      const { watermark } = this.#clock;
      const until = Math.min(records.length, at + 1 + this.#random.below(shuffle.batch));
      const cut = this.#random.chance(0.1);
      const outputs = this.#process(records, batch, { at, until });
      if (!cut) outputs.push(...this.#flushed());
      if (cut || this.#random.chance(0.1)) {
        this.#partial?.rollback();
        this.#clock.restore(before);
        continue;
      }
      this.#partial?.commit();
      sent.push(...outputs);
      if (this.#clock.watermark > watermark) sent.push(this.#marker(false));
      at = until;
    }
    return sent;
  }

  #process(records: readonly RecordEntry[], batch: RecordBatch, { at, until }: { at: number; until: number }): Sent[] {
    const sent: Sent[] = [];
    for (let row = at; row < until; row += 1) {
      const record = records[row] as RecordEntry;
      const { watermark } = this.#clock;
      if (this.#partial === undefined) sent.push(this.#addressed({ ...record, watermark }));
      else {
        this.#record.moveTo(batch, row, structuredClone(record.value));
        this.#partial.process(this.#record, { time: record.time, watermark, side: 'main' });
      }
      if (this.#clock.observe(record.time)) this.#partial?.advance(this.#clock.watermark);
    }
    return sent;
  }

  /** What has been gathered. It crosses Kafka as JSON, and without a watermark: it has been judged. */
  #flushed(): Sent[] {
    this.#partial?.flush({ put: () => {}, remove: () => {} });
    const derived = this.#derived.splice(0);
    return derived.map(({ key, time, value }) =>
      this.#addressed({ kind: 'record', key, time, value: JSON.parse(JSON.stringify(value)), watermark: NO_WATERMARK }),
    );
  }

  #addressed(entry: RecordEntry): Sent {
    return { entry, to: partitionOf(entry.key ?? '', this.#parts.shuffle.downstreams) };
  }

  #marker(silent: boolean): Sent {
    const { partition, partitions } = this.#parts;
    const { watermark } = this.#clock;
    const said = { ...(watermark === NO_WATERMARK ? {} : { watermark }), ...(silent ? { silent } : {}) };
    return { entry: { kind: 'marker', marker: { topic: UPSTREAM, partition, partitions, ...said } } };
  }
}

/** Where a key goes: any rule will do. */
function partitionOf(key: string, partitions: number): number {
  return [...key].reduce((hash, letter) => (hash * 31 + letter.charCodeAt(0)) % 65_521, 7) % partitions;
}
