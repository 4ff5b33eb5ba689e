import type { JsonObject, JsonValue } from '../../record/json.ts';
import { isJsonObject } from '../../record/json.ts';
import { type FieldPath, getField } from '../../record/path.ts';
import type { StreamRecord } from '../../record/record.ts';
import type { OperatorOutcome } from '../../sdk/operator.ts';
import { DROPPED, rejected } from '../../sdk/step.ts';
import { EventRecord } from '../rule/event-record.ts';
import type { Rule, RuleEvent, RuleKey, RuleOutput } from '../rule/rule.ts';
import { comparisonOf } from './comparison.ts';
import {
  decodeWindows,
  earlierOf,
  encodeWindows,
  reachOf,
  type Spans,
  type WindowValues,
  withWindow,
} from './earlier-windows.ts';

export interface CompareSettings {
  /** The Kafka key of a result: that of its group, by which it is found in its partition. */
  readonly keyOf: (record: StreamRecord) => string | null;
  readonly spans: Spans;
  /** The fields that are compared. */
  readonly of: readonly FieldPath[];
  /** The field that gets the comparisons, each under the path of what is compared. */
  readonly into: FieldPath;
  /** What a window counts as that has no result, or not this field. */
  readonly missing: number | undefined;
  /** For how long, in ms, after the end of a window its result may be revised. */
  readonly keep: number;
  /** Whether results go on that do not stand yet. */
  readonly early: boolean;
}

type Windows = readonly WindowValues[];

/** The window of a result, in ms since 1970; undefined: it has none. */
export function windowOf(value: JsonObject): { readonly start: number; readonly end: number } | undefined {
  const window = value['window'];
  if (!isJsonObject(window)) return undefined;
  const { start, end } = window;
  if (typeof start !== 'string' || typeof end !== 'string') return undefined;
  const [from, to] = [Date.parse(start), Date.parse(end)];
  return from < to ? { start: from, end: to } : undefined;
}

/** Compares results of windows with those of earlier windows of their key. */
export class CompareRule implements Rule<Windows> {
  readonly #settings: CompareSettings;
  readonly #record = new EventRecord();

  constructor(settings: CompareSettings) {
    this.#settings = settings;
  }

  onArrival(value: JsonObject): 'early' | OperatorOutcome | undefined {
    if (windowOf(value) === undefined) return rejected('COMPARE_NO_WINDOW', {});
    if (value['pane'] !== 'early') return undefined;
    return this.#settings.early ? 'early' : DROPPED;
  }

  process(state: Windows | undefined, event: RuleEvent, _key: RuleKey, output: RuleOutput): Windows {
    const { spans, of, keep, keyOf } = this.#settings;
    const { value, time } = event;
    const window = windowOf(value) as { start: number; end: number };
    const added: WindowValues = { ...window, values: of.map((path) => numberAt(value, path)) };
    const revision = typeof value['revision'] === 'number' ? value['revision'] : 1;
    const compared = this.#compared(value, added, state ?? []);
    const key = keyOf(this.#record.turnTo(event));
    output.emit({ what: `${window.start}/${window.end}`, value: compared, time, revision, key });
    const newest = Math.max(window.start, state?.at(-1)?.start ?? window.start);
    return withWindow(state ?? [], added, newest - reachOf(spans, window.end - window.start) - keep);
  }

  /** Nothing that is still to come is compared with any of them. */
  dueAt(state: Windows): number {
    const { spans, keep } = this.#settings;
    const { start, end } = state.at(-1) as WindowValues;
    return end + reachOf(spans, end - start) + keep;
  }

  due(): undefined {
    return undefined;
  }

  encode(state: Windows): JsonValue {
    return encodeWindows(state);
  }

  decode(stored: JsonValue): Windows {
    return decodeWindows(stored);
  }

  #compared(value: JsonObject, added: WindowValues, state: Windows): JsonObject {
    const { spans, of, into, missing = null } = this.#settings;
    const earlier = earlierOf(added, state, spans);
    let result = value;
    for (const [i, path] of of.entries()) {
      const before = earlier.map((window) => window?.values[i] ?? missing);
      result = withField(result, [...into, ...path], comparisonOf(added.values[i] ?? missing, before));
    }
    return result;
  }
}

function numberAt(value: JsonObject, path: FieldPath): number | null {
  const number = getField(value, path);
  return typeof number === 'number' ? number : null;
}

/** A copy that has the field, and shares with the value what is not on the way to it. */
function withField(value: JsonObject, [level, ...below]: FieldPath, to: JsonObject): JsonObject {
  if (level === undefined) return to;
  const inner = Object.hasOwn(value, level) ? value[level] : undefined;
  return { ...value, [level]: withField(isJsonObject(inner) ? inner : {}, below, to) };
}
