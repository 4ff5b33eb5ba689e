import { KafkaError } from '../../src/kafka/error.ts';

/** A call at which something can go wrong. */
export type FakePoint =
  | 'connect'
  | 'read'
  | 'seek'
  | 'committed'
  | 'commit'
  | 'close'
  | 'init'
  | 'begin'
  | 'write'
  | 'sendOffsets'
  | 'commitTransaction'
  | 'abortTransaction'
  | 'flush'
  | 'watermarks';

/**
 * How a call ends. `abortable`, `fatal`, `retriable`: it fails before it has any effect. `done`: it takes effect, and then an
 * error of which nobody can tell is reported. `undone`: the same without effect. `stranger`: the group has members, of which this is none.
 */
export type FakeFault = 'abortable' | 'fatal' | 'fenced' | 'retriable' | 'done' | 'undone' | 'stranger';

/** Decides how a call ends; may be slow. `by` is the transactional id, or the group. */
export type FakeScript = (point: FakePoint, by: string) => FakeFault | undefined | Promise<FakeFault | undefined>;

const FACTS: Readonly<
  Record<FakeFault, { code: number; message: string; retriable: boolean; fatal: boolean; requiresAbort: boolean }>
> = {
  abortable: { code: -148, message: 'scripted: abort', retriable: false, fatal: false, requiresAbort: true },
  fatal: { code: -150, message: 'scripted: fatal', retriable: false, fatal: true, requiresAbort: false },
  fenced: { code: -144, message: 'fenced by another producer', retriable: false, fatal: true, requiresAbort: false },
  retriable: { code: 27, message: 'scripted: again', retriable: true, fatal: false, requiresAbort: false },
  done: { code: -185, message: 'scripted: timed out, done', retriable: false, fatal: false, requiresAbort: false },
  stranger: { code: 25, message: 'unknown member', retriable: false, fatal: false, requiresAbort: false },
  undone: { code: -185, message: 'scripted: timed out, not done', retriable: false, fatal: false, requiresAbort: false },
};

export function fakeError(fault: FakeFault, action: string): KafkaError {
  return new KafkaError(action, FACTS[fault]);
}
