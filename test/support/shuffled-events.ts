import fc from 'fast-check';
import type { JsonObject } from '../../src/record/json.ts';
import type { OperatorDriver } from './operator-driver.ts';

/** An event of a script: what is given to an operator, in the order of arrival. */
export interface ScriptedEvent {
  readonly value: JsonObject;
  /** Event time in ms. */
  readonly time: number;
  /** What happens behind it. */
  readonly after: 'nothing' | 'cut' | 'rollback' | 'restart';
}

/** How far behind the latest time an event of a script may come, in ms: what the driver waits for. */
export const SCRIPT_WAIT_MS = 15;
const BEGIN_MS = 100;

/** Events whose times go on, each shuffled by at most the wait; and what happens in between. */
export function scriptOf(
  value: fc.Arbitrary<JsonObject>,
  { ahead = 12, maxLength = 60 }: { readonly ahead?: number; readonly maxLength?: number } = {},
): fc.Arbitrary<readonly ScriptedEvent[]> {
  const step = fc.record({
    value,
    ahead: fc.integer({ min: 0, max: ahead }),
    back: fc.integer({ min: 0, max: SCRIPT_WAIT_MS }),
    after: fc.constantFrom('nothing' as const, 'nothing' as const, 'cut' as const, 'rollback' as const, 'restart' as const),
  });
  return fc.array(step, { maxLength }).map((steps) => {
    let now = BEGIN_MS;
    return steps.map((each) => {
      now += each.ahead;
      return { value: each.value, time: now - each.back, after: each.after };
    });
  });
}

/** Gives the events to an operator, which has one micro-batch in flight; what is taken back or lost is given again. */
export function play(driver: OperatorDriver, events: readonly ScriptedEvent[]): void {
  // How many events had been given at each cut that is not durable yet.
  const cuts: number[] = [];
  let durable = 0;
  for (const [at, event] of events.entries()) {
    driver.record(event.value, event.time);
    if (event.after === 'cut') {
      driver.cut();
      cuts.push(at + 1);
      while (cuts.length > 1) durable = cuts.shift() as number;
    }
    if (event.after !== 'rollback' && event.after !== 'restart') continue;
    if (event.after === 'rollback') driver.rollback();
    else driver.restart();
    cuts.length = 0;
    for (const again of events.slice(durable, at + 1)) driver.record(again.value, again.time);
  }
}

/** The events in the order of time; those of one time as they came. */
export function inOrderOfTime(events: readonly ScriptedEvent[]): ScriptedEvent[] {
  return events.toSorted((a, b) => a.time - b.time);
}
