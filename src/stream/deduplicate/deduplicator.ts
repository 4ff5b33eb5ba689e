import type { StreamRecord } from '../../record/record.ts';
import type { Changelog, OperatorContext, OperatorOutcome, PartitionOperator, RecordTime } from '../../sdk/operator.ts';
import { DROPPED, rejected } from '../../sdk/step.ts';
import type { LatePolicy } from '../late.ts';
import { isoTime, refuseLate } from '../refuse-late.ts';
import { Journal } from '../state/journal.ts';
import { SeenKeys } from './seen-keys.ts';

export interface DeduplicatorOptions {
  /** What a record's duplicates have in common with it; `undefined`: it can have none, and goes on. */
  readonly identityOf: (record: StreamRecord) => string | undefined;
  /** In ms of event time. */
  readonly within: number;
  readonly late: LatePolicy;
  readonly maxKeys: number;
}

/** A time at which a key was let through, remembered or forgotten. */
interface Change {
  readonly kind: 'added' | 'removed';
  readonly key: string;
  readonly time: number;
}

/**
 * Lets the first record of each key through, and drops others near it in event time.
 *
 * A record is a duplicate where one of its key whose time is at most `within` away, to either side, has been let through before it, in
 * the order of the partition, and is not over: one is over once the watermark has come to its time + `within`. That is judged by the
 * watermark of the record's own partition, so that the verdict depends on the partitions' contents alone. A record that would itself
 * be over when it comes is late.
 */
export class Deduplicator implements PartitionOperator {
  readonly #options: DeduplicatorOptions;
  readonly #context: OperatorContext;
  readonly #seen: SeenKeys;
  readonly #journal = new Journal<Change>();
  #touched = new Set<string>();
  readonly #expired = (key: string, time: number): void => {
    this.#journal.note({ kind: 'removed', key, time });
    this.#touched.add(key);
  };

  constructor(options: DeduplicatorOptions, context: OperatorContext) {
    this.#options = options;
    this.#context = context;
    this.#seen = new SeenKeys(options.within);
  }

  get size(): number {
    return this.#seen.size;
  }

  process(record: StreamRecord, { time, watermark }: RecordTime): OperatorOutcome | undefined {
    const { within, late, maxKeys } = this.#options;
    const { counters } = this.#context;
    const key = this.#options.identityOf(record);
    if (key !== undefined && time + within <= watermark) {
      const parameters = { time: isoTime(time), watermark: isoTime(watermark) };
      return refuseLate(late, counters, { code: 'DEDUPLICATE_RECORD_LATE', parameters });
    }
    if (key !== undefined && !this.#isDuplicate(key, time, watermark)) {
      if (this.#seen.size >= maxKeys) return rejected('DEDUPLICATE_STATE_FULL', { limit: maxKeys });
      this.#seen.add(key, time);
      this.#journal.note({ kind: 'added', key, time });
      this.#touched.add(key);
    } else if (key !== undefined) {
      counters.pairs += 1;
      counters.assigned += 1;
      return DROPPED;
    }
    counters.pairs += 1;
    counters.assigned += 1;
    return undefined;
  }

  advance(watermark: number): void {
    if (watermark <= this.#journal.watermark) return;
    this.#journal.watermark = watermark;
    // A slice of times up to the watermark - within is over as a whole.
    this.#seen.expire(watermark - this.#options.within + 1, this.#expired);
  }

  tick(): void {
    // Nothing is due by wall-clock time.
  }

  flush(changes: Changelog): void {
    for (const key of this.#touched) {
      const times = this.#seen.timesOf(key);
      const name = JSON.stringify([key]);
      if (times.length > 0) changes.put(name, JSON.stringify(times));
      else changes.remove(name);
    }
    this.#touched = new Set();
    this.#journal.seal();
  }

  commit(): void {
    this.#journal.commit();
  }

  rollback(): void {
    this.#touched = new Set();
    this.#journal.rollback(({ kind, key, time }) => {
      if (kind === 'added') this.#seen.remove(key, time);
      else this.#seen.add(key, time);
    });
  }

  restore(key: string, value: string | null): void {
    const [name] = JSON.parse(key) as [string];
    for (const time of this.#seen.timesOf(name)) this.#seen.remove(name, time);
    if (value !== null) for (const time of JSON.parse(value) as number[]) this.#seen.add(name, time);
  }

  restored(watermark: number): void {
    this.#journal.restored(watermark);
  }

  emitOpen(): void {
    // What went on has gone on at once; nothing is open.
  }

  #isDuplicate(key: string, time: number, watermark: number): boolean {
    const { within } = this.#options;
    // Times that are over by the record's own watermark do not count, whether they are forgotten yet or not.
    const from = Math.max(time - within, watermark - within + 1);
    return this.#seen.has(key, from, time + within);
  }
}
