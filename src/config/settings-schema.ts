import { z } from 'zod';
import { duration, filePath, secret, size } from '../sdk/schema.ts';
import { checkKafkaOptions } from '../topology/kafka-options.ts';

const kafkaOptions = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).superRefine((options, context) => {
  for (const { key, reason } of checkKafkaOptions(options)) {
    context.addIssue({ code: 'custom', path: [key], message: `the librdkafka property ${key} can't be set: ${reason}` });
  }
});

const ADDRESSES = /^\s*[^\s,:]+:\d{1,5}\s*(,\s*[^\s,:]+:\d{1,5}\s*)*$|^\s*\[[0-9a-fA-F:]+\]:\d{1,5}\s*(,\s*\S+:\d{1,5}\s*)*$/;

const addresses = z.string().regex(ADDRESSES, { message: 'write host:port, several separated by commas' });

const security = z
  .strictObject({
    protocol: z.enum(['plaintext', 'ssl', 'sasl_plaintext', 'sasl_ssl']).describe('How the brokers are spoken to'),
    ca: filePath().optional().describe("The certificate authorities to trust (PEM); default: the system's"),
    certificate: filePath().optional().describe("The client's certificate (PEM), for mutual TLS"),
    key: filePath().optional().describe("The client's key (PEM)"),
    key_password: secret().optional().describe('The password of the key'),
    mechanism: z.enum(['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512']).optional().describe('The SASL mechanism'),
    username: z.string().min(1).optional().describe('The SASL user'),
    password: secret().optional().describe('The SASL password'),
  })
  .superRefine((options, context) => {
    if (options.protocol.startsWith('sasl')) {
      for (const key of ['mechanism', 'username', 'password'] as const) {
        if (options[key] === undefined)
          context.addIssue({ code: 'custom', path: [key], message: `the protocol ${options.protocol} needs "${key}"` });
      }
    }
    if ((options.certificate === undefined) !== (options.key === undefined)) {
      context.addIssue({
        code: 'custom',
        path: [options.key === undefined ? 'key' : 'certificate'],
        message: 'certificate and key go together',
      });
    }
  });

/** What `config/*.yaml` may hold. Defaults are in `config/default.yaml`, which is read first, and nowhere else. */
export const settingsSchema = z.strictObject({
  namespace: z
    .string()
    .regex(/^[a-z0-9][a-z0-9._-]{0,63}$/, { message: 'write lower case letters, digits, ".", "_" and "-", at most 64' })
    .describe('Prefix of consumer groups, internal topics and transactional ids'),
  host: z
    .string()
    .regex(/^[a-zA-Z0-9._-]{0,128}$/, { message: 'write letters, digits, ".", "_" and "-"' })
    .describe('By what sources keep their positions; empty: the host name'),
  data_directory: z
    .string()
    .min(1)
    .describe('Holds the instance id and the locks of process slots; relative to the directory that the command runs in'),
  delivery: z
    .enum(['pipeline', 'exactly_once', 'at_least_once'])
    .describe('Replaces what pipelines say of their delivery; `pipeline`: as they say'),
  kafka: z
    .strictObject({
      mode: z.enum(['cluster', 'embedded']).describe('Brokers of your own, or one inside the process'),
      brokers: addresses.describe('Where to find the brokers: host:port, separated by commas'),
      security: security.describe('How connections are secured'),
      replication: z
        .union([z.literal('brokers'), z.int().min(1).max(100)])
        .describe("Factor of the topics that Millrace creates; `brokers`: the brokers' default"),
      session_timeout: duration().describe('How long the brokers wait for a silent process'),
      transaction_timeout: duration().describe('How long the brokers wait for an open transaction of a killed process'),
      batches: z.enum(['auto', 'native', 'fallback']).describe('How batches cross between librdkafka and JavaScript'),
      options: kafkaOptions.describe('More librdkafka properties, from a list of those that change no promise'),
    })
    .describe('How to reach Kafka'),
  admin: z
    .strictObject({
      enabled: z.boolean().describe('Whether to serve /healthz, /readyz and /metrics'),
      host: z.string().min(1).describe('The address to listen on'),
      port: z.int().min(0).max(65_535).describe('The port to listen on; 0: any that is free'),
    })
    .describe('Where health and metrics are served'),
  commit: z
    .strictObject({
      interval: duration().describe('The least time between two commits of a task'),
      max_records: z
        .int()
        .min(1)
        .max(1_000_000)
        .describe(
          'At most so many records in a micro-batch; half as many in one of an exactly-once source, several of which may share a transaction for 500 ms',
        ),
      max_bytes: size().describe('At most so much in a micro-batch'),
    })
    .describe('How much a task takes before it commits'),
  zookeeper: z
    .union([z.literal('none'), addresses], { error: 'write host:port, several separated by commas, or none' })
    .describe('What `doctor` asks for the quorum; `none`: there is no ZooKeeper (KRaft)'),
  log: z
    .strictObject({
      level: z.enum(['debug', 'info', 'warn', 'error']).describe('The least severe messages to write'),
      format: z.enum(['auto', 'text', 'json']).describe('`auto`: text on a terminal, JSON lines elsewhere'),
    })
    .describe('What is written of what happens'),
});
