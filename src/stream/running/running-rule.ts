import type { JsonValue } from '../../record/json.ts';
import type { FieldPath } from '../../record/path.ts';
import type { Accumulators, Aggregation } from '../../sdk/aggregation.ts';
import { storedList, storedNumber, storedValue } from '../aggregate/stored.ts';
import { AddedFields } from '../rule/added-fields.ts';
import { EventRecord } from '../rule/event-record.ts';
import type { Rule, RuleEvent, RuleKey, RuleOutput } from '../rule/rule.ts';

export interface RunningSettings {
  readonly aggregation: Aggregation;
  /** The fields that it sets. */
  readonly fields: readonly FieldPath[];
  /** Whether a record counts in its own aggregates. */
  readonly includeCurrent: boolean;
  /** After how many ms without a record a key is forgotten; Infinity: never. */
  readonly expires: number;
}

/** What a key has gathered. */
export interface Gathered {
  accumulators: Accumulators;
  /** The time of its last record, in ms. */
  last: number;
}

/** Each record goes on with the aggregates over the records of its key up to it. */
export class RunningRule implements Rule<Gathered> {
  readonly #settings: RunningSettings;
  readonly #added: AddedFields;
  readonly #record = new EventRecord();

  constructor(settings: RunningSettings) {
    this.#settings = settings;
    this.#added = new AddedFields(settings.fields);
  }

  process(state: Gathered | undefined, event: RuleEvent, { owned }: RuleKey, output: RuleOutput): Gathered {
    const { aggregation, includeCurrent } = this.#settings;
    const own = owned && state !== undefined ? state : this.#copyOf(state);
    const value = this.#added.copyOf(event.value);
    if (!includeCurrent) aggregation.results(own.accumulators, value);
    aggregation.add(own.accumulators, this.#record.turnTo(event), event.time);
    if (includeCurrent) aggregation.results(own.accumulators, value);
    own.last = event.time;
    output.pass(event, value);
    return own;
  }

  dueAt({ last }: Gathered): number {
    return last + this.#settings.expires;
  }

  due(): undefined {
    return undefined;
  }

  encode({ accumulators, last }: Gathered): JsonValue {
    return [last, this.#settings.aggregation.encode(accumulators)];
  }

  decode(stored: JsonValue): Gathered {
    const [last, accumulators] = storedList(stored, 2);
    return { last: storedNumber(last), accumulators: this.#settings.aggregation.decode(storedValue(accumulators)) };
  }

  #copyOf(state: Gathered | undefined): Gathered {
    const { aggregation } = this.#settings;
    return {
      accumulators: state === undefined ? aggregation.create() : aggregation.clone(state.accumulators),
      last: state?.last ?? 0,
    };
  }
}
