import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { isMillraceError } from '../../errors/index.ts';
import { type LocalCluster, openCluster, parsePorts, SERVER_NAMES, type ServerName } from './index.ts';
import type { ClusterPart } from './site.ts';

const USAGE = `npm run cluster -- <command> [options]

  up              start what does not run; returns when all servers are healthy
  down            stop all servers; data stays
  status          a line for each server; exit code 1 where one is not healthy
  logs [server]   what the servers printed (--follow goes on)
  reset           delete all data and start anew

  --dir <path>            where data and logs are (MILLRACE_CLUSTER_DIR; default .millrace/cluster)
  --ports <ports>         the first of a block of six, or zookeeper=2181,kafka=9092,elasticsearch=9200 (MILLRACE_CLUSTER_PORTS)
  --port-base <port>      the same as --ports with one number
  --only <part>           kafka (with ZooKeeper) or elasticsearch
  --elasticsearch-password <password>   HTTPS and a password for the user elastic

Servers: ${SERVER_NAMES.join(', ')}`;

const OPTIONS = {
  dir: { type: 'string' },
  ports: { type: 'string' },
  'port-base': { type: 'string' },
  only: { type: 'string' },
  'elasticsearch-password': { type: 'string' },
  follow: { type: 'boolean' },
  lines: { type: 'string', default: '100' },
  help: { type: 'boolean' },
} as const;

/** A mistake in the command line; the message is all there is to say. */
class UsageError extends Error {}

const print = (line: string): void => void process.stdout.write(`${line}\n`);

async function main(args: string[]): Promise<number> {
  const { values, positionals } = readArguments(args);
  const [command, server] = positionals;
  if (values.help === true || command === undefined) {
    print(USAGE);
    return values.help === true ? 0 : 2;
  }
  const ports = values.ports ?? values['port-base'];
  const password = values['elasticsearch-password'];
  const cluster = openCluster({
    directory: values.dir,
    ports: ports === undefined ? undefined : parsePorts(ports),
    only: partOf(values.only),
    security: password === undefined ? undefined : { password },
    report: print,
  });
  return perform(cluster, command, () => showLogs(cluster, serverOf(server), values.lines, values.follow === true));
}

async function perform(cluster: LocalCluster, command: string, logs: () => Promise<number>): Promise<number> {
  switch (command) {
    case 'up':
      await cluster.up();
      return describe(cluster);
    case 'reset':
      await cluster.reset();
      return describe(cluster);
    case 'down':
      await cluster.down();
      return 0;
    case 'status':
      return showStatus(cluster);
    case 'logs':
      return logs();
    default:
      throw new UsageError(`there is no command "${command}"`);
  }
}

function describe(cluster: LocalCluster): number {
  print(`Kafka          ${cluster.brokers}`);
  print(`ZooKeeper      ${cluster.zookeeper}`);
  print(`Elasticsearch  ${cluster.elasticsearchUrl}`);
  if (cluster.elasticsearchAuthority !== undefined) print(`Authority      ${cluster.elasticsearchAuthority}`);
  return 0;
}

async function showStatus(cluster: LocalCluster): Promise<number> {
  const statuses = await cluster.status();
  print('server         pid      port   health');
  for (const { name, pid, port, complaint } of statuses) {
    print(`${name.padEnd(14)} ${String(pid ?? '-').padEnd(8)} ${String(port).padEnd(6)} ${complaint ?? 'healthy'}`);
  }
  return statuses.every(({ complaint }) => complaint === undefined) ? 0 : 1;
}

async function showLogs(cluster: LocalCluster, name: ServerName | undefined, lines: string, follow: boolean): Promise<number> {
  const files = (name === undefined ? SERVER_NAMES : [name])
    .map((each) => cluster.server(each).log)
    .filter((file) => existsSync(file));
  if (files.length === 0) {
    print(`there are no logs in ${cluster.directory} yet`);
    return 0;
  }
  const tail = spawn('tail', ['-n', lines, ...(follow ? ['-F'] : []), ...files], { stdio: 'inherit' });
  const [code] = (await once(tail, 'exit')) as [number | null];
  return code ?? 0;
}

type Arguments = ReturnType<typeof parseArgs<{ options: typeof OPTIONS; allowPositionals: true }>>;

function readArguments(args: string[]): Arguments {
  try {
    return parseArgs({ args, options: OPTIONS, allowPositionals: true });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function partOf(text: string | undefined): ClusterPart | undefined {
  if (text === undefined || text === 'kafka' || text === 'elasticsearch') return text;
  throw new UsageError(`--only takes kafka or elasticsearch, not "${text}"`);
}

function serverOf(text: string | undefined): ServerName | undefined {
  if (text === undefined) return undefined;
  const name = SERVER_NAMES.find((each) => each === text);
  if (name === undefined) throw new UsageError(`there is no server "${text}"; the servers are ${SERVER_NAMES.join(', ')}`);
  return name;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (error instanceof UsageError) {
    process.stderr.write(`${error.message}\n\n${USAGE}\n`);
    process.exitCode = 2;
  } else {
    process.stderr.write(
      isMillraceError(error) ? `error ${error.code}: ${error.message}\n` : `${String((error as Error).stack)}\n`,
    );
    process.exitCode = 3;
  }
}
