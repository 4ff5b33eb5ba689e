import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type ClusterPorts, DEFAULT_PORTS, parsePorts } from './ports.ts';

/** Elasticsearch with HTTPS (an authority of the cluster's own) and a password for the user `elastic`. */
export interface ElasticsearchSecurity {
  readonly password: string;
}

/** Which servers a cluster has: all, or a part. */
export type ClusterPart = 'kafka' | 'elasticsearch';

export interface ClusterOptions {
  /** Where data, settings and logs are; default `$MILLRACE_CLUSTER_DIR`, else `.millrace/cluster`. */
  readonly directory?: string | undefined;
  /** Default `$MILLRACE_CLUSTER_PORTS`, else those the cluster had last time, else {@link DEFAULT_PORTS}. */
  readonly ports?: ClusterPorts | undefined;
  /** Only Kafka with ZooKeeper, or only Elasticsearch; default all. */
  readonly only?: ClusterPart | undefined;
  /** Security on for Elasticsearch; default as it was last time, at first off. */
  readonly security?: ElasticsearchSecurity | undefined;
  /** Called with a line for each step; default nobody hears. */
  readonly report?: ((line: string) => void) | undefined;
  readonly environment?: NodeJS.ProcessEnv | undefined;
}

/** Where one cluster is and how it is reached. */
export interface ClusterSite {
  readonly directory: string;
  readonly ports: ClusterPorts;
  readonly security: ElasticsearchSecurity | undefined;
  readonly environment: NodeJS.ProcessEnv;
}

/** What is remembered beside the data, so that `status` and `down` need not be told again. */
export interface SavedSite {
  readonly ports: ClusterPorts;
  readonly security?: ElasticsearchSecurity | undefined;
}

/** The site that the options, the environment and the last start together mean, in this order. */
export function resolveSite(options: ClusterOptions): ClusterSite {
  const environment = options.environment ?? process.env;
  const directory = resolve(options.directory ?? (environment['MILLRACE_CLUSTER_DIR'] || join('.millrace', 'cluster')));
  const saved = readSaved(directory);
  const fromEnvironment = environment['MILLRACE_CLUSTER_PORTS'];
  const ports = options.ports ?? (fromEnvironment ? parsePorts(fromEnvironment) : (saved?.ports ?? DEFAULT_PORTS));
  return { directory, ports, security: options.security ?? saved?.security, environment };
}

/** What was remembered at the last start in this directory; undefined where there was none. */
export function readSaved(directory: string): SavedSite | undefined {
  try {
    return JSON.parse(readFileSync(fileIn(directory), 'utf8')) as SavedSite;
  } catch {
    return undefined;
  }
}

export function saveSite(site: ClusterSite): void {
  const saved: SavedSite = { ports: site.ports, security: site.security };
  mkdirSync(site.directory, { recursive: true });
  const partial = `${fileIn(site.directory)}.${process.pid}`;
  // The password is one for tests, but nobody else's business all the same.
  writeFileSync(partial, `${JSON.stringify(saved, undefined, 2)}\n`, { mode: 0o600 });
  renameSync(partial, fileIn(site.directory));
}

function fileIn(directory: string): string {
  return join(directory, 'cluster.json');
}
