import type { JsonObject, JsonValue } from '../../record/json.ts';
import type { FieldPath } from '../../record/path.ts';
import { storedCount, storedList, storedNumber, storedValue } from '../aggregate/stored.ts';
import { AddedFields, putField } from '../rule/added-fields.ts';
import type { Rule, RuleEvent, RuleKey, RuleOutput } from '../rule/rule.ts';

export interface ThrottleSettings {
  /** How many records of a key may go on in a period. */
  readonly limit: number;
  /** The length of a period in ms. */
  readonly per: number;
  /** The field that says of records beyond the limit that they are, so that they go on too; undefined: they are dropped. */
  readonly mark: FieldPath | undefined;
  /** The field that says how many were beyond the limit since the record before it that was not; undefined: nobody asks. */
  readonly excess: FieldPath | undefined;
  /** For how many ms after the last record that number is known. */
  readonly expires: number;
}

/** What a key has let through. Times in ms. */
export interface Passed {
  /** The times of the records that were let through in the last period, in order. */
  times: number[];
  /** How many were beyond the limit since the last of them. */
  excess: number;
  /** The time of the last record that was let through or counted. */
  last: number;
}

/** Lets a record go on where fewer than `limit` of its key have gone on within `per` before it: (time - per, time]. */
export class ThrottleRule implements Rule<Passed> {
  readonly #settings: ThrottleSettings;
  readonly #added: AddedFields | undefined;

  constructor(settings: ThrottleSettings) {
    this.#settings = settings;
    const fields = [settings.mark, settings.excess].filter((path) => path !== undefined);
    this.#added = fields.length === 0 ? undefined : new AddedFields(fields);
  }

  process(state: Passed | undefined, event: RuleEvent, { owned }: RuleKey, output: RuleOutput): Passed | undefined {
    const { limit, per, mark } = this.#settings;
    const { time } = event;
    const gone = state === undefined ? 0 : countUntil(state.times, time - per);
    if (state !== undefined && state.times.length - gone >= limit) {
      if (mark === undefined) output.drop();
      else output.pass(event, this.#valueOf(event, { mark: true, excess: undefined }));
      return this.#exceeded(state, time, owned);
    }
    output.pass(event, this.#valueOf(event, { mark: undefined, excess: state?.excess }));
    return letThrough(state, { time, gone, owned });
  }

  dueAt({ times, excess, last }: Passed): number {
    const { per, expires } = this.#settings;
    const free = (times.at(-1) ?? Number.NEGATIVE_INFINITY) + per;
    return excess === 0 ? free : Math.max(free, last + expires);
  }

  due(): undefined {
    return undefined;
  }

  encode({ times, excess, last }: Passed): JsonValue {
    let before = 0;
    const distances = times.map((time) => {
      const distance = time - before;
      before = time;
      return distance;
    });
    return [last, excess, distances];
  }

  decode(stored: JsonValue): Passed {
    const [last, excess, distances] = storedList(stored, 3);
    let time = 0;
    const times = storedList(storedValue(distances)).map((distance) => {
      time += storedNumber(distance);
      return time;
    });
    return { times, excess: storedCount(excess), last: storedNumber(last) };
  }

  /** Where nobody asks how many there are, one more leaves nothing to write. */
  #exceeded(state: Passed, time: number, owned: boolean): Passed {
    if (this.#settings.excess === undefined) return state;
    if (!owned) return { times: [...state.times], excess: state.excess + 1, last: time };
    state.excess += 1;
    state.last = time;
    return state;
  }

  #valueOf({ value }: RuleEvent, { mark, excess = 0 }: { mark: true | undefined; excess: number | undefined }): JsonObject {
    if (this.#added === undefined) return value;
    const { mark: marked, excess: counted } = this.#settings;
    const copy = this.#added.copyOf(value);
    if (marked !== undefined) putField(copy, marked, mark);
    if (counted !== undefined) putField(copy, counted, excess === 0 ? undefined : excess);
    return copy;
  }
}

function letThrough(state: Passed | undefined, { time, gone, owned }: { time: number; gone: number; owned: boolean }): Passed {
  if (state === undefined || !owned) return { times: [...(state?.times.slice(gone) ?? []), time], excess: 0, last: time };
  if (gone > 0) state.times.splice(0, gone);
  state.times.push(time);
  state.excess = 0;
  state.last = time;
  return state;
}

/** How many of the times, which are in order, are at or before this one. */
function countUntil(times: readonly number[], until: number): number {
  let count = 0;
  while (count < times.length && (times[count] as number) <= until) count += 1;
  return count;
}
