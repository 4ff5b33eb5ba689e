import { MillraceError } from '../../errors/index.ts';
import { eventTime } from '../../record/event-time.ts';
import type { StreamRecord } from '../../record/record.ts';
import type { Clock } from '../../sdk/clock.ts';
import { NO_WATERMARK } from '../../sdk/operator.ts';
import type { StreamTime } from '../../topology/types.ts';

/** The latest time that a Date can hold, in ms. */
const LAST_DATE = 8.64e15;

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
    if (time === undefined || !Number.isFinite(time)) {
      return new MillraceError('RECORD_NO_TIME', { field: timestamp?.join('.') ?? '@timestamp' });
    }
    if (time <= this.#latestAllowed()) return time;
    const at = Math.abs(time) <= LAST_DATE ? new Date(time).toISOString() : String(time);
    return new MillraceError('RECORD_TIME_AHEAD', { time: at, limit: maxAheadMs / 1_000 });
  }

  /** The event time that a record shows which leaves the stream; NO_WATERMARK: none that is usable. */
  shownBy(record: StreamRecord): number {
    const time = eventTime(record, this.#rules.timestamp);
    return time !== undefined && time <= this.#latestAllowed() ? time : NO_WATERMARK;
  }

  #latestAllowed(): number {
    return this.#clock.now() + this.#rules.maxAheadMs;
  }
}
