import { accessSync, constants, mkdirSync } from 'node:fs';
import { connect } from 'node:net';
import { hostname } from 'node:os';
import { reasonOf } from '../errors/index.ts';
import { isKafkaError } from '../kafka/error.ts';
import type { ClusterDescription } from '../kafka/types.ts';
import { topicSpec } from '../runtime/topics.ts';
import { systemClock } from '../sdk/clock.ts';
import type { Logger } from '../sdk/logger.ts';
import { noMetrics } from '../sdk/metrics.ts';
import type { Settings } from '../topology/settings.ts';
import type { Pipeline, SinkNode } from '../topology/types.ts';
import { type Cluster, kafkaFor, loggerFor } from './cluster.ts';
import { loadPipelines, loadSettingsOf, type SettingsOptions } from './context.ts';
import { Exit } from './exit.ts';

const WAIT_MS = 10_000;
const ZOOKEEPER_WAIT_MS = 3_000;

type Verdict = 'ok' | 'warn' | 'FAIL';

/** Prints findings as they are made, and remembers whether one was bad. */
class Report {
  failed = false;

  add(verdict: Verdict, what: string, text: string): void {
    if (verdict === 'FAIL') this.failed = true;
    process.stdout.write(`${verdict.padEnd(4)}  ${what.padEnd(12)}  ${text}\n`);
  }
}

/** `millrace doctor`: looks at everything a run needs, from here to the destinations. 3 where something is not as it must be. */
export async function doctor(files: readonly string[], options: SettingsOptions): Promise<number> {
  const pipelines = await loadPipelines(files);
  const settings = loadSettingsOf(options);
  const report = new Report();
  const log = loggerFor({ ...settings, log: { level: 'error', format: 'text' } });
  checkMachine(settings, report);
  if (settings.zookeeper !== undefined) await checkZookeeper(settings.zookeeper, report);
  const kafka = kafkaFor(settings, log);
  report.add(
    kafka.path === 'native' ? 'ok' : 'warn',
    'batches',
    kafka.path === 'native' ? 'cross natively' : `fallback: ${kafka.fallbackReason ?? 'chosen by kafka.batches'}`,
  );
  if (settings.kafka.mode === 'embedded') {
    report.add('ok', 'kafka', 'embedded: it starts with each run');
  } else {
    const admin = kafka.admin();
    try {
      await checkKafka({ settings, kafka, admin, log }, pipelines, report);
    } finally {
      await admin.close();
    }
  }
  for (const pipeline of pipelines)
    for (const sink of pipeline.sinks) await checkSink({ pipeline, sink, host: settings.host, log, report });
  return report.failed ? Exit.failed : Exit.done;
}

function checkMachine(settings: Settings, report: Report): void {
  report.add(
    'ok',
    'versions',
    `Node ${process.versions.node}, ${process.platform} ${process.arch}, host name ${settings.host === '' ? hostname() : settings.host}`,
  );
  try {
    mkdirSync(settings.dataDirectory, { recursive: true });
    accessSync(settings.dataDirectory, constants.W_OK);
    report.add('ok', 'data', settings.dataDirectory);
  } catch (error) {
    report.add(
      'FAIL',
      'data',
      `${settings.dataDirectory} can't be written: ${reasonOf(error)}; make it writable or set data_directory`,
    );
  }
}

async function checkKafka(cluster: Cluster, pipelines: readonly Pipeline[], report: Report): Promise<void> {
  let description: ClusterDescription;
  const started = systemClock.monotonic();
  try {
    description = await cluster.admin.describeCluster(WAIT_MS);
  } catch (error) {
    report.add(
      'FAIL',
      'kafka',
      `${cluster.settings.kafka.brokers}: ${isKafkaError(error) ? error.reason : reasonOf(error)}; is it running, and is kafka.brokers right?`,
    );
    return;
  }
  const brokers = description.brokers.map(({ id, host, port }) => `${id} (${host}:${port})`).join(', ');
  report.add(
    'ok',
    'kafka',
    `${description.brokers.length} brokers in ${Math.round(systemClock.monotonic() - started)} ms: ${brokers}`,
  );
  for (const pipeline of pipelines) await checkTopics(cluster, pipeline, { description, report });
}

async function checkTopics(
  cluster: Cluster,
  pipeline: Pipeline,
  at: { description: ClusterDescription; report: Report },
): Promise<void> {
  const existing = new Map(at.description.topics.map((topic) => [topic.name, topic]));
  for (const topic of pipeline.topics) {
    const found = existing.get(topic.name);
    if (found === undefined) {
      at.report.add(
        topic.external ? 'FAIL' : 'ok',
        'topic',
        topic.external ? `${topic.name} is external and does not exist` : `${topic.name} will be created`,
      );
      continue;
    }
    const differences = topic.external ? [] : await differencesOf(cluster, topic, found.partitions);
    const text = `${topic.name}: ${found.partitions} partitions`;
    at.report.add(
      differences.length === 0 ? 'ok' : 'warn',
      'topic',
      differences.length === 0 ? text : `${text}; ${differences.join('; ')}`,
    );
  }
}

/** What an existing topic has otherwise than the pipeline says. Nothing is changed by Millrace: the topic may be shared. */
async function differencesOf(
  { admin, settings }: Cluster,
  topic: Pipeline['topics'][number],
  partitions: number,
): Promise<string[]> {
  const differences = partitions === topic.partitions ? [] : [`the pipeline says ${topic.partitions} partitions`];
  const config = await admin.topicConfig(topic.name, WAIT_MS);
  if (config === undefined) return [...differences, 'its configuration cannot be asked for without the native layer'];
  for (const [name, wanted] of Object.entries(topicSpec(topic, settings).config)) {
    const actual = config[name];
    if (actual !== wanted) differences.push(`${name} is ${actual ?? 'not set'}, the pipeline says ${wanted}`);
  }
  return differences;
}

async function checkSink(at: { pipeline: Pipeline; sink: SinkNode; host: string; log: Logger; report: Report }): Promise<void> {
  const { pipeline, sink, host, log, report } = at;
  const name = `${pipeline.name}/${sink.name}`;
  const made = sink.connector.create(sink.config, {
    name: sink.name,
    pipeline: pipeline.name,
    host,
    probing: true,
    metrics: noMetrics,
    clock: systemClock,
    log,
  });
  const signal = AbortSignal.timeout(WAIT_MS);
  try {
    await made.open(signal);
    const text = made.probe === undefined ? 'can be opened' : await made.probe(signal);
    report.add('ok', 'sink', `${name} (${sink.connector.type}): ${text}`);
  } catch (error) {
    report.add('FAIL', 'sink', `${name} (${sink.connector.type}): ${reasonOf(error)}`);
  } finally {
    await made.close();
  }
}

async function checkZookeeper(servers: string, report: Report): Promise<void> {
  const members = servers.split(',').map((server) => server.trim());
  const answers = await Promise.all(members.map(async (server) => ({ server, answer: await fourLetters(server, 'srvr') })));
  for (const { server, answer } of answers) {
    const mode = /^Mode: (\w+)$/m.exec(answer)?.[1];
    const refused = answer.includes('not in the whitelist');
    if (mode !== undefined) report.add('ok', 'zookeeper', `${server}: ${mode}`);
    else if (refused)
      report.add('warn', 'zookeeper', `${server} answers, but does not say its state: allow srvr by 4lw.commands.whitelist`);
    else report.add('FAIL', 'zookeeper', `${server}: ${answer === '' ? 'no answer' : answer.trim()}`);
  }
  const up = answers.filter(({ answer }) => answer !== '' && !answer.startsWith('connect')).length;
  if (up * 2 <= members.length) report.add('FAIL', 'zookeeper', `${up} of ${members.length} servers answer: there is no quorum`);
}

/** One of ZooKeeper's four-letter commands; what went wrong as text where there is no answer. */
function fourLetters(server: string, command: string): Promise<string> {
  const at = server.lastIndexOf(':');
  return new Promise((resolve) => {
    let answer = '';
    const socket = connect({ host: server.slice(0, at), port: Number(server.slice(at + 1)) });
    socket.setTimeout(ZOOKEEPER_WAIT_MS, () => socket.destroy());
    socket.once('connect', () => socket.end(command));
    socket.on('data', (data: Buffer) => {
      answer += data.toString('utf8');
    });
    socket.once('error', (error) => {
      answer = reasonOf(error);
    });
    socket.once('close', () => resolve(answer));
  });
}
