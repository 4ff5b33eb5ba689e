import type { JsonValue } from '../../record/json.ts';
import { AddedFields } from '../rule/added-fields.ts';
import { EventRecord } from '../rule/event-record.ts';
import type { Rule, RuleEvent, RuleKey, RuleOutput } from '../rule/rule.ts';
import { type Range, type RangeSettings, Ranges } from './ranges.ts';
import type { RunningSettings } from './running-rule.ts';

/** Each record goes on with the aggregates over the records of its key that are at most so long before it, both ends included. */
export class RangeRule implements Rule<Range> {
  readonly #settings: RunningSettings & RangeSettings;
  readonly #added: AddedFields;
  readonly #ranges: Ranges;
  readonly #record = new EventRecord();
  /** How long after its last record a key is as if it had none, in ms. */
  readonly #holds: number;

  constructor(settings: RunningSettings & RangeSettings) {
    this.#settings = settings;
    this.#added = new AddedFields(settings.fields);
    this.#ranges = new Ranges(settings);
    this.#holds = Math.min(settings.over + 1, settings.expires);
  }

  process(state: Range | undefined, event: RuleEvent, { owned }: RuleKey, output: RuleOutput): Range {
    const { aggregation, includeCurrent } = this.#settings;
    const ranges = this.#ranges;
    const own = this.#own(state, owned);
    ranges.moveTo(own, event.time);
    const value = this.#added.copyOf(event.value);
    if (!includeCurrent) aggregation.results(ranges.totalOf(own), value);
    const accumulators = aggregation.create();
    aggregation.add(accumulators, this.#record.turnTo(event), event.time);
    ranges.add(own, event.time, accumulators);
    if (includeCurrent) aggregation.results(ranges.totalOf(own), value);
    output.pass(event, value);
    return own;
  }

  dueAt({ last }: Range): number {
    return last + this.#holds;
  }

  due(): undefined {
    return undefined;
  }

  encode(state: Range): JsonValue {
    return this.#ranges.encode(state);
  }

  decode(stored: JsonValue): Range {
    return this.#ranges.decode(stored);
  }

  #own(state: Range | undefined, owned: boolean): Range {
    if (state === undefined) return this.#ranges.create();
    return owned ? state : this.#ranges.copyOf(state);
  }
}
