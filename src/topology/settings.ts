import type { Delivery } from './types.ts';

/** Process settings: what `config/*.yaml` and its overlays give, checked. Not part of any pipeline. */
export interface Settings {
  readonly profile: string;
  /** Prefix of groups, internal topics and transactional ids. */
  readonly namespace: string;
  /** By which sources keep their positions; default the machine's host name. */
  readonly host: string;
  /** Replaces what pipelines say of their delivery: `at_least_once` on the embedded broker. Absent: as they say. */
  readonly delivery?: Delivery;
  /** Absolute. Holds the instance id and slot locks. */
  readonly dataDirectory: string;
  readonly kafka: {
    /** `embedded`: librdkafka's mock cluster in this process. */
    readonly mode: 'cluster' | 'embedded';
    readonly brokers: string;
    readonly security: KafkaSecurity;
    /** librdkafka properties from an allow-list. */
    readonly options: Readonly<Record<string, string | number | boolean>>;
    /** Factor of the topics Millrace creates; absent: the brokers' default. */
    readonly replication?: number;
    readonly sessionTimeoutMs: number;
    readonly transactionTimeoutMs: number;
    /** `auto`: natively where the addon was built. */
    readonly batches: 'auto' | 'native' | 'fallback';
  };
  readonly admin: { readonly enabled: boolean; readonly host: string; readonly port: number };
  readonly commit: {
    /** The least time between two commits of a task. */
    readonly intervalMs: number;
    readonly maxRecords: number;
    readonly maxBytes: number;
  };
  /** What `doctor` asks for the ZooKeeper quorum, `host:port` comma-separated; absent where there is none (KRaft). */
  readonly zookeeper?: string;
  readonly log: { readonly level: 'debug' | 'info' | 'warn' | 'error'; readonly format: 'auto' | 'text' | 'json' };
}

export interface KafkaSecurity {
  readonly protocol: 'plaintext' | 'ssl' | 'sasl_plaintext' | 'sasl_ssl';
  readonly ca?: string;
  readonly certificate?: string;
  readonly key?: string;
  readonly keyPassword?: string;
  readonly mechanism?: 'PLAIN' | 'SCRAM-SHA-256' | 'SCRAM-SHA-512';
  readonly username?: string;
  readonly password?: string;
}
