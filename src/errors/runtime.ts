import { errorTable } from './definition.ts';

/** Errors of running tasks. */
export const runtimeErrors = errorTable({
  RUNTIME_INTERNAL: { message: '{reason} (this is a bug in Millrace; please report it)', domain: 'internal', retry: 'backoff' },
  OFFSET_OUT_OF_RANGE: {
    message:
      'reading {topic} partition {partition} for the group {group}: the committed offset is no longer there (retention, or the topic was made anew); ' +
      'choose where to go on: `millrace reset {file} --task {task} --to beginning` (or end), with the --profile of this run',
    domain: 'user',
    retry: 'never',
  },
  KAFKA_CLIENT_FAILED: {
    message: 'reading for the group {group}: {reason}; the task starts again',
    domain: 'external',
    retry: 'backoff',
  },
  SINK_SAYS_NOTHING: {
    message: 'delivering: the destination said nothing of {records} records, so they are sent again',
    domain: 'external',
    retry: 'backoff',
  },
  PARTITIONS_LOST: {
    message:
      'committing for the group {group}: the group took this process for dead and has given its partitions away; what was not committed is left to their new owner',
    domain: 'external',
    retry: 'backoff',
  },
  TOPIC_MISSING: {
    message: 'the external topic {topic} does not exist; create it, or declare it without `external: true`',
    domain: 'user',
    retry: 'backoff',
  },
  TOPIC_NOT_MADE: {
    message:
      'the topic {topic} of {pipeline} is not made yet: it gets its number of partitions from the topics that feed it, and of these {missing} does not exist; create that, or declare it without `external: true`',
    domain: 'user',
    retry: 'backoff',
  },
  TOPIC_NOT_FOUND: {
    message:
      "starting a task of {pipeline}: the brokers do not show the topic {topic}, which Millrace has made; it is looked for and made again. Where that does not help, let this user's ACLs create and describe what begins with the namespace",
    domain: 'external',
    retry: 'backoff',
  },
  SOURCE_FENCED: {
    message:
      'another process runs the source {source} for the host name {host}; this one stops (give each host its own name by the setting `host`)',
    domain: 'user',
    retry: 'never',
  },
  RECORD_FAILED: {
    message:
      'step {step} of {component} failed on {topic} partition {partition} offset {offset}: {reason} (its on_error is fail)',
    domain: 'user',
    retry: 'backoff',
  },
  RECORD_NO_TIME: {
    message:
      'telling the event time of the record: {field} holds no time, and Kafka knows none; set it with the step "timestamp" or name its field by "timestamp:" of the stream',
    domain: 'user',
    retry: 'never',
  },
  RECORD_TIME_AHEAD: {
    message:
      'telling the event time of the record: {time} is more than {limit} s in the future, so it would close windows that are not over; correct the sender\'s clock, or raise "max_ahead" of the stream',
    domain: 'user',
    retry: 'never',
  },
  RECORD_KEY_MISMATCH: {
    message:
      'grouping by {by}: the Kafka key of the record is another than its group, though the pipeline says that the topic is partitioned by it; let all that write the topic agree',
    domain: 'user',
    retry: 'never',
  },
  INPUTS_NOT_COPARTITIONED: {
    message:
      'starting {stage}: its topics {topics} have {counts} partitions; what is grouped or joined without a repartition needs equal counts',
    domain: 'user',
    retry: 'never',
  },
  TOPIC_NOT_SINGLE: {
    message:
      'starting {stage}: the pipeline says that the topic {topic} has one partition, so its records are all together, and it has {count}; write `partitions: {count}`',
    domain: 'user',
    retry: 'never',
  },
  STATE_PARTITIONS: {
    message:
      'starting {stage}: its state is in {state} partitions and its input in {input}; keys are spread anew, so the state cannot be used any more: make it anew by `millrace reset {file} --task {task} --to beginning`, with the --profile of this run',
    domain: 'user',
    retry: 'never',
  },
  STATE_INCOMPATIBLE: {
    message:
      'starting the stream {stream} of {pipeline}: the step {step} {change}; change it back, or forget the state and compute everything anew by `millrace reset {file} --task {stream} --to beginning`, with the --profile of this run',
    domain: 'user',
    retry: 'never',
  },
  RESET_UNFINISHED: {
    message:
      'starting the stream {stream} of {pipeline}: a reset of it did not come to its end, so its state and its offsets do not belong together; finish it by `millrace reset {file} --task {stream} --to beginning` (or end, as it was begun), with the --profile of this run',
    domain: 'user',
    retry: 'never',
  },
  STATE_FORMAT: {
    message:
      'restoring the state of {stage} partition {partition}: it has the format {found}, and this version reads {known}; run the version that wrote it, or forget the state by `millrace reset {file} --task {task} --to beginning`, with the --profile of this run',
    domain: 'user',
    retry: 'never',
  },
  GROUP_IN_USE: {
    message: 'the group {group} has other members; stop them first: `run --once` and `reset` need it for themselves',
    domain: 'user',
    retry: 'never',
  },
  DATA_DIRECTORY: { message: 'using the data directory {path}: {reason}', domain: 'user', retry: 'backoff' },
  ADMIN_ADDRESS: {
    message: 'serving health and metrics on {address}: {reason}; choose another by the setting admin.port',
    domain: 'user',
    retry: 'never',
  },
});
