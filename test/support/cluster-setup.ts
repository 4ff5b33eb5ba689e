import { mkdir, readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { TestProject } from 'vitest/node';
import { isMillraceError } from '../../src/errors/index.ts';
import { findFreePorts, findJava, type LocalCluster, openCluster } from '../../src/testing/cluster/index.ts';
import { isRunning, type ProcessRecord, recordOf } from '../../src/testing/cluster/process-record.ts';

/** How the tests of a run reach their cluster. */
export interface TestClusterAddress {
  readonly directory: string;
  readonly brokers: string;
  readonly zookeeper: string;
  readonly elasticsearch: string;
}

declare module 'vitest' {
  interface ProvidedContext {
    /** Null where this machine cannot run one; then the tests that need it are left out. */
    cluster: TestClusterAddress | null;
  }
}

/** Where clusters of test runs are; CI names a folder of its own, to be sure that none is left. */
const RUNS = resolve(process.env['MILLRACE_TEST_CLUSTERS'] || join('.millrace', 'test-clusters'));

/**
 * Brings up a cluster of this run's own, on free ports and in a directory of its own, before the tests of the project "cluster",
 * and takes it away after them. `MILLRACE_TEST_REUSE_CLUSTER` names the directory of a running one to use instead.
 */
export default async function setUp(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  const reused = process.env['MILLRACE_TEST_REUSE_CLUSTER'];
  if (reused !== undefined && reused !== '') {
    announce(project, await reuse(reused));
    return undefined;
  }
  if (!(await canRunServers())) {
    project.provide('cluster', null);
    return undefined;
  }
  await removeAbandoned();
  const cluster = await openOwn();
  const endWithProcess = (): void => cluster.killNow();
  // Vitest leaves by `process.exit` when it is interrupted twice; a signal to this process alone ends it without that event.
  process.once('exit', endWithProcess);
  const signals = (['SIGTERM', 'SIGHUP'] as const).map((signal) => onSignal(signal, endWithProcess));
  try {
    await cluster.up();
  } catch (error) {
    await cluster.discard();
    throw error;
  }
  announce(project, cluster);
  return async () => {
    await cluster.discard();
    process.off('exit', endWithProcess);
    for (const remove of signals) remove();
  };
}

function say(line: string): void {
  process.stdout.write(`cluster: ${line}\n`);
}

function announce(project: TestProject, cluster: LocalCluster): void {
  const { directory, brokers, zookeeper, elasticsearchUrl: elasticsearch } = cluster;
  project.provide('cluster', { directory, brokers, zookeeper, elasticsearch });
  process.env['MILLRACE_TEST_CLUSTER_DIR'] = directory;
  process.env['MILLRACE_TEST_BROKERS'] = brokers;
  process.env['MILLRACE_TEST_ZOOKEEPER'] = zookeeper;
  process.env['MILLRACE_TEST_ELASTICSEARCH'] = elasticsearch;
}

async function reuse(directory: string): Promise<LocalCluster> {
  const cluster = openCluster({ directory, report: say });
  const sick = (await cluster.status()).filter(({ complaint }) => complaint !== undefined);
  if (sick.length === 0) return cluster;
  const complaints = sick.map(({ name, complaint }) => `${name}: ${complaint ?? ''}`).join('; ');
  throw new Error(`MILLRACE_TEST_REUSE_CLUSTER names ${directory}, which is not a healthy cluster (${complaints})`);
}

/** Whether there is a Java to run servers with. A missing one leaves tests out, which in CI would be a lie and so is an error. */
async function canRunServers(): Promise<boolean> {
  try {
    await findJava(process.env);
    return true;
  } catch (error) {
    if (process.env['CI'] === 'true' || !isMillraceError(error) || error.code !== 'CLUSTER_JAVA_MISSING') throw error;
    say(`LEFT OUT: all tests on Kafka and Elasticsearch (test/integration, test/e2e, test/fault). ${error.message}`);
    return false;
  }
}

/** A directory whose name tells whose it is: the next run takes away what one leaves behind that was killed. */
async function openOwn(): Promise<LocalCluster> {
  const { pid, started } = recordOf(process.pid) as ProcessRecord;
  const directory = join(RUNS, `${pid}@${encodeURIComponent(started)}`);
  await mkdir(directory, { recursive: true });
  return openCluster({ directory, ports: await findFreePorts(), report: say });
}

async function removeAbandoned(): Promise<void> {
  const names = await readdir(RUNS).catch((): string[] => []);
  for (const name of names) {
    const [pid, started] = name.split('@');
    if (started === undefined || isRunning({ pid: Number(pid), started: decodeURIComponent(started) })) continue;
    say(`removing the cluster of a run that was killed (process ${pid ?? ''})`);
    await openCluster({ directory: join(RUNS, name) }).discard();
  }
}

/** Calls `action` at a signal, and then lets the signal do what it would have done. Gives back what removes it. */
function onSignal(signal: NodeJS.Signals, action: () => void): () => void {
  const listener = (): void => {
    action();
    process.off(signal, listener);
    process.kill(process.pid, signal);
  };
  process.on(signal, listener);
  return () => process.off(signal, listener);
}
