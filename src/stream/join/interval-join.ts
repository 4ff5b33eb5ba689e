import type { JsonObject } from '../../record/json.ts';
import type { StreamRecord } from '../../record/record.ts';
import { groupKey } from '../../sdk/group-key.ts';
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
import { DROPPED, rejected } from '../../sdk/step.ts';
import type { LatePolicy } from '../late.ts';
import { Origins, type Place } from '../origins.ts';
import { isoTime, refuseLate } from '../refuse-late.ts';
import { headersWithId } from '../result-headers.ts';
import { type Buffered, LEFT, RIGHT, type Side } from './buffered.ts';
import { JoinState } from './join-state.ts';
import { headersOf, joined, type ResultFields, timed, unmatchedRight } from './result.ts';

/** A key stands in every record of the changelog, and in every result. */
export const MOST_KEY_CHARACTERS = 10_000;

const NO_HEADERS = Buffer.alloc(0);

/** A stream joined with another within a time: `right.time` is in [left.time - before, left.time + after], both inclusive. */
export interface IntervalJoinOptions {
  /** In ms. */
  readonly before: number;
  readonly after: number;
  readonly type: 'inner' | 'left' | 'outer';
  /** The join key of a record of each side. A record for which it is missing or null meets none. */
  readonly leftKey: Evaluate;
  readonly rightKey: Evaluate;
  readonly fields: ResultFields;
  readonly late: LatePolicy;
  /** The most records kept, of both sides together. */
  readonly maxRecords: number;
}

/**
 * The join of two streams within an interval of event time.
 *
 * A record waits for others until it closes: a left one at its time + `after`, a right one at its time + `before`, which is when the
 * last record that it may meet is complete. Two records meet where neither had closed by the watermark that the other's own
 * partition had when it came. That depends on nothing but the partitions' contents, so results are the same however partitions
 * interleave and wherever micro-batches are cut; and a record is kept no longer than until the joint watermark, which is the least
 * of all, has closed it.
 */
export class IntervalJoin implements PartitionOperator {
  readonly #options: IntervalJoinOptions;
  readonly #context: OperatorContext;
  readonly #origins: Origins;
  readonly #state: JoinState;
  /** How long a record of each side waits, in ms. */
  readonly #span: readonly [number, number];
  readonly #keys: readonly [Evaluate, Evaluate];
  /** Whether a record of each side that has met none is a result. */
  readonly #emitsAlone: readonly [boolean, boolean];

  constructor(options: IntervalJoinOptions, context: OperatorContext) {
    this.#options = options;
    this.#context = context;
    this.#origins = new Origins(context);
    this.#state = new JoinState(this.#origins);
    this.#span = [options.after, options.before];
    this.#keys = [options.leftKey, options.rightKey];
    this.#emitsAlone = [options.type !== 'inner', options.type === 'outer'];
  }

  get size(): number {
    return this.#state.size;
  }

  process(record: StreamRecord, at: RecordTime): OperatorOutcome | undefined {
    const side = at.side === 'main' ? LEFT : RIGHT;
    const { counters } = this.#context;
    const place = this.#origins.placeOf(record);
    if (at.time + this.#span[side] <= at.watermark) return this.#refuse(at, side);
    const key = this.#keys[side](record) ?? null;
    if (key === null) return this.#withoutKey(record, at, place, side);
    const text = groupKey([key]) as string;
    const { maxRecords } = this.#options;
    if (text.length > MOST_KEY_CHARACTERS)
      return rejected('JOIN_KEY_TOO_LONG', { characters: text.length, limit: MOST_KEY_CHARACTERS });
    if (this.#state.size >= maxRecords) return rejected('JOIN_BUFFER_FULL', { limit: maxRecords });
    counters.pairs += 1;
    counters.assigned += 1;
    const entry = this.#entryOf({ record, at, place, side, text });
    this.#meet(entry, record.value, at.watermark);
    // Closed already by the joint watermark, where an idle partition came back behind it.
    if (entry.time + this.#span[side] > this.#state.watermark) this.#state.add(entry);
    else this.#passBy(entry);
    return ABSORBED;
  }

  advance(watermark: number): void {
    if (watermark <= this.#state.watermark) return;
    this.#state.watermark = watermark;
    const left = this.#state.queue(LEFT);
    const right = this.#state.queue(RIGHT);
    for (;;) {
      const first = this.#sooner(left.peek(), right.peek());
      if (first === undefined || this.#closeOf(first) > watermark) return;
      this.#state.queue(first.side).take();
      this.#state.remove(first);
      if (!first.matched && this.#emitsAlone[first.side]) this.#emitAlone(first, false);
    }
  }

  tick(): void {
    // Nothing is due by wall-clock time.
  }

  flush(changes: Changelog): void {
    this.#state.flush(changes);
  }

  commit(): void {
    this.#state.commit();
  }

  rollback(): void {
    this.#state.rollback();
    this.#origins.rolledBack();
  }

  restore(key: string, value: string | null): void {
    this.#state.restore(key, value);
  }

  restored(watermark: number): void {
    this.#state.restored(watermark);
  }

  emitOpen(): void {
    const sides = ([LEFT, RIGHT] as const).filter((side) => this.#emitsAlone[side]);
    const open = sides.flatMap((side) => this.#state.queue(side).sorted()).filter(({ matched }) => !matched);
    for (const entry of open.sort((a, b) => this.#closeOf(a) - this.#closeOf(b) || a.seq - b.seq)) this.#emitAlone(entry, true);
  }

  /** A record that is not kept: it has met all that it may. */
  #passBy(entry: Buffered): void {
    this.#state.forgetEmpty(entry.bucket);
    if (!entry.matched && this.#emitsAlone[entry.side]) this.#emitAlone(entry, false);
  }

  /** Emits the pairs of a record and those of the other side that it meets. `value` is the record's own, and is given away. */
  #meet(entry: Buffered, value: JsonObject, watermark: number): void {
    const { before, after } = this.#options;
    const { side, time } = entry;
    const other = side === LEFT ? RIGHT : LEFT;
    const list = entry.bucket.sides[other];
    const last = time + (side === LEFT ? after : before);
    const close = this.#closeOf(entry);
    let own: JsonObject | undefined = value;
    for (let i = list.from(time - (side === LEFT ? before : after)); ; i += 1) {
      const met = list.at(i);
      if (met === undefined || met.time > last) return;
      if (this.#closeOf(met) <= watermark || close <= met.behind) continue;
      const mine = own ?? (JSON.parse(entry.text) as JsonObject);
      own = undefined;
      const its = JSON.parse(met.text) as JsonObject;
      if (side === LEFT) this.#emitPair(entry, met, mine, its);
      else this.#emitPair(met, entry, its, mine);
      if (this.#emitsAlone[other]) this.#state.match(met);
      entry.matched = true;
    }
  }

  #emitPair(left: Buffered, right: Buffered, leftValue: JsonObject, rightValue: JsonObject): void {
    const time = Math.max(left.time, right.time);
    this.#context.emit({
      value: joined(leftValue, rightValue, time, this.#options.fields.as),
      key: left.bucket.key,
      time,
      headers: headersWithId(headersOf(left), this.#origins.id(left, right), false),
    });
  }

  #emitAlone(entry: Buffered, early: boolean): void {
    const { side, time, bucket } = entry;
    const value = JSON.parse(entry.text) as JsonObject;
    this.#context.emit({
      value: side === LEFT ? timed(value, time) : unmatchedRight(value, bucket.key, time, this.#options.fields),
      key: bucket.key,
      time,
      headers: headersWithId(headersOf(entry), this.#idAlone(entry, side), early),
    });
  }

  /** A record without a key can meet none, which is known at once. */
  #withoutKey(record: StreamRecord, at: RecordTime, place: Place, side: Side): OperatorOutcome {
    const { counters, emit } = this.#context;
    counters.pairs += 1;
    if (!this.#emitsAlone[side]) {
      counters.gapDropped += 1;
      return DROPPED;
    }
    counters.assigned += 1;
    const { time } = at;
    emit({
      value: side === LEFT ? timed(record.value, time) : unmatchedRight(record.value, null, time, this.#options.fields),
      key: null,
      time,
      headers: headersWithId(record.packedHeaders, this.#idAlone(place, side), false),
    });
    return ABSORBED;
  }

  #idAlone(place: Place, side: Side): string {
    return side === LEFT ? this.#origins.id(place, undefined) : this.#origins.id(undefined, place);
  }

  #entryOf(arrival: Arrival): Buffered {
    const { record, at, place, side, text } = arrival;
    const packed = side === LEFT || this.#emitsAlone[RIGHT] ? record.packedHeaders : NO_HEADERS;
    return {
      side,
      bucket: this.#state.bucketOf(text),
      time: at.time,
      seq: this.#state.nextSeq(),
      text: JSON.stringify(record.value),
      headers: packed.length === 0 ? '' : packed.toString('base64'),
      origin: place.origin,
      position: place.position,
      part: place.part,
      behind: at.time <= at.watermark ? at.watermark : NO_WATERMARK,
      matched: false,
      present: false,
      logged: false,
      dirty: false,
    };
  }

  #refuse({ time, watermark }: RecordTime, side: Side): OperatorOutcome {
    const parameters = { time: isoTime(time), watermark: isoTime(watermark), side: side === LEFT ? 'stream' : 'joined topic' };
    return refuseLate(this.#options.late, this.#context.counters, { code: 'JOIN_RECORD_LATE', parameters });
  }

  #closeOf(entry: Buffered): number {
    return entry.time + this.#span[entry.side];
  }

  #sooner(a: Buffered | undefined, b: Buffered | undefined): Buffered | undefined {
    if (a === undefined || b === undefined) return a ?? b;
    const difference = this.#closeOf(a) - this.#closeOf(b);
    return difference < 0 || (difference === 0 && a.seq < b.seq) ? a : b;
  }
}

/** A record as it comes, with what has been found out of it. */
interface Arrival {
  readonly record: StreamRecord;
  readonly at: RecordTime;
  readonly place: Place;
  readonly side: Side;
  readonly text: string;
}
