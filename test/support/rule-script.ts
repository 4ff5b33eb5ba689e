import fc from 'fast-check';
import type { JsonObject } from '../../src/record/json.ts';
import type { OperatorFactory } from '../../src/sdk/operator.ts';
import { OperatorDriver } from './operator-driver.ts';

/** How far records of a script are out of order, in ms. */
export const WAIT_MS = 15;

/** A record of a script, and what happens after it. */
export interface ScriptStep {
  readonly value: JsonObject;
  /** How far event time goes on with it, and how far it is behind that, in ms. */
  readonly ahead: number;
  readonly back: number;
  readonly after: 'nothing' | 'cut' | 'rollback' | 'restart';
}

export interface ScriptEvent {
  readonly value: JsonObject;
  readonly time: number;
}

/** Records with these values, each out of order by at most the wait; and micro-batches, failures and restarts in between. */
export function scripts(value: fc.Arbitrary<JsonObject>, maxAhead = 12): fc.Arbitrary<ScriptStep[]> {
  const step = fc.record({
    value,
    ahead: fc.integer({ min: 0, max: maxAhead }),
    back: fc.integer({ min: 0, max: WAIT_MS }),
    after: fc.constantFrom('nothing', 'nothing', 'cut', 'rollback', 'restart') as fc.Arbitrary<ScriptStep['after']>,
  });
  return fc.array(step, { maxLength: 60, size: 'max' });
}

/** The records of a script in the order in which they come. */
export function eventsOf(steps: readonly ScriptStep[]): ScriptEvent[] {
  let now = 100;
  return steps.map(({ value, ahead, back }) => {
    now += ahead;
    return { value, time: now - back };
  });
}

/** Those whose turn has come at a watermark, in the order of event time. */
export function inTurn(events: readonly ScriptEvent[], watermark: number): ScriptEvent[] {
  return [...events].sort((a, b) => a.time - b.time).filter(({ time }) => time <= watermark);
}

/** Gives the records to an operator. `calm`: nothing happens in between. */
export function play(create: OperatorFactory, steps: readonly ScriptStep[], calm = false): OperatorDriver {
  const driver = new OperatorDriver(create, { wait: WAIT_MS, inFlight: 1 });
  const events = eventsOf(steps);
  const give = (at: number): void => {
    const { value, time } = events[at] as ScriptEvent;
    driver.record(structuredClone(value), time);
  };
  // What is durable of the input: as many records as were given when the newest micro-batch that is committed was cut.
  const cuts: number[] = [];
  let durable = 0;
  for (const [at, { after }] of steps.entries()) {
    give(at);
    if (calm) continue;
    if (after === 'cut') {
      driver.cut();
      cuts.push(at + 1);
      while (cuts.length > 1) durable = cuts.shift() as number;
    }
    if (after !== 'rollback' && after !== 'restart') continue;
    if (after === 'rollback') driver.rollback();
    else driver.restart();
    cuts.length = 0;
    for (let again = durable; again <= at; again += 1) give(again);
  }
  return driver;
}
