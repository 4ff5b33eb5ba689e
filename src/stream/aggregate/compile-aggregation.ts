import { copyOf } from '../../record/copy.ts';
import type { JsonObject, JsonValue } from '../../record/json.ts';
import { deleteField, type FieldPath, parsePath, setField } from '../../record/path.ts';
import type { AggregateCall, AggregateExpression } from '../../sdk/aggregate-function.ts';
import type { Accumulators, Aggregation } from '../../sdk/aggregation.ts';
import type { CompiledOption } from '../../sdk/option.ts';
import type { AggregateFunction } from './aggregate-function.ts';
import { composeAdd } from './compose-add.ts';
import { builtInAggregates } from './functions.ts';
import { type Gathering, Slots } from './slots.ts';
import { storedList, storedValue } from './stored.ts';

/** The version of the form in which accumulators are stored. */
const FORM = 1;

/** A field of the result. */
interface Computed {
  readonly path: FieldPath;
  readonly expression: AggregateExpression;
  readonly reads: readonly Read[];
}

/** What a call of an aggregate reads off its slot. */
interface Read {
  readonly slot: number;
  readonly definition: AggregateFunction;
  readonly constants: readonly number[];
}

/**
 * Composes what a step computes over the records of a group, from its `compute`: bound expressions over aggregates by the path
 * of the field that they give, in their order. Calls that gather the same are gathered once.
 */
export function compileAggregation(compute: Readonly<Record<string, CompiledOption>>): Aggregation {
  const planned = Object.entries(compute).map(([name, { aggregate }]) => {
    const path = parsePath(name);
    if (path === undefined) throw new Error(`${JSON.stringify(name)} is no field path`);
    return { path, expression: aggregate, calls: aggregate.calls.map(plan) };
  });
  const slots = new Slots(planned.flatMap(({ calls }) => calls));
  const fields = planned.map(({ path, expression, calls }): Computed => {
    const reads = calls.map((call) => ({ slot: slots.of(call), definition: call.definition, constants: call.constants }));
    return { path, expression, reads };
  });
  return new ComposedAggregation(slots, fields);
}

interface PlannedCall extends Gathering, Omit<Read, 'slot'> {}

function plan({ name, text, inputs, constants }: AggregateCall): PlannedCall {
  const definition = builtInAggregates.get(name);
  if (definition === undefined) throw new Error(`there is no aggregate ${name}`);
  return { text, inputs, constants, definition, accumulator: definition.accumulator(constants) };
}

class ComposedAggregation implements Aggregation {
  readonly add: Aggregation['add'];
  readonly fingerprint: JsonValue;
  readonly leftOut: NonNullable<Aggregation['leftOut']>;
  readonly #slots: Slots['all'];
  readonly #fields: readonly Computed[];

  constructor(slots: Slots, fields: readonly Computed[]) {
    this.#slots = slots.all;
    this.#fields = fields;
    this.leftOut = slots.all.map(({ leftOut }) => leftOut);
    this.fingerprint = [FORM, slots.all.map(({ accumulator: { form }, inputs }) => [form, ...inputs.map(({ text }) => text)])];
    this.add = composeAdd(slots.all);
  }

  create(): Accumulators {
    return this.#slots.map(({ accumulator }) => accumulator.create());
  }

  merge(into: Accumulators, from: Accumulators): void {
    for (const [i, { accumulator }] of this.#slots.entries()) accumulator.merge(into[i], from[i]);
  }

  clone(accumulators: Accumulators): Accumulators {
    return this.#slots.map(({ accumulator }, i) => accumulator.clone(accumulators[i]));
  }

  encode(accumulators: Accumulators): JsonValue {
    return this.#slots.map(({ accumulator }, i) => accumulator.encode(accumulators[i]));
  }

  decode(stored: JsonValue): Accumulators {
    const states = storedList(stored, this.#slots.length);
    return this.#slots.map(({ accumulator }, i) => accumulator.decode(storedValue(states[i])));
  }

  results(accumulators: Accumulators, result: JsonObject): void {
    for (const { path, expression, reads } of this.#fields) {
      const given = reads.map(({ slot, definition, constants }) => definition.result(accumulators[slot], constants));
      const value = expression.evaluate(given, result);
      // What an expression passes on may be a part of the state or of the result itself; steps behind change records in place.
      if (value !== undefined) setField(result, path, copyOf(value));
      else deleteField(result, path);
    }
  }
}
