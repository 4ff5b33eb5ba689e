import type { ConsumerOptions, KafkaConnection, ProducerOptions } from './types.ts';

type Properties = Record<string, string | number | boolean>;

/** One fetch, unless the settings say otherwise. */
const FETCH_BYTES = 1024 * 1024;
/** What librdkafka takes for `message.max.bytes` and `receive.message.max.bytes` where they are not set. */
const MESSAGE_BYTES = 1_000_000;
const RECEIVE_BYTES = 100_000_000;
/** What librdkafka wants to be free for the frame of an answer. */
const FRAME_BYTES = 512;

const CONSUMER_QUEUE_BYTES = 8 * 1024 * 1024;
const PRODUCER_QUEUE_KBYTES = 32 * 1024;
const PRODUCER_QUEUE_MESSAGES = 100_000;
const TRANSACTION_TIMEOUT_MS = 10_000;
const SESSION_TIMEOUT_MS = 10_000;
/** How often a member tells its group that it is alive, where the session is not too short for that. */
const HEARTBEAT_MS = 1_000;

/**
 * Where a group's coordinator dies while offsets are to be added to a transaction, librdkafka (2.12) asks for its successor; told
 * once more of the dead one, it asks again only when some connection of this client opens or closes, else never, and
 * `sendOffsetsToTransaction` hangs without regard to its timeout. Closing what is idle makes sure that something happens.
 * librdkafka counts a request without an answer as idle too, and closes up to 2 s early: so it is longer than it takes to elect
 * new leaders and coordinators.
 */
const IDLE_CONNECTION_MS = 10_000;

/** How long an idempotent producer goes on trying to deliver a record before it reports the failure. */
const DELIVERY_TIMEOUT_MS = 120_000;

/** The properties that every client has. The user's come first: what Millrace itself sets wins. */
export function commonProperties(connection: KafkaConnection): Properties {
  return {
    // A topic created while clients run is found within this time.
    'topic.metadata.refresh.interval.ms': 15_000,
    'reconnect.backoff.max.ms': 2_000,
    'socket.keepalive.enable': true,
    ...connection.options,
    'metadata.broker.list': connection.brokers,
    'client.id': connection.clientId,
    'log.connection.close': false,
  };
}

/**
 * Properties of a consumer. Fetches are small and the queue is short, but librdkafka looks at it again after 10 ms instead of
 * its 1 s: that measured 162 MB at over a million records a second, where the defaults took 460 MB.
 */
export function consumerProperties(connection: KafkaConnection, options: ConsumerOptions): Properties {
  const sessionTimeoutMs = options.sessionTimeoutMs ?? SESSION_TIMEOUT_MS;
  return {
    'fetch.message.max.bytes': 128 * 1024,
    'fetch.wait.max.ms': 500,
    'fetch.queue.backoff.ms': 10,
    ...commonProperties(connection),
    ...fetchLimits(connection.options),
    // librdkafka wants a group's name even where partitions are assigned by hand; this one is never joined.
    'group.id': options.groupId ?? `${connection.clientId}.unjoined`,
    'group.protocol': 'classic',
    'partition.assignment.strategy': options.strategy ?? 'cooperative-sticky',
    'isolation.level': options.isolation ?? 'read_committed',
    'session.timeout.ms': sessionTimeoutMs,
    'heartbeat.interval.ms': Math.min(HEARTBEAT_MS, Math.floor(sessionTimeoutMs / 4)),
    'max.poll.interval.ms': Math.max(options.maxPollIntervalMs ?? 300_000, sessionTimeoutMs),
    'queued.max.messages.kbytes': Math.max(1, Math.floor((options.queueBytes ?? CONSUMER_QUEUE_BYTES) / 1024)),
    'enable.auto.commit': false,
    'enable.auto.offset.store': false,
    'enable.partition.eof': true,
    'check.crcs': true,
  };
}

/**
 * The limits of a consumer's fetches: librdkafka makes no consumer whose limits do not contain each other. What the settings say of
 * `message.max.bytes` is what producers may send; a fetch need not hold that much, since a broker answers with the first batch
 * however large it is (KIP-74). But the answer has to be received: refused for its size, it would come again for ever.
 */
function fetchLimits(options: KafkaConnection['options']): Properties {
  const sent = Number(options['message.max.bytes'] ?? MESSAGE_BYTES);
  const fetch = Number(options['fetch.max.bytes'] ?? FETCH_BYTES);
  const receive = Number(options['receive.message.max.bytes'] ?? RECEIVE_BYTES);
  return {
    'message.max.bytes': Math.min(sent, fetch),
    'fetch.max.bytes': fetch,
    'receive.message.max.bytes': Math.max(receive, Math.max(sent, fetch) + FRAME_BYTES),
  };
}

/** A consumer's properties of topics. Where to start is always said with the assignment: anything else is an error. */
export const consumerTopicProperties = { 'auto.offset.reset': 'error' } as const;

export function producerProperties(connection: KafkaConnection, options: ProducerOptions): Properties {
  const transactionTimeout = options.transactionTimeoutMs ?? TRANSACTION_TIMEOUT_MS;
  return {
    // What a topic takes is the topic's own matter; the size of batches is bounded by batch.size.
    'message.max.bytes': 100_000_000,
    ...(options.transactionalId === undefined ? {} : { 'connections.max.idle.ms': IDLE_CONNECTION_MS }),
    ...commonProperties(connection),
    'enable.idempotence': true,
    'retry.backoff.ms': 10,
    'linger.ms': options.lingerMs ?? 5,
    'compression.codec': options.compression ?? 'lz4',
    'queue.buffering.max.messages': options.queueMessages ?? PRODUCER_QUEUE_MESSAGES,
    'queue.buffering.max.kbytes': options.queueKbytes ?? PRODUCER_QUEUE_KBYTES,
    'delivery.report.only.error': true,
    ...(options.transactionalId === undefined
      ? {}
      : { 'transactional.id': options.transactionalId, 'transaction.timeout.ms': transactionTimeout }),
  };
}

/** A producer's properties of topics. librdkafka's own partitioner is not Java's; this one is, with random for no key. */
export function producerTopicProperties(options: ProducerOptions): Properties {
  const transactionTimeout = options.transactionTimeoutMs ?? TRANSACTION_TIMEOUT_MS;
  return {
    'request.required.acks': -1,
    partitioner: 'murmur2_random',
    // Below the transaction's timeout, so that the client gives up before the broker does.
    'message.timeout.ms': options.transactionalId === undefined ? DELIVERY_TIMEOUT_MS : Math.max(1000, transactionTimeout - 1000),
  };
}
