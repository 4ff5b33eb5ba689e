import type { BatchBuilder } from '../../record/batch-builder.ts';
import type { JsonObject } from '../../record/json.ts';
import type { StreamRecord } from '../../record/record.ts';
import type { Grouping, InputSide } from '../../sdk/operator.ts';
import type { Emitter, Program } from '../../stream/program.ts';
import type { StepNode } from '../../topology/types.ts';
import type { Arrangement, OperatorElement } from '../../topology/waiting-steps.ts';
import type { Made } from './derived-letter.ts';

export type GroupingByValues = Extract<Grouping, { by: 'values' }>;

/** A stage between two steps with state: the stateless steps before operator number `number`, and the record that it gets. */
export interface Level {
  readonly number: number;
  readonly program: Program;
  readonly emitter: Emitter;
  readonly cursor: StreamRecord;
  readonly at: { time: number; watermark: number; side: InputSide };
  /** One row for what the operator before it makes. */
  readonly derived: BatchBuilder;
  /** By which values the keys of the operator's records are to be those of their groups; undefined: they need not be looked at. */
  readonly held: GroupingByValues | undefined;
  /** Whether `time` is known before its steps have run. */
  timed: boolean;
  time: number;
  watermark: number;
  side: InputSide;
  /** The value of the derived row at work; undefined where the row is one of the input. */
  derivedValue: JsonObject | undefined;
  /** Whether the row at work has gone through the step with state before: what fails here must not go through that again. */
  passed: boolean;
  /** What comes behind changes values, so that a row's is kept as text for its dead letter. */
  readonly keepsText: boolean;
  text: string | undefined;
}

/** What an operator's records are held to. */
export function heldTo(element: OperatorElement | undefined): GroupingByValues | undefined {
  if (element?.checksKey !== true) return undefined;
  const { definition, options } = element.step;
  const grouping = definition.state.grouping(options, 'main');
  return grouping.by === 'values' ? grouping : undefined;
}

/** The stateless steps before, between and behind the steps with state. */
export function alternate(elements: Arrangement['middle']): {
  segments: readonly (readonly StepNode[])[];
  operators: readonly OperatorElement[];
} {
  const segments: StepNode[][] = [[]];
  const operators: OperatorElement[] = [];
  for (const element of elements) {
    if (element.kind === 'steps') {
      segments.at(-1)?.push(...element.steps);
    } else {
      operators.push(element);
      segments.push([]);
    }
  }
  return { segments, operators };
}

/**
 * A record that a step with state has made or let through is nowhere in Kafka: its dead letter holds it as it was behind that
 * step, and goes on there when it is replayed. Undefined: it is one of the input as it came.
 */
export function madeAt(
  { derivedValue, passed, text, time }: Level,
  { step, value, lastOffset }: { readonly step: string | undefined; readonly value: JsonObject; readonly lastOffset: number },
): Made | undefined {
  if (step === undefined || (derivedValue === undefined && !passed)) return undefined;
  const made = { step, time, text: text ?? JSON.stringify(derivedValue ?? value) };
  return passed ? made : { ...made, offset: lastOffset };
}
