import type { AggregateCall, AggregateInput } from '../../sdk/aggregate-function.ts';
import type { LeftOut } from '../../sdk/aggregation.ts';
import type { Accumulator } from './accumulator.ts';

/** A place in the accumulators of a group. */
export interface Slot {
  readonly accumulator: Accumulator<unknown>;
  readonly inputs: readonly AggregateInput[];
  readonly leftOut: LeftOut & { count: number };
}

/** What is gathered: an accumulator over some inputs. */
export interface Gathering extends Pick<AggregateCall, 'text' | 'inputs'> {
  readonly accumulator: Accumulator<unknown>;
}

/**
 * The places in the accumulators of a group: one for each thing that is gathered, however many calls read it. They are ordered by
 * what they gather, so that the state does not depend on the order of the fields in the file.
 */
export class Slots {
  readonly all: Slot[] = [];
  readonly #byName = new Map<string, number>();

  constructor(gatherings: readonly Gathering[]) {
    const byName = new Map(gatherings.toReversed().map((gathering) => [nameOf(gathering), gathering]));
    for (const name of [...byName.keys()].toSorted()) {
      const { accumulator, inputs, text } = byName.get(name) as Gathering;
      const leftOut = { call: text, takes: accumulator.takes, count: 0 };
      this.#byName.set(name, this.all.push({ accumulator, inputs, leftOut }) - 1);
    }
  }

  /** The number of the slot in which it is gathered. */
  of(gathering: Gathering): number {
    return this.#byName.get(nameOf(gathering)) as number;
  }
}

function nameOf({ accumulator, inputs }: Gathering): string {
  return JSON.stringify([accumulator.form, ...inputs.map(({ text }) => text)]);
}
