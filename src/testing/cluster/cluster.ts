import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { MillraceError } from '../../errors/index.ts';
import { systemClock } from '../../sdk/clock.ts';
import { SERVER_NAMES, type ServerDefinition, type ServerName } from './definition.ts';
import { elasticsearchAuthority, elasticsearchServer, elasticsearchUrl } from './elasticsearch.ts';
import { kafkaServer } from './kafka.ts';
import { withLock } from './lock.ts';
import { type ClusterMetadata, fetchMetadata } from './metadata.ts';
import { LocalServer } from './server.ts';
import { type ClusterOptions, type ClusterPart, type ClusterSite, readSaved, saveSite } from './site.ts';
import { zookeeperServer } from './zookeeper.ts';

export interface ServerStatus {
  readonly name: ServerName;
  readonly port: number;
  readonly pid: number | undefined;
  /** What is wrong; undefined where the server is healthy. */
  readonly complaint: string | undefined;
}

const BROKER_COUNT = 3;
const TOGETHER_MS = 60_000;

/** Three Kafka brokers with ZooKeeper, and Elasticsearch, on this machine: for development and tests. */
export class LocalCluster {
  /** Where data, settings and logs are. */
  readonly directory: string;
  readonly #site: ClusterSite;
  readonly #only: ClusterPart | undefined;
  readonly #servers: ReadonlyMap<ServerName, LocalServer>;
  readonly #report: (line: string) => void;

  constructor(site: ClusterSite, options: ClusterOptions) {
    this.directory = site.directory;
    this.#site = site;
    this.#only = options.only;
    this.#report = options.report ?? ((): void => {});
    const servers = definitions(site).map((each) => new LocalServer(each, site.directory, this.#report));
    this.#servers = new Map(servers.map((server) => [server.name, server]));
  }

  /** Bootstrap servers for Kafka clients: `host:port,host:port,host:port`. */
  get brokers(): string {
    return this.#site.ports.kafka.map((port) => `127.0.0.1:${port}`).join(',');
  }

  /** ZooKeeper's `host:port`. */
  get zookeeper(): string {
    return `127.0.0.1:${this.#site.ports.zookeeper}`;
  }

  get elasticsearchUrl(): string {
    return elasticsearchUrl(this.#site);
  }

  /** The file with the certificate of the authority that Elasticsearch's clients must trust; undefined without security. */
  get elasticsearchAuthority(): string | undefined {
    return elasticsearchAuthority(this.#site);
  }

  server(name: ServerName): LocalServer {
    return this.#servers.get(name) as LocalServer;
  }

  /** Starts what does not run and settles when all is healthy: harmless for a cluster that is up. */
  async up(): Promise<void> {
    this.#refuseToMove();
    await withLock(join(this.directory, 'lock'), async () => {
      saveSite(this.#site);
      const wanted = this.#wanted();
      // Elasticsearch takes the longest and needs nobody; brokers need ZooKeeper.
      const search = wanted.includes('elasticsearch') ? this.#bringUp(['elasticsearch']) : undefined;
      const kafka = wanted.includes('zookeeper') ? this.#bringUpKafka() : undefined;
      // When one fails, the other is still awaited, so that the lock is held as long as anything is being started.
      const results = await Promise.allSettled([search, kafka]);
      for (const result of results) if (result.status === 'rejected') throw result.reason;
    });
  }

  /** Stops all servers in good order: Elasticsearch and the brokers, then ZooKeeper. Data stays. */
  async down(): Promise<void> {
    await withLock(join(this.directory, 'lock'), async () => {
      await Promise.all(this.#each(['elasticsearch', 'kafka-1', 'kafka-2', 'kafka-3'], (server) => this.#stop(server)));
      await this.#stop(this.server('zookeeper'));
    });
  }

  /** Ends all servers at once and removes the directory with all data. */
  async discard(): Promise<void> {
    await Promise.all(this.#each(SERVER_NAMES, (server) => server.kill()));
    await rm(this.directory, { recursive: true, force: true, maxRetries: 5 });
  }

  /** Removes all data and starts anew. */
  async reset(): Promise<void> {
    await withLock(join(this.directory, 'lock'), async () => {
      await Promise.all(this.#each(SERVER_NAMES, (server) => server.kill()));
      await Promise.all(
        SERVER_NAMES.map((name) => rm(join(this.directory, name), { recursive: true, force: true, maxRetries: 5 })),
      );
    });
    await this.up();
  }

  /** Ends all servers without waiting: for the exit of the calling process. */
  killNow(): void {
    for (const server of this.#servers.values()) server.killNow();
  }

  status(): Promise<ServerStatus[]> {
    return Promise.all(
      this.#each(SERVER_NAMES, async (server) => ({
        name: server.name,
        port: server.port,
        pid: server.pid,
        complaint: await server.complaint(),
      })),
    );
  }

  /** Waits until every broker knows all three and a controller, and each partition has all its replicas in sync. */
  async waitInSync(timeoutMs: number = TOGETHER_MS): Promise<void> {
    await this.#waitForMetadata(timeoutMs, ({ partitions }) => {
      const behind = partitions.find(({ inSync, replicas }) => inSync.length < replicas.length);
      return (
        behind && `${behind.topic}[${behind.partition}] has ${behind.inSync.length} of ${behind.replicas.length} replicas in sync`
      );
    });
  }

  async #bringUpKafka(): Promise<void> {
    await this.#bringUp(['zookeeper']);
    await this.#bringUp(['kafka-1', 'kafka-2', 'kafka-3']);
    await this.#waitForMetadata(TOGETHER_MS, () => undefined);
  }

  async #bringUp(names: readonly ServerName[]): Promise<void> {
    await Promise.all(
      this.#each(names, async (server) => {
        const running = server.pid !== undefined;
        if (!running) {
          this.#report(`${server.name}: starting on port ${server.port}`);
          await server.start();
        }
        const began = systemClock.monotonic();
        await server.waitHealthy();
        const took = ((systemClock.monotonic() - began) / 1000).toFixed(1);
        this.#report(running ? `${server.name}: already running` : `${server.name}: healthy after ${took} s`);
      }),
    );
  }

  async #stop(server: LocalServer): Promise<void> {
    if (server.pid === undefined) return;
    await server.stop();
    this.#report(`${server.name}: stopped`);
  }

  /** Waits until every broker answers, knows three brokers and a controller, and `complaint` has nothing to say. */
  async #waitForMetadata(timeoutMs: number, complaint: (metadata: ClusterMetadata) => string | undefined): Promise<void> {
    const deadline = systemClock.monotonic() + timeoutMs;
    for (;;) {
      const complaints = await Promise.all(this.#site.ports.kafka.map((port) => metadataComplaint(port, complaint)));
      const reason = complaints.find((each) => each !== undefined);
      if (reason === undefined) return;
      if (systemClock.monotonic() > deadline) {
        const parameters = { server: 'the three brokers', seconds: timeoutMs / 1000, reason, log: join(this.directory, 'logs') };
        throw new MillraceError('CLUSTER_UNHEALTHY', parameters);
      }
      await systemClock.sleep(250);
    }
  }

  #wanted(): readonly ServerName[] {
    return SERVER_NAMES.filter(
      (name) => this.#only === undefined || (name === 'elasticsearch') === (this.#only === 'elasticsearch'),
    );
  }

  #each<T>(names: readonly ServerName[], action: (server: LocalServer) => T): T[] {
    return names.map((name) => action(this.server(name)));
  }

  /** Servers that run keep the ports and the security they were started with. */
  #refuseToMove(): void {
    const saved = readSaved(this.directory);
    if (saved === undefined || !SERVER_NAMES.some((name) => this.server(name).pid !== undefined)) return;
    const { ports, security } = this.#site;
    const what = JSON.stringify(saved.ports) !== JSON.stringify(ports) ? 'ports' : 'security';
    if (what === 'security' && saved.security?.password === security?.password) return;
    throw new MillraceError('CLUSTER_MOVED', { directory: this.directory, ports: Object.values(saved.ports).join(', '), what });
  }
}

async function metadataComplaint(
  port: number,
  complaint: (metadata: ClusterMetadata) => string | undefined,
): Promise<string | undefined> {
  try {
    const metadata = await fetchMetadata(port);
    if (metadata.brokers.length < BROKER_COUNT)
      return `the broker on port ${port} knows ${metadata.brokers.length} of ${BROKER_COUNT} brokers`;
    if (metadata.controller < 0) return `the broker on port ${port} knows no controller`;
    return complaint(metadata);
  } catch (error) {
    return `the broker on port ${port} does not answer (${String(error)})`;
  }
}

function definitions(site: ClusterSite): ServerDefinition[] {
  return [zookeeperServer(site), kafkaServer(site, 1), kafkaServer(site, 2), kafkaServer(site, 3), elasticsearchServer(site)];
}
