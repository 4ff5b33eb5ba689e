import type { JsonValue } from '../../record/json.ts';
import type { Shown, ShownFields } from './shown-fields.ts';

/** How bad an alert is: a word of the user's, or a number; null where a template had no value. */
export type Severity = string | number | boolean | null;

/** The condition holds, but not for long enough to raise an alert. Times are event times in ms. */
export interface Pending {
  readonly phase: 'pending';
  readonly started: number;
  readonly last: number;
  readonly count: number;
}

/** An alert that is raised and not resolved. */
export interface Open {
  readonly phase: 'open';
  /** The time of the first record that met the condition. */
  readonly started: number;
  readonly raised: number;
  /** The time of the last record that met it. */
  readonly last: number;
  /** Records that met it. */
  readonly count: number;
  /** When it was sent last. */
  readonly sent: number;
  readonly revision: number;
  /** How many of the escalations, in their order, are behind it. */
  readonly level: number;
  readonly severity: Severity;
  /** How many alerts were raised for the key at the same time before it. */
  readonly before: number;
  readonly shown: Shown;
}

/** An alert was raised and resolved at one time: remembered for so long that another of that time gets another id. */
export interface Over {
  readonly phase: 'over';
  readonly raised: number;
  readonly before: number;
}

export type AlertState = Pending | Open | Over;

/** A format: what the changelog holds of a key. */
export function encodeAlert(state: AlertState, fields: ShownFields): JsonValue {
  if (state.phase === 'pending') return ['p', state.started, state.last, state.count];
  if (state.phase === 'over') return ['x', state.raised, state.before];
  const { started, raised, last, count, sent, revision, level, severity, before, shown } = state;
  return ['o', started, raised, last, count, sent, revision, level, severity, before, fields.encode(shown)];
}

type Numbers = readonly [number, number, number, number, number, number, number];

export function decodeAlert(stored: JsonValue, fields: ShownFields): AlertState {
  const [phase, ...rest] = stored as [string, ...JsonValue[]];
  const [started, raised, last, count, sent, revision, level] = rest as unknown as Numbers;
  if (phase === 'p') return { phase: 'pending', started, last: raised, count: last };
  if (phase === 'x') return { phase: 'over', raised: started, before: raised };
  const [severity, before, shown] = rest.slice(7) as [Severity, number, JsonValue];
  return { phase: 'open', started, raised, last, count, sent, revision, level, severity, before, shown: fields.decode(shown) };
}
