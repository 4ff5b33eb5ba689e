import type { ForeignRecord } from '../support/foreign-reader.ts';
import type { EventValue } from './event-stream.ts';

/**
 * What streams must come to, computed plainly over all records of the input at once. It shares no code with src: it goes by the
 * rules as DESIGN.md section 4 states them.
 */

export interface Event {
  readonly partition: number;
  readonly offset: number;
  readonly key: string;
  readonly value: EventValue;
  readonly time: number;
  /** The watermark of its partition before it, in ms. */
  readonly watermark: number;
}

/** All records of an input in the order of their partitions, each with its watermark: the latest time before, less `wait`, less 1 ms. */
export async function readEvents(records: AsyncIterable<ForeignRecord>, waitMs: number): Promise<Event[]> {
  const latest = new Map<number, number>();
  const events: Event[] = [];
  for await (const { partition, offset, key, value } of records) {
    const parsed = JSON.parse(String(value)) as EventValue;
    const time = Date.parse(parsed['@timestamp']);
    const before = latest.get(partition) ?? Number.NEGATIVE_INFINITY;
    events.push({ partition, offset, key: String(key), value: parsed, time, watermark: before - waitMs - 1 });
    latest.set(partition, Math.max(before, time));
  }
  return events;
}

export interface WindowRules {
  readonly sizeMs: number;
  readonly keepMs: number;
  readonly groupOf: (event: Event) => string;
}

/** Count and sum of each group and window, as `group start` -> `count sum`; and how many records were too late for theirs. */
export function batchWindows(events: readonly Event[], rules: WindowRules): { results: Map<string, string>; late: number } {
  const groups = new Map<string, { n: number; total: number }>();
  let late = 0;
  for (const event of events) {
    const start = Math.floor(event.time / rules.sizeMs) * rules.sizeMs;
    if (start + rules.sizeMs - 1 + rules.keepMs <= event.watermark) {
      late += 1;
      continue;
    }
    const name = `${rules.groupOf(event)} ${start}`;
    const group = groups.get(name) ?? { n: 0, total: 0 };
    group.n += 1;
    group.total += event.value.amount;
    groups.set(name, group);
  }
  const results = new Map([...groups].map(([name, { n, total }]) => [name, `${n} ${total}`]));
  return { results, late };
}

/**
 * The pairs of a join within `withinMs` to either side, as `place of left / place of right`, and with `left` each record of the left
 * that has met none, as `place / -`. A record is refused when it has closed (its time + within) by its own partition's watermark;
 * two meet where neither had closed by the watermark that the other's partition had when it came.
 */
export function batchJoin(
  left: readonly Event[],
  right: readonly Event[],
  rules: { readonly withinMs: number; readonly left: boolean },
): Set<string> {
  const open = (one: Event, watermark: number): boolean => one.time + rules.withinMs > watermark;
  const byKey = new Map<string, Event[]>();
  for (const event of right) {
    if (!open(event, event.watermark)) continue;
    const list = byKey.get(event.key);
    if (list === undefined) byKey.set(event.key, [event]);
    else list.push(event);
  }
  const results = new Set<string>();
  for (const one of left) {
    if (!open(one, one.watermark)) continue;
    let met = false;
    for (const other of byKey.get(one.key) ?? []) {
      if (Math.abs(one.time - other.time) > rules.withinMs) continue;
      if (!open(one, other.watermark) || !open(other, one.watermark)) continue;
      met = true;
      results.add(`${placeOf(one)} / ${placeOf(other)}`);
    }
    if (!met && rules.left) results.add(`${placeOf(one)} / -`);
  }
  return results;
}

/**
 * The records that are no duplicates, in the order of their partitions, as places. One that was let through counts within `withinMs`
 * to either side, until the watermark has come to its time + within.
 */
export function batchDeduplicated(events: readonly Event[], withinMs: number): Set<string> {
  const through = new Map<string, number[]>();
  const results = new Set<string>();
  for (const event of events) {
    if (event.time + withinMs <= event.watermark) continue;
    const times = through.get(event.key) ?? [];
    if (times.some((time) => Math.abs(time - event.time) <= withinMs && time + withinMs > event.watermark)) continue;
    times.push(event.time);
    through.set(event.key, times);
    results.add(placeOf(event));
  }
  return results;
}

/** The records of each key in the order of event time, those of one time as they came; without those whose time had passed when they came. */
export function inOrderByKey(events: readonly Event[]): Map<string, Event[]> {
  const byKey = new Map<string, Event[]>();
  for (const event of events) {
    if (event.time <= event.watermark) continue;
    const list = byKey.get(event.key);
    if (list === undefined) byKey.set(event.key, [event]);
    else list.push(event);
  }
  for (const list of byKey.values()) list.sort((a, b) => a.time - b.time || a.offset - b.offset);
  return byKey;
}

/**
 * Pairs of records with more than `over` that follow each other in less than `withinMs`, where a record that has ended a pair begins
 * none: as `key number number`.
 */
export function batchPairs(events: readonly Event[], over: number, withinMs: number): Set<string> {
  const results = new Set<string>();
  for (const [key, list] of inOrderByKey(events)) {
    let first: Event | undefined;
    for (const event of list) {
      if (event.value.amount <= over) continue;
      if (first === undefined || event.time - first.time >= withinMs) first = event;
      else {
        results.add(`${key} ${first.value.n} ${event.value.n}`);
        first = undefined;
      }
    }
  }
  return results;
}

/** How many records there were of the key up to each, and their sum: `key number` -> `count sum`. */
export function batchRunning(events: readonly Event[]): Map<string, string> {
  const results = new Map<string, string>();
  for (const [key, list] of inOrderByKey(events)) {
    let sum = 0;
    for (const [i, { value }] of list.entries()) {
      sum += value.amount;
      results.set(`${key} ${value.n}`, `${i + 1} ${sum}`);
    }
  }
  return results;
}

/** Runs of records with more than `over`, none more than `quietMs` after the one before: `key time of the first` -> how many. */
export function batchAlerts(events: readonly Event[], over: number, quietMs: number): Map<string, number> {
  const results = new Map<string, number>();
  for (const [key, list] of inOrderByKey(events)) {
    let name = '';
    let last = Number.NEGATIVE_INFINITY;
    for (const { time, value } of list) {
      if (value.amount <= over) continue;
      if (time - last > quietMs) name = `${key} ${time}`;
      results.set(name, (results.get(name) ?? 0) + 1);
      last = time;
    }
  }
  return results;
}

/** Key and number tell a record: a key is in one partition only. */
function placeOf({ key, value }: Event): string {
  return `${key} ${value.n}`;
}
