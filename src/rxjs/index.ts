/** Windows, joins and keyed state as RxJS operators over records. */

export type { Aggregate } from './aggregates.ts';
export * as aggregate from './aggregates.ts';
export { type DeduplicateOptions, deduplicate, type IntervalJoinOptions, intervalJoin } from './joins.ts';
export { type KeyedStateOptions, keyedState } from './keyed-state.ts';
export type { TimeOptions } from './operate.ts';
export type { Selector } from './options.ts';
export type { RecordOperator } from './step-operator.ts';
export { calendar, hopping, session, sliding, tumbling, type WindowOptions } from './windows.ts';
