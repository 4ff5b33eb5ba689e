import { pattern } from '../../../src/steps/pattern.ts';
import { foundIn, runPattern } from '../../conformance/pattern-run.ts';
import { OperatorDriver, operatorOf } from '../../support/operator-driver.ts';
import type { Found, PatternEvent, PatternOptions } from './options.ts';

/** What the step `pattern` finds, with event time at the last record at the end. */
export function stepMatches(options: PatternOptions, events: readonly PatternEvent[], restarts = false): Found {
  const end = events.at(-1)?.time ?? 0;
  const { matches, timedOut } = runPattern(options, events, { end, restarts });
  return { matches: matches.map(({ ids }) => ids), timedOut };
}

/** By how much records may come too late, in ms. */
const WAIT_MS = 6;
/** A prime, by which neighbours are moved by different times. */
const SCATTER = 7_919;

/** The same with records out of order within the wait, micro-batches of two in flight, and some taken back or restarted. */
export function shuffledStepMatches(options: PatternOptions, events: readonly PatternEvent[]): Found {
  const end = events.at(-1)?.time ?? 0;
  const moved = (time: number, i: number): number => time + (((i + 1) * SCATTER) % (WAIT_MS + 1));
  const arrivals = events
    .map((event, i) => ({ event, at: moved(event.time, i) }))
    .sort((a, b) => a.at - b.at)
    .map(({ event }) => event);
  const driver = new OperatorDriver(operatorOf(pattern, options), { wait: WAIT_MS });
  const give = ({ time, ...value }: PatternEvent): void => void driver.record(value, time);
  for (const [i, event] of arrivals.entries()) {
    give(event);
    if (i % 3 === 0) {
      // What is taken back comes again.
      driver.rollback();
      for (const again of arrivals.slice(durable(i), i + 1)) give(again);
    }
    if (i % 2 === 1) driver.cut();
    if (i % 5 === 4) {
      driver.cut();
      driver.restart();
    }
  }
  driver.watermark(end);
  const { matches, timedOut } = foundIn(driver, events);
  return { matches: matches.map(({ ids }) => ids), timedOut };
}

/** How many records were durable when record `i` had come. */
function durable(i: number): number {
  let cut = 0;
  for (let before = 0; before < i; before += 1) if (before % 2 === 1 || before % 5 === 4) cut = before + 1;
  return cut;
}
