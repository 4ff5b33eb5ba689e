import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createKafka } from '../../src/kafka/index.ts';
import type { KafkaAdmin } from '../../src/kafka/types.ts';
import { systemClock } from '../../src/sdk/clock.ts';
import { findFreePorts, type LocalCluster, openCluster } from '../../src/testing/cluster/index.ts';
import { BrokerWarmth } from './broker-warmth.ts';
import type { BenchOptions } from './options.ts';

const WAIT_MS = 60_000;
const silent = { debug() {}, info() {}, warn() {}, error() {} };

/** Where the bench works: a cluster, a directory for files, and topics with a prefix that nobody else uses. */
export class BenchSite {
  readonly directory: string;
  readonly brokers: string;
  /** The namespace of Millrace's processes, and what all topics begin with. */
  readonly prefix = `millrace-bench-${process.pid}`;
  readonly #options: BenchOptions;
  readonly #admin: KafkaAdmin;
  readonly #own: LocalCluster | undefined;

  private constructor(parts: { directory: string; brokers: string; options: BenchOptions; own: LocalCluster | undefined }) {
    this.directory = parts.directory;
    this.brokers = parts.brokers;
    this.#options = parts.options;
    this.#own = parts.own;
    const connection = { brokers: parts.brokers, clientId: 'millrace-bench', options: {} };
    this.#admin = createKafka(connection, { batches: 'auto', log: silent, clock: systemClock }).admin();
  }

  /** Makes a directory, and starts a cluster of three brokers where none was given. */
  static async open(options: BenchOptions, say: (line: string) => void): Promise<BenchSite> {
    const directory = await mkdtemp(join(tmpdir(), 'millrace-bench-'));
    if (options.brokers !== undefined) return new BenchSite({ directory, brokers: options.brokers, options, own: undefined });
    const own = openCluster({ directory: join(directory, 'cluster'), ports: await findFreePorts(), only: 'kafka', report: say });
    process.once('exit', () => own.killNow());
    // A signal would end the process without that, and leave the brokers behind.
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
    await own.up();
    return new BenchSite({ directory, brokers: own.brokers, options, own });
  }

  /** How warm the brokers are that were started for the run; of others, or not on Linux, nobody knows. */
  async warmth(): Promise<BrokerWarmth | undefined> {
    if (this.#own === undefined || process.platform !== 'linux') return undefined;
    const pids = (await this.#own.status()).flatMap(({ name, pid }) => (name.startsWith('kafka') ? (pid ?? []) : []));
    return new BrokerWarmth(pids);
  }

  /** Creates a topic for data: every one has the same settings, whoever writes it. */
  async createTopic(name: string): Promise<string> {
    const topic = `${this.prefix}.${name}`;
    const { partitions, replication } = this.#options;
    const config = { 'message.timestamp.type': 'LogAppendTime', ...(replication === 1 ? { 'min.insync.replicas': '1' } : {}) };
    await this.#admin.createTopics([{ name: topic, partitions, replicationFactor: replication, config }], WAIT_MS);
    return topic;
  }

  async deleteTopics(names: readonly string[]): Promise<void> {
    await this.#admin.deleteTopics(names, WAIT_MS);
  }

  /** Takes away all that the bench has made. */
  async close(): Promise<void> {
    try {
      if (this.#own === undefined) await this.#deleteAll();
      await this.#admin.close();
      await this.#own?.discard();
    } finally {
      await rm(this.directory, { recursive: true, force: true });
    }
  }

  async #deleteAll(): Promise<void> {
    const { topics } = await this.#admin.describeCluster(WAIT_MS);
    const mine = topics.map(({ name }) => name).filter((name) => name.startsWith(`${this.prefix}.`));
    if (mine.length > 0) await this.deleteTopics(mine);
  }
}
