import type { JsonValue } from '../../record/json.ts';
import type { Accumulators, Aggregation } from '../../sdk/aggregation.ts';

/** What is gathered for one group in one window. */
export interface Entry {
  accumulators: Accumulators;
  /** The number of its last result; 0: there was none. */
  revision: number;
  /** Whether a result stands: one was emitted, and not taken back since. */
  stands: boolean;
  /** Whether it has changed since its last result. */
  dirty: boolean;
  /** Whether the changelog has it. */
  stored: boolean;
  /** The micro-batch that changed it last. */
  epoch: number;
}

const STANDS = 1;
const DIRTY = 2;

export function newEntry(aggregation: Aggregation, epoch: number): Entry {
  return { accumulators: aggregation.create(), revision: 0, stands: false, dirty: false, stored: false, epoch };
}

export function copyOfEntry(aggregation: Aggregation, entry: Entry): Entry {
  return { ...entry, accumulators: aggregation.clone(entry.accumulators) };
}

/** Makes the entry what it was when `before` was copied of it. */
export function revertEntry(entry: Entry, before: Entry): void {
  Object.assign(entry, before);
  entry.epoch = -1;
}

/** An entry in its stored form: its accumulators, revision and flags. A format. */
export function encodeEntry(aggregation: Aggregation, { accumulators, revision, stands, dirty }: Entry): JsonValue[] {
  return [aggregation.encode(accumulators), revision, (stands ? STANDS : 0) + (dirty ? DIRTY : 0)];
}

export function decodeEntry(aggregation: Aggregation, stored: readonly JsonValue[]): Entry {
  const [accumulators, revision, flags] = stored as [JsonValue, number, number];
  const [stands, dirty] = [(flags & STANDS) !== 0, (flags & DIRTY) !== 0];
  return { accumulators: aggregation.decode(accumulators), revision, stands, dirty, stored: true, epoch: -1 };
}
