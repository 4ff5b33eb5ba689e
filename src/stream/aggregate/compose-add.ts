import type { AggregateInput } from '../../sdk/aggregate-function.ts';
import type { Aggregation } from '../../sdk/aggregation.ts';
import type { Slot } from './slots.ts';

/**
 * Makes the function that adds a record to all accumulators of a group. It is generated, so that each input is evaluated once
 * however many aggregates read it, and each accumulator has a call site of its own, into which the engine can put its code.
 * Nothing of the user's text gets into it: only numbers of slots and inputs.
 */
export function composeAdd(slots: readonly Slot[]): Aggregation['add'] {
  const inputs: AggregateInput[] = [];
  const numberOf = (input: AggregateInput): number => {
    const known = inputs.findIndex(({ text }) => text === input.text);
    return known >= 0 ? known : inputs.push(input) - 1;
  };
  const adding = slots.map((slot, i) => addTo(i, slot.inputs.map(numberOf)));
  const code = [
    '"use strict";',
    ...slots.map((_, i) => `const s${i}=slots[${i}].accumulator,l${i}=slots[${i}].leftOut;`),
    ...inputs.map((_, i) => `const e${i}=inputs[${i}].evaluate;`),
    'return function add(a,record,time){',
    ...inputs.map((_, i) => `const x${i}=e${i}(record);`),
    ...adding,
    '}',
  ].join('\n');
  const make = new Function('slots', 'inputs', code) as (...made: [readonly Slot[], AggregateInput[]]) => Aggregation['add'];
  return make(slots, inputs);
}

function addTo(slot: number, inputs: readonly number[]): string {
  const [first, second] = inputs.map((input) => `x${input}`);
  const given = inputs.map((input) => `x${input}!==undefined&&x${input}!==null&&`).join('');
  return `if(${given}!s${slot}.add(a[${slot}],time,${first ?? 'null'},${second ?? 'null'}))l${slot}.count+=1;`;
}
