import { errorTable } from './definition.ts';

/** Errors of Kafka and of its client. */
export const kafkaErrors = errorTable({
  KAFKA_UNREACHABLE: { message: 'connecting to Kafka at {brokers}: {reason}', domain: 'external', retry: 'backoff' },
});
