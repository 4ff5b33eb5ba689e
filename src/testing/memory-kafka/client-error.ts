import { KafkaError } from '../../kafka/error.ts';

/** A call of a client, at which something can go wrong. */
export type ClientCall =
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
export type ClientFault = 'abortable' | 'fatal' | 'fenced' | 'retriable' | 'done' | 'undone' | 'stranger';

const FACTS: Readonly<
  Record<ClientFault, { code: number; message: string; retriable: boolean; fatal: boolean; requiresAbort: boolean }>
> = {
  abortable: { code: -148, message: 'scripted: abort', retriable: false, fatal: false, requiresAbort: true },
  fatal: { code: -150, message: 'scripted: fatal', retriable: false, fatal: true, requiresAbort: false },
  fenced: { code: -144, message: 'fenced by another producer', retriable: false, fatal: true, requiresAbort: false },
  retriable: { code: 27, message: 'scripted: again', retriable: true, fatal: false, requiresAbort: false },
  done: { code: -185, message: 'scripted: timed out, done', retriable: false, fatal: false, requiresAbort: false },
  stranger: { code: 25, message: 'unknown member', retriable: false, fatal: false, requiresAbort: false },
  undone: { code: -185, message: 'scripted: timed out, not done', retriable: false, fatal: false, requiresAbort: false },
};

/** The error that a client reports in such a case. */
export function clientError(fault: ClientFault, action: string): KafkaError {
  return new KafkaError(action, FACTS[fault]);
}
