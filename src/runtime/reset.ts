import { MillraceError } from '../errors/index.ts';
import { isKafkaError } from '../kafka/error.ts';
import type { BatchConsumer, ClusterDescription, Kafka, KafkaAdmin, TopicPartitionOffset } from '../kafka/types.ts';
import { Names } from '../topology/names.ts';
import type { Settings } from '../topology/settings.ts';
import { type StageNode, stagesOf, tasksOf } from '../topology/stages.ts';
import type { Pipeline, SinkNode, StreamNode } from '../topology/types.ts';
import { Incarnations } from './incarnations.ts';
import { forgetPositions } from './positions.ts';
import { StateRegistry } from './stateful/state-registry.ts';

const WAIT_MS = 30_000;
/** The broker's codes for a group that has live members. */
const GROUP_BUSY: ReadonlySet<number> = new Set([25, 22, 27]);

export interface Resetting {
  readonly pipeline: Pipeline;
  /** The names of the sources, streams and sinks that are reset. */
  readonly chosen: readonly string[];
  readonly to: 'beginning' | 'end';
  /** Whether what is delivered from now on counts as never delivered before. */
  readonly newIds: boolean;
  readonly settings: Settings;
  readonly kafka: Kafka;
  readonly admin: KafkaAdmin;
  /** Told what has been done, a line at a time. */
  readonly say: (line: string) => void;
}

type Task = StageNode | SinkNode;

/**
 * Chooses where a stopped pipeline's tasks go on reading, and forgets the state and the positions that belong to what they have read.
 *
 * It takes several steps, and may be ended between any two. A stream with state is marked before the first of them that touches it,
 * and does not start until the last is done; all of them may be repeated.
 */
export class Reset {
  readonly #at: Resetting;
  readonly #names: Names;
  readonly #tasks: readonly Task[];
  /** The chosen streams in which event time matters. */
  readonly #streams: readonly StreamNode[];

  constructor(at: Resetting) {
    const { pipeline, chosen, settings } = at;
    this.#at = at;
    this.#names = new Names(settings.namespace);
    this.#tasks = tasksOf(pipeline, this.#names).filter(
      (node): node is Task => node.kind !== 'source' && chosen.includes(node.kind === 'sink' ? node.name : node.stream),
    );
    this.#streams = pipeline.streams.filter(
      (stream) => chosen.includes(stream.name) && stagesOf(stream, pipeline, this.#names).some(({ timed }) => timed),
    );
  }

  async run(): Promise<void> {
    const { kafka, admin, pipeline, say } = this.#at;
    const cluster = await admin.describeCluster(WAIT_MS);
    const stopped = await this.#claim(cluster);
    // Without the topic of what is known of streams none has ever started.
    const known = cluster.topics.some(({ name }) => name === this.#names.meta);
    const registry = new StateRegistry({ kafka, lookup: admin, names: this.#names });
    const streams = this.#streams.map(({ name }) => name);
    if (known) {
      await registry.read();
      await registry.beginReset(pipeline.name, streams);
    }
    for (const [node, offsets] of stopped) await this.#resetGroup(node, offsets);
    for (const stream of this.#streams) await this.#forgetState(stream, cluster);
    if (known) await registry.endReset(pipeline.name, streams);
    for (const stream of streams) say(`${stream}: its state is forgotten; its results begin a new generation`);
    await this.#resetSources();
    if (this.#at.newIds) await this.#renewIncarnations();
  }

  /** Makes sure that no task is at work before anything is touched. Gives the offsets that each is to have. */
  async #claim(cluster: ClusterDescription): Promise<Map<Task, readonly TopicPartitionOffset[]>> {
    const offsets = new Map<Task, readonly TopicPartitionOffset[]>();
    for (const node of this.#tasks) {
      const wanted = await this.#offsetsOf(node, cluster);
      offsets.set(node, wanted);
      // A group with members takes no offsets from outside, not even those that it has.
      if (wanted.length > 0) await this.#inGroup(node, async (group) => group.commit(await this.#present(group, wanted)));
    }
    return offsets;
  }

  /** What a group has committed; where it has nothing, the beginning, where it would begin. */
  async #present(group: BatchConsumer, wanted: readonly TopicPartitionOffset[]): Promise<TopicPartitionOffset[]> {
    const present = await group.committed(wanted, WAIT_MS);
    return Promise.all(
      present.map(async (one) =>
        one.offset < 0 ? { ...one, offset: (await this.#at.admin.watermarks(one, WAIT_MS)).low } : one,
      ),
    );
  }

  async #offsetsOf(node: Task, { topics }: ClusterDescription): Promise<TopicPartitionOffset[]> {
    const { pipeline, admin, to } = this.#at;
    const retry = this.#names.retry(pipeline.name, node.name);
    const anew = new Set(this.#stateTopics(pipeline.streams));
    const wanted = new Set([...node.from, retry]);
    const offsets: TopicPartitionOffset[] = [];
    for (const topic of topics.filter(({ name }) => wanted.has(name))) {
      for (let partition = 0; partition < topic.partitions; partition += 1) {
        const { low, high } = await admin.watermarks({ topic: topic.name, partition }, WAIT_MS);
        // What was replayed to the task has been dealt with: only its input is read again.
        const offset = to === 'end' || topic.name === retry ? high : low;
        offsets.push({ topic: topic.name, partition, offset: anew.has(topic.name) ? 0 : offset });
      }
    }
    return offsets;
  }

  async #resetGroup(node: Task, offsets: readonly TopicPartitionOffset[]): Promise<void> {
    const { to, say } = this.#at;
    if (offsets.length === 0) {
      say(`${node.name}: its topics are not there yet; nothing to reset`);
      return;
    }
    await this.#inGroup(node, (group) => group.commit(offsets));
    say(`${node.name}: goes on at the ${to} of ${node.from.join(', ')}`);
  }

  async #inGroup(node: Task, work: (group: BatchConsumer) => Promise<void>): Promise<void> {
    const groupId = this.#names.group(this.#at.pipeline.name, node.name);
    const group = this.#at.kafka.consumer({ groupId });
    try {
      await group.connect();
      await work(group);
    } catch (error) {
      if (isKafkaError(error) && GROUP_BUSY.has(error.code))
        throw new MillraceError('GROUP_IN_USE', { group: groupId }, { cause: error });
      throw error;
    } finally {
      await group.close();
    }
  }

  /** The topics that a reset deletes, and the next start makes anew. */
  #stateTopics(streams: readonly StreamNode[]): string[] {
    const { pipeline } = this.#at;
    return streams
      .flatMap((stream) => stagesOf(stream, pipeline, this.#names))
      .flatMap(({ name, changelog, repartition, stateful }) => [
        changelog,
        repartition?.topic,
        stateful ? this.#names.retry(pipeline.name, name) : undefined,
      ])
      .filter((name) => name !== undefined);
  }

  /** State belongs to the input that it was made of. Its topics are made anew at the next start, as the pipeline then says. */
  async #forgetState(stream: StreamNode, { topics }: ClusterDescription): Promise<void> {
    const own = this.#stateTopics([stream]);
    const there = topics.map(({ name }) => name).filter((name) => own.includes(name));
    if (there.length > 0) await this.#at.admin.deleteTopics(there, WAIT_MS);
  }

  async #resetSources(): Promise<void> {
    const { pipeline, chosen, kafka, admin, settings, to, say } = this.#at;
    for (const { name } of pipeline.sources) {
      if (!chosen.includes(name)) continue;
      if (to === 'end') {
        say(`${name}: a source cannot be set to the end; left as it is`);
        continue;
      }
      const at = { kafka, admin, names: this.#names, pipeline: pipeline.name, source: name, host: settings.host };
      say(`${name}: ${await forgetPositions(at)} positions forgotten; it reads everything again`);
    }
  }

  async #renewIncarnations(): Promise<void> {
    const { pipeline, kafka, admin, say } = this.#at;
    const { meta } = this.#names;
    const topics = pipeline.topics.map(({ name }) => name);
    await new Incarnations({ kafka, admin, metaTopic: meta, lockId: meta }).renew(topics);
    say(`new ids for the records of ${topics.join(', ')}`);
  }
}
