import type { JsonObject, JsonValue } from '../../src/record/json.ts';
import { pattern } from '../../src/steps/pattern.ts';
import { OperatorDriver, operatorOf } from '../support/operator-driver.ts';

/** A record of a case: its id, its event time, and its fields. */
export interface CaseEvent {
  readonly id: string;
  readonly time: number;
  readonly [field: string]: JsonValue;
}

/** The ids of a match, in the order of time. */
export interface FoundMatch {
  readonly ids: readonly string[];
  readonly time: number;
}

export interface FoundMatches {
  readonly matches: readonly FoundMatch[];
  readonly timedOut: readonly FoundMatch[];
}

/** Later than any time of a case, in ms. */
export const THE_END = 8e15;

export interface RunOptions {
  /** It is restored from its changelog after each record. */
  readonly restarts?: boolean;
  /** What event time comes to at the end, in ms. */
  readonly end?: number;
}

/** Runs the step `pattern` over events of one key, and then lets event time come to its end. */
export function runPattern(options: object, events: readonly CaseEvent[], run: RunOptions = {}): FoundMatches {
  const driver = new OperatorDriver(operatorOf(pattern, options), { wait: 0 });
  for (const { time, ...value } of events) {
    driver.record(value, time);
    if (run.restarts !== true) continue;
    driver.cut();
    driver.restart();
  }
  driver.watermark(run.end ?? THE_END);
  return foundIn(driver, events);
}

/** What was found, each match with its ids in the order of the events. */
export function foundIn(driver: OperatorDriver, events: readonly CaseEvent[]): FoundMatches {
  const places = new Map(events.map(({ id }, i) => [id, i]));
  const matches: FoundMatch[] = [];
  const timedOut: FoundMatch[] = [];
  for (const { value, time } of driver.emitted) {
    const { match, matched } = value as { match: JsonObject; matched: Record<string, { id: string }[]> };
    const ids = Object.values(matched).flatMap((records) => records.map(({ id }) => id));
    ids.sort((a, b) => (places.get(a) as number) - (places.get(b) as number));
    (match['timed_out'] === true ? timedOut : matches).push({ ids, time });
  }
  return { matches, timedOut };
}
