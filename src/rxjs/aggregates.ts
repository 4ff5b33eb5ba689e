import type { Selector } from './options.ts';

/** An aggregate for `compute` of windows, made by the functions below. */
export class Aggregate {
  readonly name: string;
  readonly selectors: readonly Selector[];
  readonly constants: readonly number[];

  constructor(name: string, selectors: readonly Selector[], constants: readonly number[] = []) {
    this.name = name;
    this.selectors = selectors;
    this.constants = constants;
  }
}

/** The number of records; with a selector, of those for which it is neither missing nor null: `count((record) => record.value.user)`. */
export function count(selector?: Selector): Aggregate {
  return new Aggregate('count', selector === undefined ? [] : [selector]);
}

/** The sum of numbers, exact but for its last rounding: `sum((record) => record.value.bytes)`. */
export function sum(selector: Selector): Aggregate {
  return new Aggregate('sum', [selector]);
}

/** The arithmetic mean of numbers: `avg('http.response.body.bytes')`. */
export function avg(selector: Selector): Aggregate {
  return new Aggregate('avg', [selector]);
}

/** The least value: `min('price')`. */
export function min(selector: Selector): Aggregate {
  return new Aggregate('min', [selector]);
}

/** The greatest value: `max('price')`. */
export function max(selector: Selector): Aggregate {
  return new Aggregate('max', [selector]);
}

/** The value of the record that is first in event time: `first('url.path')`. */
export function first(selector: Selector): Aggregate {
  return new Aggregate('first', [selector]);
}

/** The value of the record that is last in event time: `last('url.path')`. */
export function last(selector: Selector): Aggregate {
  return new Aggregate('last', [selector]);
}

/** The number of different values: `distinct('user.name')`. */
export function distinct(selector: Selector): Aggregate {
  return new Aggregate('distinct', [selector]);
}

/** The value at a rank from 0 to 1, to about one percent: `quantile('event.duration', 0.99)`. */
export function quantile(selector: Selector, rank: number): Aggregate {
  return new Aggregate('quantile', [selector], [rank]);
}

/** Values in the order of time, at most so many: `collect('url.path', 10)`. */
export function collect(selector: Selector, most: number): Aggregate {
  return new Aggregate('collect', [selector], [most]);
}
