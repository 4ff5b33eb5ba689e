import { reasonOf } from '../errors/index.ts';
import type { Kafka, KafkaAdmin } from '../kafka/types.ts';
import type { Clock } from '../sdk/clock.ts';
import type { Logger } from '../sdk/logger.ts';
import type { ComponentStats } from '../telemetry/stats.ts';
import { Names } from '../topology/names.ts';
import type { Settings } from '../topology/settings.ts';
import type { TaskNode } from '../topology/stages.ts';
import type { Pipeline } from '../topology/types.ts';
import { Backoff } from './backoff.ts';
import { deliveryOf, transactionalIdsOf } from './committer-for.ts';
import { createTask } from './create-task.ts';
import { asEmbedded, EmbeddedGate } from './embedded-gate.ts';
import { endTransactionsOf } from './end-transactions.ts';
import { Ending } from './ending.ts';
import type { PassFaultPoint } from './fault-points.ts';
import { type FlowGate, openGate } from './flow-gate.ts';
import type { Instance } from './instance.ts';
import { type Job, jobsOf } from './job.ts';
import { measureLag } from './lag.ts';
import { type PreparedTopics, prepareTopics } from './prepare-topics.ts';
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
  /** Whether the run goes on until its signal ends it, also when no task runs: definitions are swapped. */
  readonly awaitsSwaps?: boolean;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Logger;
  readonly pass: PassFaultPoint;
}

/** What a swap has done, by the names of tasks: `access-logs/parse`. */
export interface SwapOutcome {
  readonly begun: readonly string[];
  readonly ended: readonly string[];
  readonly kept: readonly string[];
}

/** Runs pipelines in this process: their topics, then every task under its supervisor. */
export class Engine {
  readonly #options: EngineOptions;
  #pipelines: readonly Pipeline[];
  readonly #names: Names;
  readonly #admin: KafkaAdmin;
  #jobs: readonly Job[];
  /** Those that run. */
  readonly #running = new Set<Promise<void>>();
  #swapping: Promise<unknown> = Promise.resolve();
  #signal: AbortSignal | undefined;
  readonly #ending: Ending | undefined;
  /** Topics that are not there yet: tasks that need one wait for it, the others run. */
  #missing: ReadonlySet<string> = new Set();
  #looking: Promise<void> | undefined;
  /** Whether topics are there and tasks have been started. */
  started = false;

  constructor(options: EngineOptions) {
    this.#options = options;
    this.#names = new Names(options.settings.namespace);
    this.#admin = options.kafka.admin();
    this.#pipelines = this.#asHere(options.pipelines);
    this.#jobs = jobsOf(this.#pipelines, this.#names, options);
    this.#ending = options.once ? new Ending(this.#jobs) : undefined;
  }

  get stats(): readonly ComponentStats[] {
    return this.#jobs.map(({ stats }) => stats);
  }

  /** Runs until every task has ended. True where none has failed. */
  async run(signal: AbortSignal): Promise<boolean> {
    try {
      const environment = await this.#untilReady(() => this.#prepareTopics(), signal);
      if (environment === undefined) return true;
      this.#environmentOf = environment;
      this.#superviseAll();
      await this.#untilReady(() => this.#prepareTasks(), signal);
      this.started = true;
      this.#signal = signal;
      for (const job of this.#jobs) this.#start(job, signal);
      await this.#untilAllEnd(signal);
      return this.stats.every((stats) => stats.state !== 'failed');
    } finally {
      await Promise.all(this.#jobs.map((job) => job.close()));
      await this.#looking;
      await this.#admin.close();
    }
  }

  /**
   * Lets other definitions take the place of those that run: what is no longer there or has changed ends as at the end of a run, with
   * what it has taken committed, and what is new begins where its predecessor has stopped. Everything else goes on meanwhile. Rejects,
   * with nothing changed, where the cluster does not take the new definitions: a topic or a state does not fit.
   */
  async swap(pipelines: readonly Pipeline[]): Promise<SwapOutcome> {
    const swapping = this.#swapping.then(() => this.#swap(this.#asHere(pipelines)));
    this.#swapping = swapping.catch(() => undefined);
    return await swapping;
  }

  async #swap(pipelines: readonly Pipeline[]): Promise<SwapOutcome> {
    const signal = this.#signal;
    if (signal === undefined || signal.aborted) throw new Error('the run has not begun, or is over');
    const next = jobsOf(pipelines, this.#names, this.#options);
    const environmentOf = await this.#prepareTopics(pipelines);
    const kept = this.#jobs.filter((job) => next.some((one) => one.isLike(job)));
    const gone = this.#jobs.filter((job) => !kept.includes(job));
    const come = next.filter((one) => !kept.some((job) => job.isLike(one)));
    // Throws where what is stored of a stream does not fit.
    for (const { pipeline, node } of come) if (node.kind === 'stream') environmentOf(pipeline).generationOf(node.stream);
    this.#pipelines = pipelines;
    await Promise.all(gone.map((job) => job.stop()));
    this.#environmentOf = environmentOf;
    this.#jobs = next.map((one) => kept.find((job) => job.isLike(one)) ?? one);
    this.#sharedGate?.retask(this.#jobs);
    this.#superviseAll();
    await this.#untilReady(() => this.#prepareTasks(), signal);
    for (const job of come) this.#start(job, signal);
    const named = (jobs: readonly Job[]): string[] => jobs.map(({ stats }) => `${stats.pipeline}/${stats.component}`);
    return { begun: named(come), ended: named(gone), kept: named(kept) };
  }

  /** Looks at every task's lag; for progress and metrics. */
  async refreshLag(): Promise<void> {
    for (const { task, stats } of this.#jobs) {
      if (task !== undefined && stats.kind !== 'source') stats.lag = await measureLag(task, this.#admin);
    }
  }

  #start(job: Job, signal: AbortSignal): void {
    const running = job.run(signal, () => this.#ending?.finish(job.pipeline.name, job.node.name));
    this.#running.add(running);
    void running.finally(() => this.#running.delete(running)).catch(() => undefined);
  }

  /** Settles when no task runs, and none is about to take another's place. */
  async #untilAllEnd(signal: AbortSignal): Promise<void> {
    if (this.#options.awaitsSwaps === true && !signal.aborted)
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    do {
      await this.#swapping;
      await Promise.all(this.#running);
    } while (this.#running.size > 0);
  }

  /** A pipeline as the embedded broker has it: what is planned for one partition would not be together in four. */
  #asHere(pipelines: readonly Pipeline[]): readonly Pipeline[] {
    return this.#options.settings.kafka.mode === 'embedded' ? pipelines.map(asEmbedded) : pipelines;
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
  async #prepareTopics(pipelines = this.#pipelines): Promise<(pipeline: Pipeline) => TaskEnvironment> {
    const { settings, kafka, log } = this.#options;
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
    this.#sharedGate ??= this.#options.settings.kafka.mode === 'embedded' ? new EmbeddedGate(this.#jobs) : openGate;
    return this.#sharedGate;
  }

  readonly #restores = new Turns(RESTORES);

  #sharedGate: FlowGate | undefined;

  #environmentOf: ((pipeline: Pipeline) => TaskEnvironment) | undefined;

  #superviseAll(): void {
    for (const job of this.#jobs) job.supervise(() => this.#createTask(job), this.#options);
  }

  /** Throws where a topic of the task is not there yet; the next try knows whether it has come. */
  #createTask({ pipeline, node, stats }: Job): Task {
    const topic = this.#missingTopicOf(node);
    if (topic !== undefined) {
      this.#lookForTopics();
      throw topicMissing(topic, pipeline, this.#missing);
    }
    if (this.#environmentOf === undefined) throw new Error('a task was created before its topics');
    return createTask(node, this.#environmentOf(pipeline), stats);
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
      this.#jobs.filter(({ node }) => this.#missingTopicOf(node) === undefined).map((job) => job.prepareAhead()),
    );
    const failed = prepared.find((result) => result.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  }

  /** The transactional ids of this process's tasks. */
  #transactionalIds(): Set<string> {
    const { instance, settings } = this.#options;
    const place = { instance: instance.id, slot: instance.slot };
    return new Set(
      this.#jobs
        .filter(({ pipeline, node }) => deliveryOf(node, pipeline, settings) === 'exactly_once')
        .flatMap(({ pipeline, node }) => transactionalIdsOf(node, { names: this.#names, pipeline, place, settings })),
    );
  }
}
