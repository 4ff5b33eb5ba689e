import { describe, expect, it } from 'vitest';
import { recordOf } from '../../../test/support/run-step.ts';
import type { JsonValue } from '../../record/json.ts';
import { NO_WATERMARK } from '../../sdk/operator.ts';
import { VirtualClock } from '../../testing/virtual-clock.ts';
import { EventTimes } from './event-times.ts';

const HOUR_MS = 3_600_000;
const times = new EventTimes(
  { waitMs: 0, maxAheadMs: HOUR_MS, idleTimeoutMs: 1, whenIdle: 'hold' },
  new VirtualClock(10 * HOUR_MS),
);

const of = (time: JsonValue): unknown => {
  const found = times.of(recordOf({ '@timestamp': time }));
  return typeof found === 'number' ? found : found.code;
};

describe('the event time of a record', () => {
  it.each<[JsonValue, unknown]>([
    ['1969-12-31T23:59:59.999Z', -1],
    [11 * HOUR_MS, 11 * HOUR_MS],
    [11 * HOUR_MS + 1, 'RECORD_TIME_AHEAD'],
    [1e300, 'RECORD_TIME_AHEAD'],
    [-8e15, -8e15],
    // What no Date holds could not be written into a result.
    [-1e300, 'RECORD_NO_TIME'],
    [true, 'RECORD_NO_TIME'],
  ])('of %s is %s', (time, expected) => {
    expect(of(time)).toBe(expected);
  });

  it('is not shown by a record that has none which is usable', () => {
    expect([-1e300, 1e300, 'soon'].map((time) => times.shownBy(recordOf({ '@timestamp': time })))).toEqual([
      NO_WATERMARK,
      NO_WATERMARK,
      NO_WATERMARK,
    ]);
  });
});
