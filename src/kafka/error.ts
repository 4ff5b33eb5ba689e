import { ownField } from '../errors/index.ts';
import type { KafkaErrorFacts } from './types.ts';

const BRAND = Symbol.for('millrace.kafka-error');

/** A failure of the Kafka client, with what the caller must do about it. */
export class KafkaError extends Error implements KafkaErrorFacts {
  readonly code: number;
  /** What went wrong, without what was being done. */
  readonly reason: string;
  /** The same call may be tried again as it is. */
  readonly retriable: boolean;
  /** The client is of no more use: destroy it and create another. */
  readonly fatal: boolean;
  /** The transaction must be aborted, the input rewound, and another begun. */
  readonly requiresAbort: boolean;
  readonly [BRAND] = true;

  /** `action` in gerund: "committing the transaction of access.parse". */
  constructor(action: string, facts: KafkaErrorFacts) {
    super(`${action}: ${facts.message} (Kafka code ${facts.code})`);
    this.name = 'KafkaError';
    this.code = facts.code;
    this.reason = facts.message;
    this.retriable = facts.retriable;
    this.fatal = facts.fatal;
    this.requiresAbort = facts.requiresAbort;
  }
}

export function isKafkaError(error: unknown): error is KafkaError {
  return ownField(error, BRAND) === true;
}
