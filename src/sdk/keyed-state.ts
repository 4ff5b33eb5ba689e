import type { ReadonlyJsonValue } from '../record/json.ts';

/** How long an entry of a state lives. */
export interface StateOptions {
  /**
   * In event time: an entry is forgotten when the watermark has come this far beyond what it was when the entry was set. A span with
   * its unit, such as `1h`; without it entries stay until they are deleted.
   */
  readonly ttl?: string;
}

export interface ListOptions extends StateOptions {
  /** The most items of a key, up to 100,000. */
  readonly max: number;
  /** What becomes of an item beyond: an error (the default), or the oldest item goes. */
  readonly whenFull?: 'error' | 'drop_oldest';
}

/** One value for each key. Values are JSON: what is set is copied, and what is got is frozen. */
export interface ValueState<T extends ReadonlyJsonValue = ReadonlyJsonValue> {
  get(key: string): T | undefined;
  set(key: string, value: T): void;
  delete(key: string): void;
}

/** Fields with values for each key. */
export interface MapState<T extends ReadonlyJsonValue = ReadonlyJsonValue> {
  get(key: string, field: string): T | undefined;
  set(key: string, field: string, value: T): void;
  /** Deletes a field, or without one all of them. */
  delete(key: string, field?: string): void;
  /** In the order of the fields' names, whatever order they were set in. */
  entries(key: string): readonly (readonly [field: string, value: T])[];
  size(key: string): number;
}

/** A list for each key. */
export interface ListState<T extends ReadonlyJsonValue = ReadonlyJsonValue> {
  /** Oldest first. */
  get(key: string): readonly T[];
  append(key: string, item: T): void;
  /** Deletes the whole list. */
  delete(key: string): void;
  size(key: string): number;
}

/**
 * What a processor remembers beyond a micro-batch, one part for each name, addressed by key. It belongs to the partition at work:
 * records with the same Kafka key meet the same state. Committed with the outputs and the offsets, and what a failed run has changed
 * is taken back.
 *
 *     const count = context.state.value<number>('count', { ttl: '1h' });
 *     count.set(key, (count.get(key) ?? 0) + 1);
 */
export interface KeyedState {
  value<T extends ReadonlyJsonValue>(name: string, options?: StateOptions): ValueState<T>;
  map<T extends ReadonlyJsonValue>(name: string, options?: StateOptions): MapState<T>;
  list<T extends ReadonlyJsonValue>(name: string, options: ListOptions): ListState<T>;
}

/** A timer that is due. */
export interface Timer {
  readonly key: string;
  readonly name: string;
  /** When it was due: event time or wall-clock time, in ms since 1970. */
  readonly time: number;
  readonly clock: 'event' | 'wall';
}

/**
 * Timers of keys, kept and committed like state. Each key has one timer of a name and clock: setting it again moves it. They come to
 * `onTimer` of the processor, those of event time between two records, so that micro-batches leave no trace.
 */
export interface Timers {
  /** Due when the watermark has come to `time`, in ms of event time since 1970. */
  at(key: string, time: number, name: string): void;
  /** Due when `ms` of wall-clock time have passed. A replay does not give the same. */
  after(key: string, ms: number, name: string): void;
  /** Deletes the timers of both clocks. */
  delete(key: string, name: string): void;
}
