import { createHash } from 'node:crypto';
import type { StreamRecord } from '../record/record.ts';
import { RESULT_ID } from '../record/result-header.ts';

/** 96 bits of a hash: two of a billion pairs of partitions meet with a chance of about 10^-11. */
const PREFIX_LENGTH = 16;

/** A partition that records come from. One object serves all of them. */
export interface Origin {
  readonly topic: string;
  readonly partition: number;
  /** What ids begin with, by the partition of the other side, or by the side that it is on alone; made when first needed. */
  readonly prefixes: Map<Origin | 'left' | 'right', string>;
}

/** Where a record stands in Kafka. */
export interface Place {
  readonly origin: Origin;
  /** Its offset; or, of a record that a step before made and that stands nowhere, its own id. */
  readonly position: number | string;
  /** Which part of the record it is, where a step has split it. */
  readonly part: number;
}

/**
 * Ids of what a join makes: a hash of the pipeline, stream, step and both partitions, then both positions in base 36. They are the
 * same whenever the same records are joined again. A format: sinks recognise by them what they have delivered already.
 */
export class Origins {
  readonly #step: readonly string[];
  readonly #origins = new Map<string, Origin>();
  #last: Origin | undefined;
  /** Where the record before stood, and which part of it it was. */
  #lastPlace: Place | undefined;

  constructor(step: { readonly pipeline: string; readonly component: string; readonly id: string }) {
    this.#step = [step.pipeline, step.component, step.id];
  }

  /** The one object of a partition. */
  of(topic: string, partition: number): Origin {
    const last = this.#last;
    if (last !== undefined && last.partition === partition && last.topic === topic) return last;
    const name = `${partition}/${topic}`;
    let origin = this.#origins.get(name);
    if (origin === undefined) {
      origin = { topic, partition, prefixes: new Map() };
      this.#origins.set(name, origin);
    }
    this.#last = origin;
    return origin;
  }

  /** Where a record stands: the parts that a step has made of one follow each other, and are numbered. */
  placeOf(record: StreamRecord): Place {
    const origin = this.of(record.topic, record.partition);
    const { offset } = record;
    const position = offset < 0 ? (record.header(RESULT_ID) ?? offset) : offset;
    const last = this.#lastPlace;
    const part = last !== undefined && last.position === position && last.origin === origin ? last.part + 1 : 0;
    this.#lastPlace = { origin, position, part };
    return this.#lastPlace;
  }

  /** The record that comes next is not the one behind the last. */
  rolledBack(): void {
    this.#lastPlace = undefined;
  }

  /** The id of what is made of two records, or of one alone. */
  id(left: Place | undefined, right: Place | undefined): string {
    return `${this.#prefix(left?.origin, right?.origin)}-${positionText(left)}-${positionText(right)}`;
  }

  #prefix(left: Origin | undefined, right: Origin | undefined): string {
    const prefixes = (left ?? right)?.prefixes;
    const other = left === undefined ? 'right' : (right ?? 'left');
    let prefix = prefixes?.get(other);
    if (prefix === undefined) {
      const sides = [left, right].map((side) => (side === undefined ? null : [side.topic, side.partition]));
      const text = JSON.stringify([...this.#step, ...sides]);
      prefix = createHash('sha256').update(text).digest('base64url').slice(0, PREFIX_LENGTH);
      prefixes?.set(other, prefix);
    }
    return prefix;
  }
}

function positionText(place: Place | undefined): string {
  if (place === undefined) return '';
  const { position, part } = place;
  const text = typeof position === 'string' ? position : position.toString(36);
  return part === 0 ? text : `${text}.${part.toString(36)}`;
}
