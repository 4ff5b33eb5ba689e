import { errorTable } from './definition.ts';

/** Errors of Kafka and of its client. */
export const kafkaErrors = errorTable({
  KAFKA_UNREACHABLE: {
    message: 'connecting to Kafka at {brokers}: {reason}; check that it runs, and the settings kafka.brokers and kafka.security',
    domain: 'external',
    retry: 'backoff',
  },
  KAFKA_NATIVE_UNAVAILABLE: {
    message:
      'loading the native batch addon, which kafka.batches asks for: {reason}; run "npm run prepare", or set kafka.batches to auto',
    domain: 'user',
    retry: 'never',
  },
});
