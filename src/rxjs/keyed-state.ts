import { Observable } from 'rxjs';
import type { ReadonlyJsonValue } from '../record/json.ts';
import type { ProcessorRecord } from '../sdk/processor-record.ts';
import { ProcessorState } from '../stream/state/processor-state.ts';
import { millisOf } from './span.ts';
import type { RecordOperator } from './step-operator.ts';

const MAX_KEYS = 1_000_000;
const SETTLE_EVERY = 256;
const NOWHERE = { put: () => undefined, remove: () => undefined };

export interface KeyedStateOptions<State extends ReadonlyJsonValue> {
  /** Without it the Kafka key. Records for which it is null go by. */
  readonly by?: (record: ProcessorRecord) => string | null;
  /** Called for each record with what is kept of its key: `undefined` for nothing. Gives what is kept from now on, and what is emitted. */
  readonly update: (
    state: State | undefined,
    record: ProcessorRecord,
  ) => { readonly state?: State | undefined; readonly emit?: readonly ProcessorRecord[] };
  /** A key is forgotten when event time has gone on by this since it was updated last. */
  readonly ttl?: string;
  /** As of windows: how much event time stays behind the latest record. */
  readonly wait?: string;
  /** The most keys kept; one more is an error of the Observable. */
  readonly maxKeys?: number;
}

/**
 * Keeps something of each key, in memory: `scan` by key, with an end of life.
 *
 *     records.pipe(
 *       keyedState<number>({
 *         update: (seen = 0, record) => ({ state: seen + 1, emit: seen === 0 ? [record] : [] }),
 *         ttl: '1h',
 *       }),
 *     )
 */
export function keyedState<State extends ReadonlyJsonValue>(options: KeyedStateOptions<State>): RecordOperator {
  const { by = ({ key }) => key, update, ttl, wait = '0s', maxKeys = MAX_KEYS } = options;
  const waitMs = millisOf('wait', wait);
  if (ttl !== undefined) millisOf('ttl', ttl);
  return (records) =>
    new Observable((subscriber) => {
      const held = new ProcessorState(maxKeys);
      const { state } = held.views(
        () => {},
        () => 0,
        () => false,
      );
      const values = state.value<State>('state', ttl === undefined ? {} : { ttl });
      let sinceSettled = 0;
      const next = (record: ProcessorRecord): void => {
        const key = by(record);
        if (key === null) {
          subscriber.next(record);
          return;
        }
        held.turnTo(record.time - waitMs - 1);
        held.store.expire(held.watermark);
        const { state: kept, emit = [] } = update(values.get(key), record);
        if (kept === undefined) values.delete(key);
        else values.set(key, kept);
        for (const output of emit) subscriber.next(output);
        sinceSettled += 1;
        if (sinceSettled < SETTLE_EVERY) return;
        sinceSettled = 0;
        held.flush(NOWHERE);
        held.commit();
      };
      return records.subscribe({
        next: (record) => {
          try {
            next(record);
          } catch (error) {
            subscriber.error(error);
          }
        },
        error: (error) => subscriber.error(error),
        complete: () => subscriber.complete(),
      });
    });
}
