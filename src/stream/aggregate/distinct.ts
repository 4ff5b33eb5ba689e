import type { JsonValue } from '../../record/json.ts';
import type { Accumulator } from './accumulator.ts';
import { defineAggregate, VALUE } from './aggregate-function.ts';
import { HyperLogLog } from './hyper-log-log.ts';
import { textFor } from './kept.ts';
import { storedList, storedText } from './stored.ts';

/** The different values while there are few, as texts; beyond, an estimate of how many there are. */
interface Distinct {
  texts: Set<string> | undefined;
  /** The length of all texts. */
  size: number;
  sketch: HyperLogLog | undefined;
}

/** Up to where values are kept: as many different ones, and as many UTF-16 code units of them. */
interface Bounds {
  readonly values: number;
  readonly size: number;
}

/**
 * Counts exactly within the bounds and estimates beyond. Which of the two depends on the set of values alone, so that neither
 * the order nor the way they are merged makes a difference.
 */
class DistinctCounter implements Accumulator<Distinct> {
  readonly form: string;
  readonly takes = 'anything';
  readonly #bounds: Bounds;

  constructor(form: string, bounds: Bounds) {
    this.form = form;
    this.#bounds = bounds;
  }

  create(): Distinct {
    return { texts: new Set(), size: 0, sketch: undefined };
  }

  add(state: Distinct, _time: number, value: JsonValue): true {
    this.#addText(state, textFor(value));
    return true;
  }

  #addText(state: Distinct, text: string): void {
    const { texts } = state;
    if (texts === undefined) {
      state.sketch?.add(text);
      return;
    }
    if (texts.has(text)) return;
    texts.add(text);
    state.size += text.length;
    if (texts.size > this.#bounds.values || state.size > this.#bounds.size) estimateFrom(state, texts);
  }

  merge(into: Distinct, from: Distinct): void {
    if (from.texts !== undefined) {
      for (const text of from.texts) this.#addText(into, text);
      return;
    }
    if (into.texts !== undefined) estimateFrom(into, into.texts);
    into.sketch?.merge(from.sketch as HyperLogLog);
  }

  clone({ texts, size, sketch }: Distinct): Distinct {
    return { texts: texts && new Set(texts), size, sketch: sketch?.clone() };
  }

  encode({ texts, sketch }: Distinct): string | string[] {
    return texts === undefined ? (sketch as HyperLogLog).encode() : [...texts];
  }

  decode(stored: JsonValue): Distinct {
    if (typeof stored === 'string') return { texts: undefined, size: 0, sketch: HyperLogLog.decode(stored) };
    const texts = new Set(storedList(stored).map(storedText));
    return { texts, size: [...texts].reduce((sum, text) => sum + text.length, 0), sketch: undefined };
  }
}

function estimateFrom(state: Distinct, texts: ReadonlySet<string>): void {
  const sketch = new HyperLogLog();
  for (const text of texts) sketch.add(text);
  state.texts = undefined;
  state.size = 0;
  state.sketch = sketch;
}

const exact = new DistinctCounter('distinct', { values: 10_000, size: 262_144 });
const estimated = new DistinctCounter('approx_distinct', { values: 128, size: 4096 });

const numberOf = ({ texts, sketch }: Distinct): number => texts?.size ?? (sketch as HyperLogLog).estimate();

export const distinctFunctions = [
  defineAggregate<Distinct>({
    name: 'distinct',
    summary:
      'The number of different values: exact up to 10,000 of them (or 262,144 characters in all), beyond that estimated as by `approx_distinct`.',
    parameters: [VALUE],
    returns: 'number',
    example: { text: 'distinct(x)', over: ['a', 'b', 'a'], result: 2 },
    accumulator: () => exact,
    result: numberOf,
  }),
  defineAggregate<Distinct>({
    name: 'approx_distinct',
    summary:
      'The number of different values, estimated in at most 4 KiB with a standard error of 1.6% (HyperLogLog); exact up to 128 of them (or 4,096 characters in all).',
    parameters: [VALUE],
    returns: 'number',
    example: { text: 'approx_distinct(x)', over: ['a', 'b', 'a'], result: 2 },
    accumulator: () => estimated,
    result: numberOf,
  }),
];
