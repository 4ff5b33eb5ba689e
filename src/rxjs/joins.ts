import type { Observable } from 'rxjs';
import type { ProcessorRecord } from '../sdk/processor-record.ts';
import { deduplicate as deduplicateStep } from '../steps/deduplicate.ts';
import { join } from '../steps/join.ts';
import type { TimeOptions } from './operate.ts';
import type { Selector } from './options.ts';
import { type RecordOperator, stepOperator } from './step-operator.ts';

export interface IntervalJoinOptions extends TimeOptions {
  /** The join key: the same of both sides, or one of each. */
  readonly on: Selector | { readonly left: Selector; readonly right: Selector };
  /** How far apart in event time two records may be: to either side, or how much older and younger the right one may be. */
  readonly within: string | { readonly before: string; readonly after: string };
  /** What is a result: pairs (the default), also left records that met none, or those of both sides. */
  readonly type?: 'inner' | 'left' | 'outer';
  /** The field that the right record's value is put in. */
  readonly as: string;
  /** The most records kept, of both sides together. */
  readonly maxRecords?: number;
}

/**
 * Joins records with those of another Observable that are near enough in event time; see the step `join`.
 *
 *     orders.pipe(intervalJoin(payments, { on: 'order.id', within: '10m', type: 'left', as: 'payment' }))
 */
export function intervalJoin(
  right: Observable<ProcessorRecord>,
  { on, within, type, as, maxRecords, ...time }: IntervalJoinOptions,
): RecordOperator {
  return stepOperator(join, { with: 'right', on, within, type, as, max_records: maxRecords }, { ...time, joined: right });
}

export interface DeduplicateOptions extends TimeOptions {
  /** What duplicates have in common; without it the whole value. */
  readonly by?: readonly string[] | Readonly<Record<string, Selector>>;
  /** How far in event time a duplicate may be from the record that was let through. */
  readonly within: string;
  readonly maxKeys?: number;
}

/**
 * Lets the first record of each key within a time go on; see the step `deduplicate`.
 *
 *     records.pipe(deduplicate({ by: ['order.id'], within: '10m' }))
 */
export function deduplicate({ by, within, maxKeys, ...time }: DeduplicateOptions): RecordOperator {
  return stepOperator(deduplicateStep, { by, within, max_keys: maxKeys }, time);
}
