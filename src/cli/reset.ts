import { MillraceError } from '../errors/index.ts';
import { isKafkaError } from '../kafka/error.ts';
import type { TopicPartitionOffset } from '../kafka/types.ts';
import { Incarnations } from '../runtime/incarnations.ts';
import { forgetPositions } from '../runtime/positions.ts';
import { StateRegistry } from '../runtime/stateful/state-registry.ts';
import { Names } from '../topology/names.ts';
import { stagesOf, tasksOf } from '../topology/stages.ts';
import type { Pipeline, SinkNode, StreamNode } from '../topology/types.ts';
import { type Cluster, clusterFor, Exit, ExitError, loadPipelines, type SettingsOptions } from './context.ts';

export interface ResetOptions extends SettingsOptions {
  readonly to: string;
  readonly task?: readonly string[];
  readonly newIds?: boolean;
}

const WAIT_MS = 30_000;
/** The broker's codes for a group that has live members. */
const GROUP_BUSY: ReadonlySet<number> = new Set([25, 22, 27]);

/** `millrace reset`: chooses where a stopped pipeline's tasks go on reading. */
export async function reset(file: string, options: ResetOptions): Promise<number> {
  const [pipeline] = loadPipelines([file]);
  if (pipeline === undefined) throw new ExitError(Exit.invalid);
  if (options.to !== 'beginning' && options.to !== 'end')
    throw new ExitError(Exit.usage, `--to ${options.to}: it can be beginning or end`);
  const names = [...pipeline.sources, ...pipeline.streams, ...pipeline.sinks].map(({ name }) => name);
  const chosen = options.task ?? names;
  for (const name of chosen) {
    if (!names.includes(name)) throw new ExitError(Exit.usage, `--task ${name}: the pipeline has ${names.join(', ')}`);
  }
  const cluster = clusterFor(options);
  try {
    for (const node of tasksOf(pipeline, new Names(cluster.settings.namespace))) {
      if (node.kind === 'source' || !chosen.includes(node.kind === 'sink' ? node.name : node.stream)) continue;
      await resetGroup({ pipeline, node, cluster, to: options.to });
    }
    for (const stream of pipeline.streams) if (chosen.includes(stream.name)) await forgetState(pipeline, stream, cluster);
    for (const source of pipeline.sources) {
      if (!chosen.includes(source.name)) continue;
      if (options.to === 'end') process.stdout.write(`${source.name}: a source cannot be set to the end; left as it is\n`);
      else await resetSource(pipeline, source.name, cluster);
    }
    if (options.newIds === true) await renewIncarnations(pipeline, cluster);
    return Exit.done;
  } finally {
    await cluster.admin.close();
  }
}

async function resetGroup(parts: {
  pipeline: Pipeline;
  node: StreamNode | SinkNode;
  cluster: Cluster;
  to: 'beginning' | 'end';
}): Promise<void> {
  const { pipeline, node, cluster, to } = parts;
  const names = new Names(cluster.settings.namespace);
  const group = names.group(pipeline.name, node.name);
  const { topics } = await cluster.admin.describeCluster(WAIT_MS);
  const anew = new Set(stateTopics(pipeline, names));
  const wanted = new Set([...node.from, names.retry(pipeline.name, node.name)]);
  const offsets: TopicPartitionOffset[] = [];
  for (const topic of topics.filter(({ name }) => wanted.has(name))) {
    for (let partition = 0; partition < topic.partitions; partition += 1) {
      const { low, high } = await cluster.admin.watermarks({ topic: topic.name, partition }, WAIT_MS);
      // What was replayed to the task has been dealt with: only its input is read again.
      const replayed = topic.name === names.retry(pipeline.name, node.name);
      const offset = to === 'end' || replayed ? high : low;
      offsets.push({ topic: topic.name, partition, offset: anew.has(topic.name) ? 0 : offset });
    }
  }
  if (offsets.length === 0) {
    process.stdout.write(`${node.name}: its topics are not there yet; nothing to reset\n`);
    return;
  }
  const consumer = cluster.kafka.consumer({ groupId: group });
  await consumer.connect();
  try {
    await consumer.commit(offsets);
    process.stdout.write(`${node.name}: goes on at the ${to} of ${node.from.join(', ')}\n`);
  } catch (error) {
    if (isKafkaError(error) && GROUP_BUSY.has(error.code)) throw new MillraceError('GROUP_IN_USE', { group }, { cause: error });
    throw error;
  } finally {
    await consumer.close();
  }
}

/** The topics that a reset deletes, and the next start makes anew. */
function stateTopics(pipeline: Pipeline, names: Names): string[] {
  return pipeline.streams
    .flatMap((stream) => stagesOf(stream, pipeline, names))
    .flatMap(({ name, changelog, repartition, stateful }) => [
      changelog,
      repartition?.topic,
      stateful ? names.retry(pipeline.name, name) : undefined,
    ])
    .filter((name) => name !== undefined);
}

/** State belongs to the input that it was made of. Its topics are made anew at the next start, as the pipeline then says. */
async function forgetState(pipeline: Pipeline, stream: StreamNode, { kafka, admin, settings }: Cluster): Promise<void> {
  const names = new Names(settings.namespace);
  const stages = stagesOf(stream, pipeline, names).filter(({ timed }) => timed);
  if (stages.length === 0) return;
  const { topics } = await admin.describeCluster(WAIT_MS);
  const own = stateTopics({ ...pipeline, streams: [stream] }, names);
  const there = topics.map(({ name }) => name).filter((name) => own.includes(name));
  if (there.length > 0) await admin.deleteTopics(there, WAIT_MS);
  const registry = new StateRegistry({ kafka, lookup: admin, names });
  if (topics.some(({ name }) => name === names.meta)) {
    await registry.read();
    await registry.renew(pipeline.name, stream.name);
  }
  process.stdout.write(`${stream.name}: its state is forgotten; its results begin a new generation\n`);
}

async function resetSource(pipeline: Pipeline, source: string, { kafka, admin, settings }: Cluster): Promise<void> {
  const names = new Names(settings.namespace);
  const forgotten = await forgetPositions({ kafka, admin, names, pipeline: pipeline.name, source, host: settings.host });
  process.stdout.write(`${source}: ${forgotten} positions forgotten; it reads everything again\n`);
}

async function renewIncarnations(pipeline: Pipeline, { kafka, admin, settings }: Cluster): Promise<void> {
  const names = new Names(settings.namespace);
  const topics = pipeline.topics.map(({ name }) => name);
  await new Incarnations({ kafka, admin, metaTopic: names.meta, lockId: names.meta }).renew(topics);
  process.stdout.write(`new ids for the records of ${topics.join(', ')}\n`);
}
