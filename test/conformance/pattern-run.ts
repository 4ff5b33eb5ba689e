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
const END = 8e15;

/**
 * Runs the step `pattern` over events of one key, and then lets event time come to its end. `restarts`: it is restored from its
 * changelog after each of them.
 */
export function runPattern(options: JsonObject, events: readonly CaseEvent[], { restarts = false } = {}): FoundMatches {
  const driver = new OperatorDriver(operatorOf(pattern, options), { wait: 0 });
  for (const { time, ...value } of events) {
    driver.record(value, time);
    if (!restarts) continue;
    driver.cut();
    driver.restart();
  }
  driver.watermark(END);
  return foundIn(driver);
}

export function foundIn(driver: OperatorDriver): FoundMatches {
  const matches: FoundMatch[] = [];
  const timedOut: FoundMatch[] = [];
  for (const { value, time } of driver.emitted) {
    const { match, matched } = value as { match: JsonObject; matched: Record<string, { id: string }[]> };
    const order = new Map(
      Object.values(matched)
        .flat()
        .map(({ id }, i) => [id, i]),
    );
    (match['timed_out'] === true ? timedOut : matches).push({ ids: [...order.keys()], time });
  }
  return { matches, timedOut };
}
