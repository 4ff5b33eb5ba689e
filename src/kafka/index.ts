import { MillraceError } from '../errors/index.ts';
import type { Clock } from '../sdk/clock.ts';
import type { Logger } from '../sdk/logger.ts';
import { RdkafkaAdmin } from './admin.ts';
import { RdkafkaConsumer } from './consumer.ts';
import type { ClientContext } from './context.ts';
import { loadNative } from './native.ts';
import { RdkafkaProducer } from './producer.ts';
import type { Kafka, KafkaConnection } from './types.ts';

export interface KafkaOptions {
  /** `auto`: natively where the addon can be used. `native` makes it an error where it can't. */
  readonly batches: 'auto' | 'native' | 'fallback';
  readonly log: Logger;
  readonly clock: Clock;
}

/** Makes the clients of one cluster. Nothing connects before one of them is told to. */
export function createKafka(connection: KafkaConnection, options: KafkaOptions): Kafka {
  const { batches, log, clock } = options;
  const loaded = batches === 'fallback' ? { reason: 'kafka.batches is fallback' } : loadNative();
  const native = 'addon' in loaded ? loaded.addon : undefined;
  if (batches === 'native' && 'reason' in loaded) throw new MillraceError('KAFKA_NATIVE_UNAVAILABLE', { reason: loaded.reason });
  const context: ClientContext = { connection, log, clock, native };
  return {
    path: native === undefined ? 'fallback' : 'native',
    ...('reason' in loaded ? { fallbackReason: loaded.reason } : {}),
    consumer: (consumerOptions) => new RdkafkaConsumer(context, consumerOptions),
    producer: (producerOptions) => new RdkafkaProducer(context, producerOptions),
    admin: () => new RdkafkaAdmin(context),
  };
}
