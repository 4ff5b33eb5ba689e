import { MillraceError } from '../../errors/index.ts';
import { eventTime } from '../../record/event-time.ts';
import type { StreamRecord } from '../../record/record.ts';
import type { Clock } from '../../sdk/clock.ts';
import { NO_WATERMARK } from '../../sdk/operator.ts';
import type { StreamTime } from '../../topology/types.ts';

/** Times further than this (ms) from 1970 are none: a Date holds no more than 8.64e15, and windows and joins reach beyond their records. */
const FURTHEST = 8e15;

/** When records of a stream were, by its rules (DESIGN.md 4.1). */
export class EventTimes {
  readonly #rules: StreamTime;
  readonly #clock: Clock;

  constructor(rules: StreamTime, clock: Clock) {
    this.#rules = rules;
    this.#clock = clock;
  }

  /** The record's event time in ms, or why it has none that is usable. */
  of(record: StreamRecord): number | MillraceError {
    const { timestamp, maxAheadMs } = this.#rules;
    const time = eventTime(record, timestamp);
    if (time === undefined || !(time >= -FURTHEST)) {
      return new MillraceError('RECORD_NO_TIME', { field: timestamp?.join('.') ?? '@timestamp' });
    }
    if (time <= this.#latestAllowed()) return time;
    const at = time <= FURTHEST ? new Date(time).toISOString() : String(time);
    return new MillraceError('RECORD_TIME_AHEAD', { time: at, limit: maxAheadMs / 1_000 });
  }

  /** The event time that a record shows which leaves the stream; NO_WATERMARK: none that is usable. */
  shownBy(record: StreamRecord): number {
    const time = eventTime(record, this.#rules.timestamp);
    return time !== undefined && time >= -FURTHEST && time <= this.#latestAllowed() ? time : NO_WATERMARK;
  }

  #latestAllowed(): number {
    return this.#clock.now() + this.#rules.maxAheadMs;
  }
}
