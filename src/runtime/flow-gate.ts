import type { TaskNode } from '../topology/types.ts';

/**
 * Holds writers back where Kafka itself cannot keep what they write: the embedded broker drops the oldest records of a
 * partition at 5 MB or 100,000 messages, so writers wait at half of that until their readers have committed.
 */
export interface FlowGate {
  /** Settles when the load may be written. It is measured only where it matters. */
  enter(measure: () => Load, signal: AbortSignal): Promise<void>;
  /** A reader has committed so many records of a topic. */
  left(reader: string, topic: string, records: number): void;
  /** Other tasks run from now on. */
  retask(tasks: readonly { readonly node: TaskNode }[]): void;
}

/** What is to be written, by topic. */
export type Load = ReadonlyMap<string, { readonly records: number; readonly bytes: number }>;

/** A real broker keeps what it is given. */
export const openGate: FlowGate = {
  enter: () => Promise.resolve(),
  left: () => {},
  retask: () => {},
};
