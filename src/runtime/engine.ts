import { reasonOf } from '../errors/index.ts';
import { EMBEDDED_PARTITIONS } from '../kafka/embedded.ts';
import type { Kafka, KafkaAdmin } from '../kafka/types.ts';
import type { Clock } from '../sdk/clock.ts';
import type { Logger } from '../sdk/logger.ts';
import { ComponentStats } from '../telemetry/stats.ts';
import { Names } from '../topology/names.ts';
import type { Settings } from '../topology/settings.ts';
import { type TaskNode, tasksOf } from '../topology/stages.ts';
import type { Pipeline } from '../topology/types.ts';
import { Backoff } from './backoff.ts';
import { deliveryOf, transactionalIdsOf } from './committer-for.ts';
import { createTask } from './create-task.ts';
import { EmbeddedGate } from './embedded-gate.ts';
import { endTransactionsOf } from './end-transactions.ts';
import { Ending } from './ending.ts';
import type { PassFaultPoint } from './fault-points.ts';
import { type FlowGate, openGate } from './flow-gate.ts';
import type { Instance } from './instance.ts';
import { measureLag } from './lag.ts';
import { type PreparedTopics, prepareTopics } from './prepare-topics.ts';
import { Supervisor } from './supervisor.ts';
import type { Task, TaskEnvironment } from './task.ts';
import { topicMissing, topicsOf } from './topics.ts';
import { Turns } from './turns.ts';

const INIT_WAIT_MS = 60_000;
/** How many partitions' state is read back at once. */
const RESTORES = 8;
const REMIND_MS = 30_000;
/** A bounded run gives up on a cluster that cannot be reached for so long; an unbounded one never does. */
const ONCE_START_MS = 60_000;

export interface EngineOptions {
  readonly pipelines: readonly Pipeline[];
  readonly settings: Settings;
  readonly kafka: Kafka;
  readonly instance: Instance;
  readonly once: boolean;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Logger;
  readonly pass: PassFaultPoint;
}

/** Runs pipelines in this process: their topics, then every task under its supervisor. */
export class Engine {
  readonly stats: readonly ComponentStats[];
  readonly #options: EngineOptions;
  readonly #names: Names;
  readonly #admin: KafkaAdmin;
  readonly #nodes: readonly { pipeline: Pipeline; node: TaskNode; stats: ComponentStats }[];
  readonly #ending: Ending | undefined;
  #supervisors: readonly Supervisor[] = [];
  /** Topics that are not there yet: tasks that need one wait for it, the others run. */
  #missing: ReadonlySet<string> = new Set();
  #looking: Promise<void> | undefined;
  /** Whether topics are there and tasks have been started. */
  started = false;

  constructor(given: EngineOptions) {
    const options = given.settings.kafka.mode === 'embedded' ? { ...given, pipelines: given.pipelines.map(asEmbedded) } : given;
    this.#options = options;
    this.#names = new Names(options.settings.namespace);
    this.#admin = options.kafka.admin();
    // Pull sources run in slot 0 of each host: two readers of one file would both ship it.
    const here =
      options.instance.slot === 0 ? options.pipelines : options.pipelines.map((pipeline) => ({ ...pipeline, sources: [] }));
    if (here.some(({ sources }, i) => sources.length !== options.pipelines[i]?.sources.length)) {
      options.log.info(
        'sources run in the first process of a data directory; this is another one, so it runs the streams and sinks',
        {
          slot: options.instance.slot,
        },
      );
    }
    this.#nodes = here.flatMap((pipeline) =>
      tasksOf(pipeline, this.#names).map((node) => ({
        pipeline,
        node,
        stats: new ComponentStats({ pipeline: pipeline.name, component: node.name, kind: node.kind }),
      })),
    );
    this.#ending = options.once ? new Ending(this.#nodes) : undefined;
    this.stats = this.#nodes.map(({ stats }) => stats);
  }

  /** Runs until every task has ended. True where none has failed. */
  async run(signal: AbortSignal): Promise<boolean> {
    try {
      const environment = await this.#untilReady(() => this.#prepareTopics(), signal);
      if (environment === undefined) return true;
      this.#environmentOf = environment;
      this.#supervisors = this.#createSupervisors();
      await this.#untilReady(() => this.#prepareTasks(), signal);
      this.started = true;
      await Promise.all(this.#supervisors.map((supervisor, i) => this.#supervise(supervisor, i, signal)));
      return this.stats.every((stats) => stats.state !== 'failed');
    } finally {
      await Promise.all(this.#supervisors.map((supervisor) => supervisor.close()));
      await this.#looking;
      await this.#admin.close();
    }
  }

  /** Looks at every task's lag; for progress and metrics. */
  async refreshLag(): Promise<void> {
    for (const supervisor of this.#supervisors) {
      if (supervisor.task !== undefined && supervisor.stats.kind !== 'source') {
        supervisor.stats.lag = await measureLag(supervisor.task, this.#admin);
      }
    }
  }

  async #supervise(supervisor: Supervisor, i: number, signal: AbortSignal): Promise<void> {
    await supervisor.run(signal);
    const entry = this.#nodes[i];
    if (entry !== undefined) this.#ending?.finish(entry.pipeline.name, entry.node.name);
  }

  /** Repeats what needs the cluster until it is done. Undefined where the signal ended it. */
  async #untilReady<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T | undefined> {
    const { clock, log, once } = this.#options;
    const backoff = new Backoff(this.#options, { initialMs: 1_000, maxMs: 15_000 });
    const started = clock.monotonic();
    let said = { reason: '', at: 0 };
    for (;;) {
      if (signal.aborted) return undefined;
      try {
        return await work();
      } catch (error) {
        if (once && clock.monotonic() - started > ONCE_START_MS) throw error;
        const saying = { reason: reasonOf(error), at: clock.monotonic() };
        if (saying.reason !== said.reason || saying.at - said.at > REMIND_MS) {
          log.warn(`${saying.reason}; it is tried again until it succeeds`);
          said = saying;
        }
        await backoff.wait(signal);
      }
    }
  }

  /** Creates topics, learns their partitions and incarnations. */
  async #prepareTopics(): Promise<(pipeline: Pipeline) => TaskEnvironment> {
    const { pipelines, settings, kafka, log } = this.#options;
    const prepared = await prepareTopics({
      pipelines,
      settings,
      kafka,
      names: this.#names,
      admin: this.#admin,
      ...(this.started ? {} : { log }),
    });
    this.#missing = prepared.missing;
    return (pipeline) => this.#environment(pipeline, prepared);
  }

  #environment(pipeline: Pipeline, { incarnationOf, partitions, stamped, states }: PreparedTopics): TaskEnvironment {
    const { settings, kafka, clock, random, log, pass, instance } = this.#options;
    const ending = this.#ending;
    return {
      pipeline,
      settings,
      names: this.#names,
      kafka,
      lookup: this.#admin,
      restores: this.#restores,
      clock,
      random,
      log,
      pass,
      place: { instance: instance.id, slot: instance.slot },
      incarnationOf,
      generationOf: (stream) => states.generationOf(pipeline, stream),
      partitionsOf: (topic) => {
        const count = partitions.get(topic);
        if (count !== undefined) return count;
        this.#lookForTopics();
        throw topicMissing(topic, pipeline, this.#missing);
      },
      stampedByBroker: (topic) => stamped.has(topic),
      gate: this.#gate,
      ...(ending === undefined ? {} : { inputEnded: (topics: readonly string[]) => ending.ended(topics) }),
    };
  }

  get #gate(): FlowGate {
    this.#sharedGate ??= this.#options.settings.kafka.mode === 'embedded' ? new EmbeddedGate(this.#nodes) : openGate;
    return this.#sharedGate;
  }

  readonly #restores = new Turns(RESTORES);

  #sharedGate: FlowGate | undefined;

  #environmentOf: ((pipeline: Pipeline) => TaskEnvironment) | undefined;

  #createSupervisors(): Supervisor[] {
    const { clock, random, log, once } = this.#options;
    return this.#nodes.map(
      ({ pipeline, node, stats }) =>
        new Supervisor({ stats, create: () => this.#createTask({ pipeline, node, stats }), once, clock, random, log }),
    );
  }

  /** Throws where a topic of the task is not there yet; the next try knows whether it has come. */
  #createTask({ pipeline, node, stats }: { pipeline: Pipeline; node: TaskNode; stats: ComponentStats }): Task {
    const topic = this.#missingTopicOf(node);
    if (topic !== undefined) {
      this.#lookForTopics();
      throw topicMissing(topic, pipeline, this.#missing);
    }
    if (this.#environmentOf === undefined) throw new Error('a task was created before its topics');
    return createTask(node, this.#environmentOf(pipeline), stats);
  }

  #canStart(i: number): boolean {
    const entry = this.#nodes[i];
    return entry !== undefined && this.#missingTopicOf(entry.node) === undefined;
  }

  #missingTopicOf(node: TaskNode): string | undefined {
    return this.#missing.size === 0 ? undefined : topicsOf(node).find((topic) => this.#missing.has(topic));
  }

  #lookForTopics(): void {
    this.#looking ??= this.#prepareTopics()
      .then((environmentOf) => {
        this.#environmentOf = environmentOf;
      })
      .catch((error: unknown) => {
        this.#options.log.debug('looking for topics that were missing', { reason: reasonOf(error) });
      })
      .finally(() => {
        this.#looking = undefined;
      });
  }

  /**
   * Ends what dead processes of this data directory left open in Kafka (a transaction left open holds up all readers of
   * its partitions), and makes this process's own producers ready, all before any group is joined.
   */
  async #prepareTasks(): Promise<void> {
    const { instance, settings, kafka } = this.#options;
    if (settings.kafka.mode !== 'embedded') {
      const own = this.#transactionalIds();
      const abandoned = [...new Set(instance.abandonedIds())].filter((id) => !own.has(id));
      await Promise.all(abandoned.map((id) => endTransactionsOf(kafka, id, INIT_WAIT_MS)));
      instance.recordIds([...own]);
    }
    // All of them settle before a failure is reported: this is tried again as a whole, and tasks that are ready stay so.
    const prepared = await Promise.allSettled(
      this.#supervisors.filter((_, i) => this.#canStart(i)).map((supervisor) => supervisor.prepareAhead()),
    );
    const failed = prepared.find((result) => result.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  }

  /** The transactional ids of this process's tasks. */
  #transactionalIds(): Set<string> {
    const { instance, settings } = this.#options;
    const place = { instance: instance.id, slot: instance.slot };
    return new Set(
      this.#nodes
        .filter(({ pipeline, node }) => deliveryOf(node, pipeline, settings) === 'exactly_once')
        .flatMap(({ pipeline, node }) => transactionalIdsOf(node, { names: this.#names, pipeline, place, settings })),
    );
  }
}

/** A pipeline as the embedded broker has it: what is planned for one partition would not be together in four. */
function asEmbedded(pipeline: Pipeline): Pipeline {
  return { ...pipeline, topics: pipeline.topics.map((topic) => ({ ...topic, partitions: EMBEDDED_PARTITIONS })) };
}
