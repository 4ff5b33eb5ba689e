import { window } from '../steps/window.ts';
import type { Aggregate } from './aggregates.ts';
import type { TimeOptions } from './operate.ts';
import type { Selector } from './options.ts';
import { type RecordOperator, stepOperator } from './step-operator.ts';

/** What all windows have in common; see the step `window`. */
export interface WindowOptions extends TimeOptions {
  /** By what records are grouped: paths, or names with what they stand for. Without it all records are one group. */
  readonly by?: readonly string[] | Readonly<Record<string, Selector>>;
  /** What is computed of each group: expressions over aggregates, or `aggregate.sum(...)`. */
  readonly compute: Readonly<Record<string, string | Aggregate>>;
  /** An expression over the result: others are not emitted. */
  readonly having?: string;
  /** For how long after its end a window takes late records, such as `1m`. */
  readonly keep?: string;
  /** `update`: also with each record. */
  readonly emit?: 'close' | 'update';
  readonly maxGroups?: number;
}

/**
 * Windows of one size, one after the other. Results come when the watermark has passed their end, and those of open windows, as
 * `pane: early`, when the input completes.
 *
 *     records.pipe(tumbling({ size: '10s', by: ['url.path'], compute: { errors: 'count()', bytes: aggregate.sum('bytes') } }))
 */
export function tumbling({
  size,
  offset,
  ...rest
}: WindowOptions & { readonly size: string; readonly offset?: string }): RecordOperator {
  return windows({ tumbling: { size, offset } }, rest);
}

/**
 * Windows of one size that begin `every` so often.
 *
 *     records.pipe(hopping({ size: '1h', every: '5m', by: { user: (record) => record.key }, compute: { logins: 'count()' } }))
 */
export function hopping({
  size,
  every,
  offset,
  ...rest
}: WindowOptions & { readonly size: string; readonly every: string; readonly offset?: string }): RecordOperator {
  return windows({ hopping: { size, every, offset } }, rest);
}

/**
 * Records of a group that are at most `gap` apart.
 *
 *     records.pipe(session({ gap: '30m', by: ['$key'], compute: { pages: 'count()' } }))
 */
export function session({ gap, ...rest }: WindowOptions & { readonly gap: string }): RecordOperator {
  return windows({ session: { gap } }, rest);
}

/**
 * For each record the window that ends with it, and the one that begins just after it.
 *
 *     records.pipe(sliding({ size: '5s', by: ['card'], compute: { payments: 'count()' } }))
 */
export function sliding({ size, ...rest }: WindowOptions & { readonly size: string }): RecordOperator {
  return windows({ sliding: { size } }, rest);
}

/**
 * Hours, days, weeks, months, quarters or years of a time zone.
 *
 *     records.pipe(calendar({ unit: 'day', zone: 'Europe/Berlin', compute: { orders: 'count()' } }))
 */
export function calendar({
  unit,
  zone,
  weekStart,
  ...rest
}: WindowOptions & {
  readonly unit: 'hour' | 'day' | 'week' | 'month' | 'quarter' | 'year';
  readonly zone?: string;
  readonly weekStart?: string;
}): RecordOperator {
  return windows({ calendar: { unit, zone, week_start: weekStart } }, rest);
}

function windows(kind: object, { by, compute, having, keep, emit, maxGroups, ...time }: WindowOptions): RecordOperator {
  const options = { ...kind, by, compute, having, keep, emit, max_groups: maxGroups };
  return stepOperator(window, options, { ...time, everyRecord: emit === 'update' });
}
