import { z } from 'zod';
import { duration, expression, fieldPath, filePath, size, template, topicName } from '../sdk/schema.ts';

/** The keys of a pipeline file beside connectors and steps: the only place where they, their defaults and docs exist. */

const delivery = z
  .enum(['exactly_once', 'at_least_once'])
  .describe(
    'Whether records, positions and offsets are written in Kafka transactions (`exactly_once`), or each acknowledged on its own',
  );

const onError = z
  .enum(['dead_letter', 'drop', 'fail'])
  .describe(
    'What becomes of a record that cannot be processed or is rejected: kept in the dead-letter topic, thrown away (and counted), or the task stops',
  );

const description = z.string().describe('What it is for, for people');

const steps = z.array(z.unknown()).describe('Steps, run in their order');

const from = z.union([topicName(), z.array(topicName()).min(1)]).describe('The topic, or the list of topics, to read');

export const topicSchema = z.strictObject({
  partitions: z
    .int()
    .min(1)
    .max(10_000)
    .default(1)
    .describe('How many partitions the topic is created with: the most tasks that can share its work'),
  replication: z
    .int()
    .min(1)
    .max(100)
    .optional()
    .describe("On how many brokers each partition is kept; default: the brokers' own"),
  retention: duration().optional().describe("How long records are kept, counted from their arrival; default: the brokers' own"),
  cleanup: z
    .enum(['delete', 'compact'])
    .default('delete')
    .describe('`delete`: old records go after `retention`; `compact`: the last record of each key stays'),
  keyed_by: z
    .array(fieldPath())
    .min(1)
    .optional()
    .describe(
      "The fields that records' Kafka keys are made of, so that steps by these need not bring records together; a record with another key is a dead letter there",
    ),
  external: z.boolean().default(false).describe("Somebody else's topic: never created or changed"),
  codec: z
    .enum(['json', 'text'])
    .default('json')
    .describe('How values are written; `text`: the value is one text, which steps see as the field `message`'),
  schema: z
    .union([filePath(), z.record(z.string(), z.unknown())])
    .optional()
    .describe(
      'What the values are: `{ user.id: string, amount: number, note?: string, tags: [ string ] }`, or the path of a file with a JSON Schema. Types are checked when the file is loaded, not when records come',
    ),
  config: z
    .record(z.string(), z.union([z.string(), z.number(), z.boolean()]))
    .default({})
    .describe("More of Kafka's topic configuration, such as `max.message.bytes`"),
});

export const pipelineSchema = z.strictObject({
  pipeline: z.string().describe("The pipeline's name; part of the names of its consumer groups"),
  description: description.optional(),
  delivery: delivery.default('exactly_once'),
  strict: z
    .boolean()
    .default(false)
    .describe(
      'Whether a field may be read only where something is known of it: by a parser, a step, or the `schema` of its topic',
    ),
  plugins: z.array(z.string()).default([]).describe('Paths or npm packages of plugins'),
  topics: z.record(z.string(), z.unknown()).default({}).describe('Every topic that the pipeline reads or writes'),
  sources: z.record(z.string(), z.unknown()).default({}).describe('Connectors that put records into topics'),
  streams: z.record(z.string(), z.unknown()).default({}).describe('Tasks that read topics, run steps and write a topic'),
  sinks: z.record(z.string(), z.unknown()).default({}).describe('Connectors that read topics and deliver'),
});

export const stepSchema = z.strictObject({
  id: z.string().optional().describe("The step's name in messages and state; default: its kind and ordinal, such as `parse-1`"),
  description: description.optional(),
  when: expression().optional().describe('The step is applied only to records for which this is true'),
  on_error: onError.optional(),
});

export const sourceSchema = z.strictObject({
  description: description.optional(),
  to: topicName().describe('The topic that records are put into'),
  partition_by: template()
    .optional()
    .describe('The record\'s Kafka key, and so its partition: `"{{ customer.id }}"`; told when its steps have run'),
  steps: steps.default([]),
  delivery: delivery.optional(),
  on_error: onError.default('dead_letter'),
});

export const streamSchema = z.strictObject({
  description: description.optional(),
  from,
  to: topicName().optional().describe('The topic that records go to; needed unless the last step routes every record'),
  steps: steps.default([]),
  delivery: delivery.optional(),
  on_error: onError.default('dead_letter'),
  timestamp: fieldPath().optional().describe("The field with the event time; default: `@timestamp`, else Kafka's timestamp"),
  wait: duration()
    .optional()
    .describe('How much later than a record with a later time a record may come without being late (default `0s`)'),
  max_ahead: duration().optional().describe('A record further in the future than this has no usable time (default `1h`)'),
  idle_timeout: duration()
    .optional()
    .describe(
      'A partition that is caught up and quiet for this long does not hold back the others (default `30s`, and 10s more behind each stream with state that writes its input)',
    ),
  when_idle: z.enum(['advance', 'hold']).optional().describe('Whether the time of an idle partition goes on (default `advance`)'),
});

export const sinkSchema = z.strictObject({
  description: description.optional(),
  from,
  steps: steps.default([]),
  batch: z
    .strictObject({
      records: z.int().min(1).max(100_000).optional().describe('At most this many records in a write'),
      bytes: size().optional().describe('At most this much in a write'),
    })
    .default({})
    .describe("Bounds of one write; default: the connector's own"),
  concurrency: z.int().min(1).max(64).optional().describe("Writes in flight at a time; default: the connector's own"),
  rate_limit: z.number().positive().optional().describe('Records per second and process; default: as fast as it goes'),
  retry: z
    .strictObject({
      initial: duration().optional().describe('The first wait (default `200ms`), then doubled, with jitter'),
      max: duration().optional().describe('The longest wait (default `30s`); it never gives up'),
    })
    .refine(
      ({ initial = 0, max = Number.POSITIVE_INFINITY }) => initial <= max,
      'the first wait ("initial") is longer than the longest ("max")',
    )
    .default({})
    .describe('Waits while the destination does not take records'),
  on_error: onError.default('dead_letter'),
});

export const RETRY_DEFAULTS = { initialMs: 200, maxMs: 30_000 } as const;
