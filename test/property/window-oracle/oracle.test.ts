import { describe, expect, it } from 'vitest';
import { calendarWindow } from './calendar.ts';
import { type Event, judge, mergedWatermarkOf } from './events.ts';
import { sessions, sessionsOfTimely } from './sessions.ts';
import { slidingWindows } from './sliding.ts';
import { alignedWindows, type Expected } from './windows.ts';

const at = (...times: number[]): Event[] => times.map((time, arrival) => ({ time, key: 'a', value: arrival + 1, arrival }));
const never = { keep: 0, end: Number.NEGATIVE_INFINITY };
const spans = ({ windows }: Expected): [number, number, number][] =>
  [...windows.values()].map(({ start, end, figures }) => [start, end, figures.sum]);

/** The vectors of the specification (../shared/reference/time-semantics.md, 4.1 and 4.4): who proves operators must be right first. */
describe('the batch computation of windows', () => {
  it.each([
    [5000, 5000, 0, -1, [[-5000, 0]]],
    [5000, 5000, 0, 4999, [[0, 5000]]],
    [5000, 5000, 0, 5000, [[5000, 10_000]]],
    [
      5000,
      3000,
      0,
      0,
      [
        [-3000, 2000],
        [0, 5000],
      ],
    ],
    [5000, 3000, 0, 8000, [[6000, 11_000]]],
    [
      10,
      4,
      0,
      9,
      [
        [0, 10],
        [4, 14],
        [8, 18],
      ],
    ],
    [3, 5, 0, 4, []],
    [3_600_000, 3_600_000, 900_000, 899_999, [[-2_700_000, 900_000]]],
    [86_400_000, 86_400_000, -28_800_000, 0, [[-28_800_000, 57_600_000]]],
  ])('finds the windows of %d every %d from %d that hold %d', (size, every, offset, time, expected) => {
    const found = alignedWindows({ kind: 'hopping', size, every, offset }, judge(at(time), 0), never);
    expect(spans(found).map(([start, end]) => [start, end])).toEqual(expected);
    expect(found.counters?.gapDropped).toBe(expected.length === 0 ? 1 : 0);
  });

  it('finds the sliding windows that Kafka Streams documents', () => {
    const found = slidingWindows(5000, judge(at(8000, 9200, 12_400), 60_000), never);
    expect(spans(found).sort(([a], [b]) => a - b)).toEqual([
      [3000, 8000, 1],
      [4200, 9200, 3],
      [7400, 12_400, 6],
      [8001, 13_001, 5],
      [9201, 14_201, 3],
    ]);
  });

  it('merges the sessions that Kafka Streams documents, and those exactly the gap apart', () => {
    const documented = judge(at(10, 12, 20, 16), 100);
    expect(spans(sessions(5, documented, never))).toEqual([[10, 25, 10]]);
    expect(spans(sessions(5, documented.slice(0, 3), never))).toEqual([
      [10, 17, 3],
      [20, 25, 3],
    ]);
    expect(spans(sessionsOfTimely(5, judge(at(10, 15, 21), 0), 0))).toEqual([
      [10, 20, 3],
      [21, 26, 3],
    ]);
  });

  it('takes a late record into a session that is still there, and no other', () => {
    // After 30 the watermark is 29: the session of 10 (end 15) is gone.
    expect(spans(sessions(5, judge(at(10, 30, 12), 0), never))).toEqual([
      [10, 15, 1],
      [30, 35, 2],
    ]);
    const bridged = judge(at(26, 30, 22), 0);
    expect(sessions(5, bridged, never).counters).toMatchObject({ pairs: 3, assigned: 3, lateDropped: 0 });
    expect(spans(sessions(5, bridged, never))).toEqual([[22, 35, 6]]);
  });

  it('refuses, window by window, what comes at end - 1 by its own watermark', () => {
    const window = { kind: 'tumbling', size: 10, offset: 0 } as const;
    // The watermark before the second record is 8, then 9 = end - 1.
    expect(alignedWindows(window, judge(at(9, 5), 0), never).counters).toMatchObject({ assigned: 2, lateDropped: 0 });
    expect(alignedWindows(window, judge(at(10, 5), 0), never).counters).toMatchObject({ assigned: 1, lateDropped: 1 });
    const kept = { keep: 10, end: 0 };
    expect(alignedWindows(window, judge(at(19, 5), 0), kept).counters).toMatchObject({ lateKept: 1, lateDropped: 0 });
    expect(alignedWindows(window, judge(at(20, 5), 0), kept).counters).toMatchObject({ lateKept: 0, lateDropped: 1 });
  });

  it('walks the calendar through changes of the clocks', () => {
    const hours = ({ start, end }: { start: number; end: number }): number => (end - start) / 3_600_000;
    expect(hours(calendarWindow('day', 'Europe/Berlin', Date.UTC(2024, 2, 31, 12)))).toBe(23);
    expect(hours(calendarWindow('day', 'Europe/Berlin', Date.UTC(2024, 9, 27, 12)))).toBe(25);
    expect(hours(calendarWindow('day', 'Australia/Lord_Howe', Date.UTC(2024, 3, 6, 22)))).toBe(24.5);
    expect(calendarWindow('day', 'America/New_York', -1)).toEqual({ start: -19 * 3_600_000, end: 5 * 3_600_000 });
    expect(hours(calendarWindow('month', 'Europe/Berlin', Date.UTC(2024, 2, 15)))).toBe(31 * 24 - 1);
    expect(calendarWindow('week', 'UTC', 0)).toEqual({ start: Date.UTC(1969, 11, 29), end: Date.UTC(1970, 0, 5) });
  });

  it('lets an empty partition hold back the watermark behind a shuffle', () => {
    expect(mergedWatermarkOf([at(10, 5), at(7)], 2, true)).toBe(4);
    expect(mergedWatermarkOf([at(10), []], 2, false)).toBe(Number.NEGATIVE_INFINITY);
    expect(mergedWatermarkOf([at(10), []], 2, true)).toBe(7);
  });
});
