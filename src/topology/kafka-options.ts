/** What users may set of librdkafka's properties: sizes, times and addresses that don't touch what Millrace promises. */
const ALLOWED: ReadonlySet<string> = new Set([
  'allow.auto.create.topics',
  'api.version.fallback.ms',
  'api.version.request',
  'api.version.request.timeout.ms',
  'batch.num.messages',
  'batch.size',
  'broker.address.family',
  'broker.address.ttl',
  'broker.version.fallback',
  'client.dns.lookup',
  'client.rack',
  'compression.level',
  'connections.max.idle.ms',
  'coordinator.query.interval.ms',
  'debug',
  'enable.metrics.push',
  'enable.random.seed',
  'fetch.error.backoff.ms',
  'fetch.max.bytes',
  'fetch.message.max.bytes',
  'fetch.min.bytes',
  'fetch.queue.backoff.ms',
  'fetch.wait.max.ms',
  'log_level',
  'max.in.flight.requests.per.connection',
  'max.partition.fetch.bytes',
  'message.max.bytes',
  'metadata.max.age.ms',
  'metadata.recovery.rebootstrap.trigger.ms',
  'metadata.recovery.strategy',
  'queued.min.messages',
  'receive.message.max.bytes',
  'reconnect.backoff.max.ms',
  'reconnect.backoff.ms',
  'request.timeout.ms',
  'retry.backoff.max.ms',
  'socket.connection.setup.timeout.ms',
  'socket.keepalive.enable',
  'socket.max.fails',
  'socket.nagle.disable',
  'socket.receive.buffer.bytes',
  'socket.send.buffer.bytes',
  'socket.timeout.ms',
  'ssl.cipher.suites',
  'ssl.crl.location',
  'ssl.curves.list',
  'ssl.keystore.location',
  'ssl.keystore.password',
  'ssl.sigalgs.list',
  'sticky.partitioning.linger.ms',
  'topic.metadata.propagation.max.ms',
  'topic.metadata.refresh.fast.interval.ms',
  'topic.metadata.refresh.interval.ms',
  'topic.metadata.refresh.sparse',
]);

/** Refused with a reason of their own, tried in order. */
const REFUSED: readonly { readonly names: RegExp; readonly reason: string }[] = [
  {
    names: /^(plugin\.library\.paths|ssl\.engine\.|ssl\.providers$|ssl_engine)/,
    reason: 'it would load a library into this process',
  },
  { names: /^sasl\.kerberos\./, reason: 'it would run a shell command' },
  { names: /\.url$|^sasl\.oauthbearer\./, reason: 'it would make the client fetch from a URL' },
  { names: /_cb$|^opaque$/, reason: "callbacks are Millrace's own" },
  {
    names: /^(enable\.ssl\.certificate\.verification|ssl\.endpoint\.identification\.algorithm)$/,
    reason: 'certificates and host names are always verified',
  },
  {
    names: /^(security\.protocol|sasl\.(mechanisms?|username|password)|ssl\.(ca|certificate|key)\.?(location|pem|password)?)$/,
    reason: 'set it under kafka.security',
  },
  { names: /^(metadata\.broker\.list|bootstrap\.servers)$/, reason: 'set it as kafka.brokers' },
  {
    names:
      /^(client\.id|group\..*|partition\.assignment\.strategy|isolation\.level|session\.timeout\.ms|heartbeat\.interval\.ms|max\.poll\.interval\.ms|enable\.(auto\.commit|auto\.offset\.store|partition\.eof|idempotence|gapless\.guarantee)|auto\.(commit\.interval\.ms|offset\.reset)|check\.crcs|queued\.max\.messages\.kbytes|retries|message\.send\.max\.retries|retry\.backoff\.ms|linger\.ms|queue\.buffering\..*|compression\.(codec|type)|delivery\.(report\.only\.error|timeout\.ms)|transactional\.id|transaction\.timeout\.ms|message\.timeout\.ms|acks|request\.required\.acks|partitioner|log\.connection\.close|test\.mock\..*)$/,
    reason: 'Millrace sets it itself',
  },
];

/** The entries of `options` (librdkafka properties from a settings file) that are refused, each with its reason. */
export function checkKafkaOptions(
  options: Readonly<Record<string, string | number | boolean>>,
): { key: string; reason: string }[] {
  return Object.keys(options)
    .filter((key) => !ALLOWED.has(key))
    .map((key) => ({
      key,
      reason: REFUSED.find(({ names }) => names.test(key))?.reason ?? 'it is not on the list of options that may be set',
    }));
}
