import type { JsonValue } from '../../record/json.ts';
import { storedCount, storedList, storedNumber } from './stored.ts';

/** The relative error of quantiles while a sketch has few enough buckets. */
const ACCURACY = 0.01;
/** The natural logarithm of the ratio of the borders of a bucket, at first. */
const LOG_RATIO = Math.log((1 + ACCURACY) / (1 - ACCURACY));
/** Buckets in use. At an error of 1% as many cover the numbers between 1 and 10^17 without a gap. */
const MAX_BUCKETS = 2048;

/** How many values are in each bucket, by its number: bucket i holds what is above ratio^(i-1) and up to ratio^i. */
type Buckets = Map<number, number>;

/**
 * The distribution of numbers, from which quantiles are read with a bounded relative error: DDSketch (C. Masson, J. Rim, H. Lee,
 * 2019). Where it would have more than 2,048 buckets, each two neighbours become one, as in UDDSketch (I. Epicoco and others, 2020): the
 * error doubles, for all quantiles alike. How often that happens depends on the set of values alone, and so do the buckets: the
 * result is the same in whatever order values come and sketches are merged.
 */
export class QuantileSketch {
  /** How often neighbours have been put together. */
  #level = 0;
  #positive: Buckets = new Map();
  #negative: Buckets = new Map();
  #zeros = 0;
  #count = 0;
  #least = Number.POSITIVE_INFINITY;
  #greatest = Number.NEGATIVE_INFINITY;

  /** Reads what `encode` has written; throws where it is none. */
  static decode(stored: JsonValue): QuantileSketch {
    const sketch = new QuantileSketch();
    const [level, zeros, least, greatest, positive, negative] = storedList(stored, 6);
    sketch.#level = storedCount(level);
    sketch.#zeros = storedCount(zeros);
    sketch.#positive = decodeBuckets(positive);
    sketch.#negative = decodeBuckets(negative);
    sketch.#count = sketch.#zeros;
    for (const buckets of [sketch.#positive, sketch.#negative]) for (const count of buckets.values()) sketch.#count += count;
    if (sketch.#count > 0) {
      sketch.#least = storedNumber(least);
      sketch.#greatest = storedNumber(greatest);
    }
    return sketch;
  }

  add(value: number): void {
    this.#count += 1;
    if (value < this.#least) this.#least = value;
    if (value > this.#greatest) this.#greatest = value;
    if (value === 0) {
      this.#zeros += 1;
      return;
    }
    const buckets = value > 0 ? this.#positive : this.#negative;
    const bucket = raised(Math.ceil(Math.log(Math.abs(value)) / LOG_RATIO), this.#level);
    const count = buckets.get(bucket);
    buckets.set(bucket, (count ?? 0) + 1);
    if (count === undefined) this.#bound();
  }

  merge(from: QuantileSketch): void {
    while (this.#level < from.#level) this.#halve();
    const levels = this.#level - from.#level;
    pour(from.#positive, this.#positive, levels);
    pour(from.#negative, this.#negative, levels);
    this.#zeros += from.#zeros;
    this.#count += from.#count;
    this.#least = Math.min(this.#least, from.#least);
    this.#greatest = Math.max(this.#greatest, from.#greatest);
    this.#bound();
  }

  clone(): QuantileSketch {
    const copy = new QuantileSketch();
    copy.#level = this.#level;
    copy.merge(this);
    return copy;
  }

  /** The level, the number of zeros, the least and the greatest value, and the buckets: the distance from the one before, and the count. */
  encode(): JsonValue {
    const some = this.#count > 0;
    return [
      this.#level,
      this.#zeros,
      some ? this.#least : null,
      some ? this.#greatest : null,
      encodeBuckets(this.#positive),
      encodeBuckets(this.#negative),
    ];
  }

  /** The value of rank floor(q (n - 1)), counted from 0 in ascending order, within the relative error; undefined where there is none. */
  quantile(q: number): number | undefined {
    if (this.#count === 0) return undefined;
    let rank = Math.floor(q * (this.#count - 1));
    if (rank === 0) return this.#least;
    if (rank === this.#count - 1) return this.#greatest;
    for (const [bucket, count] of sorted(this.#negative).reverse()) {
      if (rank < count) return this.#within(-this.#middle(bucket));
      rank -= count;
    }
    if (rank < this.#zeros) return 0;
    rank -= this.#zeros;
    for (const [bucket, count] of sorted(this.#positive)) {
      if (rank < count) return this.#within(this.#middle(bucket));
      rank -= count;
    }
    return this.#greatest;
  }

  /** The largest relative error of a quantile. */
  get accuracy(): number {
    return Math.tanh((LOG_RATIO * 2 ** this.#level) / 2);
  }

  /** The value whose relative distance from both borders is the same. */
  #middle(bucket: number): number {
    return Math.exp(bucket * LOG_RATIO * 2 ** this.#level) * (1 - this.accuracy);
  }

  #within(value: number): number {
    return Math.min(Math.max(value, this.#least), this.#greatest);
  }

  #bound(): void {
    while (this.#positive.size + this.#negative.size > MAX_BUCKETS) this.#halve();
  }

  #halve(): void {
    this.#level += 1;
    this.#positive = pour(this.#positive, new Map(), 1);
    this.#negative = pour(this.#negative, new Map(), 1);
  }
}

/** The number of the bucket that holds this one, `levels` higher. */
function raised(bucket: number, levels: number): number {
  return Math.ceil(bucket / 2 ** levels);
}

function pour(from: Buckets, into: Buckets, levels: number): Buckets {
  for (const [number, count] of from) {
    const bucket = raised(number, levels);
    into.set(bucket, (into.get(bucket) ?? 0) + count);
  }
  return into;
}

function sorted(buckets: Buckets): [number, number][] {
  return [...buckets].sort(([a], [b]) => a - b);
}

function encodeBuckets(buckets: Buckets): JsonValue {
  let before = 0;
  return sorted(buckets).flatMap(([bucket, count]) => {
    const distance = bucket - before;
    before = bucket;
    return [distance, count];
  });
}

function decodeBuckets(stored: JsonValue | undefined): Buckets {
  const list = storedList(stored);
  const buckets: Buckets = new Map();
  let bucket = 0;
  for (let i = 0; i < list.length; i += 2) {
    bucket += storedNumber(list[i]);
    buckets.set(bucket, storedCount(list[i + 1]));
  }
  return buckets;
}
