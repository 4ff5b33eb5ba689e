/**
 * Holds writers back where Kafka itself cannot keep what they write: the embedded broker drops the oldest records of a
 * partition at 5 MB or 100,000 messages, so writers wait at half of that until their readers have committed.
 */
export interface FlowGate {
  /** Settles when `records` more of `bytes` may be written to each of the topics. */
  enter(load: ReadonlyMap<string, { records: number; bytes: number }>, signal: AbortSignal): Promise<void>;
  /** A reader has committed so many records of a topic. */
  left(reader: string, topic: string, records: number): void;
}

/** A real broker keeps what it is given. */
export const openGate: FlowGate = {
  enter: () => Promise.resolve(),
  left: () => {},
};
