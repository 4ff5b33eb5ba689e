import { createRequire } from 'node:module';
import rdkafka from 'node-rdkafka';
import { KafkaError } from './error.ts';
import type { KafkaErrorFacts } from './types.ts';

/** Codes that the layer itself decides by; librdkafka's are negative. */
export const Code = {
  none: 0,
  unknown: -1,
  unknownTopicOrPartition: 3,
  leaderNotAvailable: 5,
  topicExists: 36,
  unstableOffsets: 88,
  fatal: -150,
  fenced: -144,
  maxPollExceeded: -147,
  wrongState: -172,
  revokePartitions: -174,
  assignPartitions: -175,
  queueFull: -184,
  timedOut: -185,
  allBrokersDown: -187,
  unknownPartition: -190,
  endOfPartition: -191,
  resolve: -193,
  transport: -195,
} as const;

/** Where librdkafka gives no flag: errors that pass by themselves (a broker restarting, a leader moving, a coordinator loading). */
const RETRIABLE: ReadonlySet<number> = new Set([
  Code.timedOut,
  Code.transport,
  Code.allBrokersDown,
  Code.resolve,
  Code.unstableOffsets,
  // Waiting for a coordinator, a cache, a retry; previous operation in progress.
  -180,
  -164,
  -153,
  -177,
  // Broker side: leader not available, not leader, timed out, broker or replica not available, network, coordinator loading, not
  // available or moved, not enough replicas (before and after append), rebalance in progress, storage error, concurrent transactions.
  5,
  6,
  7,
  8,
  9,
  13,
  14,
  15,
  16,
  19,
  20,
  27,
  41,
  51,
  56,
]);

/** Without a flag: the client is done for. */
const FATAL: ReadonlySet<number> = new Set([Code.fatal, Code.fenced]);

const err2str = (createRequire(import.meta.url)('node-rdkafka/librdkafka.js') as { err2str(code: number): string }).err2str;

/** Kafka's name of an error code in plain words. */
export function describeCode(code: number): string {
  return err2str(code).replace(/^(Local|Broker): /, '');
}

let codesByText: Map<string, number> | undefined;

/**
 * The code behind an error of which node-rdkafka passes on the text only (delivery reports and error events), which it also
 * puts into lower case.
 */
function codeOfText(text: string): number {
  if (codesByText === undefined) {
    codesByText = new Map();
    for (const code of Object.values(rdkafka.CODES.ERRORS)) {
      if (typeof code === 'number') codesByText.set(describeCode(code).toLowerCase(), code);
    }
  }
  return codesByText.get(text.toLowerCase()) ?? Code.unknown;
}

interface LooseError {
  code?: unknown;
  message?: unknown;
  isFatal?: unknown;
  isRetriable?: unknown;
  isTxnRequiresAbort?: unknown;
}

/** The facts of whatever node-rdkafka or the addon threw or passed: a code, a plain object, an Error. */
export function factsOf(error: unknown): KafkaErrorFacts {
  if (typeof error === 'number') return factsOfCode(error, describeCode(error));
  const loose: LooseError = typeof error === 'object' && error !== null ? error : { message: String(error) };
  const message = typeof loose.message === 'string' && loose.message !== '' ? loose.message : undefined;
  const given = typeof loose.code === 'number' ? loose.code : Code.unknown;
  const code = given === Code.unknown && message !== undefined ? codeOfText(message.replace(/^(Local|Broker): /, '')) : given;
  const byCode = factsOfCode(code, message ?? describeCode(code));
  return {
    ...byCode,
    retriable: typeof loose.isRetriable === 'boolean' ? loose.isRetriable : byCode.retriable,
    fatal: typeof loose.isFatal === 'boolean' ? loose.isFatal : byCode.fatal,
    requiresAbort: loose.isTxnRequiresAbort === true,
  };
}

function factsOfCode(code: number, message: string): KafkaErrorFacts {
  return { code, message, retriable: RETRIABLE.has(code), fatal: FATAL.has(code), requiresAbort: false };
}

/** A {@link KafkaError} from any failure; `action` in gerund. */
export function kafkaError(action: string, error: unknown): KafkaError {
  return error instanceof KafkaError ? error : new KafkaError(action, factsOf(error));
}

/** A failure that the layer itself finds: the call makes no sense now. */
export function misuse(action: string, message: string): KafkaError {
  return new KafkaError(action, { code: Code.wrongState, message, retriable: false, fatal: false, requiresAbort: false });
}

/** Runs a call that answers by a callback; its failure becomes a {@link KafkaError}. */
export function called<T>(action: string, start: (done: (error: unknown, value?: T) => void) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    try {
      start((error, value) => {
        if (error) reject(kafkaError(action, error));
        else resolve(value as T);
      });
    } catch (error) {
      reject(kafkaError(action, error));
    }
  });
}

/** Runs a call that answers at once; its failure becomes a {@link KafkaError}. */
export function attempted<T>(action: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    throw kafkaError(action, error);
  }
}
