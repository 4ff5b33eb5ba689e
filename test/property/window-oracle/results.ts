import type { JsonObject } from '../../../src/record/json.ts';
import { COMPUTE, type Figures } from './aggregate.ts';
import type { Emission } from './operator-run.ts';
import { nameOf } from './windows.ts';

/** A committed record: a result, or that what had an id before is void. */
export interface Outcome {
  readonly id: string;
  readonly version: number;
  readonly time: number;
  readonly result?: Result;
}

/** A result, as far as it is compared. */
export interface Result {
  readonly key: string | null;
  readonly start: number;
  readonly end: number;
  readonly pane: string;
  readonly revision: number;
  readonly figures: Figures;
}

export function outcomeOf({ key, value, time, headers }: Emission): Outcome {
  const id = headers['millrace.id'] ?? '';
  const version = Number(headers['millrace.version']);
  if (value === null) return { id, version, time };
  const window = value['window'] as JsonObject;
  const [start, end] = [Date.parse(String(window['start'])), Date.parse(String(window['end']))];
  const figures = Object.fromEntries(Object.keys(COMPUTE).map((name) => [name, value[name]])) as unknown as Figures;
  const { pane, revision, k } = value as { pane: string; revision: number; k: string };
  if (k !== key) throw new Error(`the group ${k} under the key ${key}`);
  if (Date.parse(String(value['@timestamp'])) !== time) throw new Error(`@timestamp ${value['@timestamp']} at ${time}`);
  return { id, version, time, result: { key, start, end, pane, revision, figures } };
}

/** An outcome that is a result. */
export type Standing = Outcome & { readonly result: Result };

/** What remains at the end: the last outcome of each id, if that is a result, by the group and window. */
export function lastResults(outcomes: readonly Outcome[]): Map<string, Standing> {
  const last = new Map(outcomes.map((outcome) => [outcome.id, outcome]));
  const standing = [...last.values()].filter((outcome) => outcome.result !== undefined) as Standing[];
  return new Map(standing.map((outcome) => [nameOf(outcome.result.key ?? '', outcome.result), outcome]));
}
