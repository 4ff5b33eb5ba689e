import type { Logger } from '../sdk/logger.ts';
import { Code, factsOf } from './failures.ts';
import type { KafkaErrorFacts } from './types.ts';

/** Severities of syslog (RFC 5424), as librdkafka uses them. */
const ERROR = 3;
const WARNING = 4;
const NOTICE = 5;

/**
 * FAIL and ERROR repeat what comes as an error event, once for each attempt; CONFWARN is about our own properties; GETPID is
 * retried. What goes wrong in a transaction (ADDPARTS, TXNERR, FATAL) is the error of the call that waits for it, and a
 * producer that is fenced may be just what its owner expects.
 */
const REPEATED: ReadonlySet<string> = new Set(['FAIL', 'ERROR', 'CONFWARN', 'GETPID', 'ADDPARTS', 'TXNERR', 'FATAL']);

/** The part of node-rdkafka's clients that tells what goes on inside. */
interface Emitter {
  on(event: 'event.error', listener: (error: unknown) => void): unknown;
  on(event: 'event.log', listener: (entry: unknown) => void): unknown;
}

/**
 * Passes what librdkafka says about a client to the log, and one line for each change between reachable and not, however
 * often librdkafka tries meanwhile.
 */
export class ClientWatch {
  readonly #log: Logger;
  readonly #name: string;
  #reachable = true;

  constructor(client: Emitter, name: string, log: Logger, onError?: (facts: KafkaErrorFacts) => void) {
    this.#log = log;
    this.#name = name;
    client.on('event.error', (error) => {
      const facts = factsOf(error);
      this.#error(facts);
      onError?.(facts);
    });
    client.on('event.log', (entry) => this.#entry(entry));
  }

  /** Something has been heard from the brokers. */
  reached(): void {
    if (this.#reachable) return;
    this.#reachable = true;
    this.#log.info('Kafka can be reached again', { client: this.#name });
  }

  #error(facts: KafkaErrorFacts): void {
    const unreachable = facts.code === Code.allBrokersDown;
    const connection =
      unreachable || facts.code === Code.transport || facts.code === Code.resolve || facts.code === Code.timedOut;
    if (unreachable && this.#reachable) {
      this.#reachable = false;
      this.#log.warn('Kafka cannot be reached; waiting for it', { client: this.#name, reason: facts.message });
    } else if (facts.code === Code.fenced) {
      this.#log.debug('another producer took over the transactional id', { client: this.#name, reason: facts.message });
    } else if (connection) {
      this.#log.debug('a connection to Kafka failed', { client: this.#name, reason: facts.message });
    } else {
      this.#log.warn('Kafka client error', { client: this.#name, code: facts.code, reason: facts.message });
    }
  }

  #entry(entry: unknown): void {
    const { severity, fac, message } = entry as { severity: number; fac: string; message: string };
    const fields = { client: this.#name, facility: fac };
    const repeated = REPEATED.has(fac);
    if (repeated || severity > NOTICE) this.#log.debug(message, fields);
    else if (severity < ERROR) this.#log.error(message, fields);
    else if (severity <= WARNING) this.#log.warn(message, fields);
    else this.#log.info(message, fields);
  }
}
