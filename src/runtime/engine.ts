import { reasonOf } from '../errors/index.ts';
import type { Kafka, KafkaAdmin } from '../kafka/types.ts';
import type { Clock } from '../sdk/clock.ts';
import type { Logger } from '../sdk/logger.ts';
import type { ComponentStats } from '../telemetry/stats.ts';
import { Names } from '../topology/names.ts';
import type { Settings } from '../topology/settings.ts';
import type { TaskNode } from '../topology/stages.ts';
import type { Pipeline } from '../topology/types.ts';
import { deliveryOf, transactionalIdsOf } from './committer-for.ts';
import { createTask } from './create-task.ts';
import { asEmbedded, EmbeddedGate } from './embedded-gate.ts';
import { endTransactionsOf } from './end-transactions.ts';
import { Ending } from './ending.ts';
import { environmentOf } from './environment.ts';
import type { PassFaultPoint } from './fault-points.ts';
import { type FlowGate, openGate } from './flow-gate.ts';
import type { Instance } from './instance.ts';
import { type Job, jobsOf } from './job.ts';
import { measureLag } from './lag.ts';
import { type PreparedTopics, prepareTopics } from './prepare-topics.ts';
import type { Task, TaskEnvironment } from './task.ts';
import { topicMissing, topicsOf } from './topics.ts';
import { Turns } from './turns.ts';
import { untilReady } from './until-ready.ts';

const INIT_WAIT_MS = 60_000;
/** How many partitions' state is read back at once. */
const RESTORES = 8;

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

/** Definitions, and what is known of their topics. */
interface InForce {
  readonly pipelines: readonly Pipeline[];
  readonly topics: PreparedTopics;
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
  /** The definitions that run, and what is known of their topics; undefined before the first are there. */
  #inForce: InForce | undefined;
  readonly #names: Names;
  readonly #admin: KafkaAdmin;
  #jobs: readonly Job[];
  /** Those that run. */
  readonly #running = new Set<Promise<void>>();
  #swapping: Promise<unknown> = Promise.resolve();
  #signal: AbortSignal | undefined;
  readonly #ending: Ending | undefined;
  /** A look for topics that were missing, for the definitions in force. */
  #looking: Promise<void> | undefined;
  /** Whether topics are there and tasks have been started. */
  started = false;

  constructor(options: EngineOptions) {
    this.#options = options;
    this.#names = new Names(options.settings.namespace);
    this.#admin = options.kafka.admin();
    this.#jobs = jobsOf(this.#asHere(options.pipelines), this.#names, options);
    this.#ending = options.once ? new Ending(this.#jobs) : undefined;
  }

  get stats(): readonly ComponentStats[] {
    return this.#jobs.map(({ stats }) => stats);
  }

  /** The tasks that have not ended, and what is known of why, for people. */
  get atWork(): readonly string[] {
    return this.#jobs.filter((job) => job.isAtWork).map((job) => job.described);
  }

  /** Runs until every task has ended. True where none has failed. */
  async run(signal: AbortSignal): Promise<boolean> {
    try {
      const pipelines = this.#asHere(this.#options.pipelines);
      const prepared = await this.#untilReady(() => this.#prepareTopics(pipelines), signal);
      if (prepared === undefined) return true;
      this.#adopt(prepared);
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
    const next = jobsOf(pipelines, this.#names, { instance: this.#options.instance });
    const kept = this.#jobs.filter((job) => next.some((one) => one.isLike(job)));
    const gone = this.#jobs.filter((job) => !kept.includes(job));
    const come = next.filter((one) => !kept.some((job) => job.isLike(one)));
    await this.#comeIntoForce(pipelines, { gone, come });
    for (const job of come) for (const before of gone) job.countOn(before);
    this.#jobs = next.map((one) => kept.find((job) => job.isLike(one)) ?? one);
    this.#sharedGate?.retask(this.#jobs);
    this.#superviseAll();
    await this.#untilReady(() => this.#prepareTasks(), signal);
    for (const job of come) this.#start(job, signal);
    const named = (jobs: readonly Job[]): string[] => jobs.map(({ stats }) => `${stats.pipeline}/${stats.component}`);
    return { begun: named(come), ended: named(gone), kept: named(kept) };
  }

  /** Prepares definitions; when the cluster takes them, ends the tasks that have gone, and adopts the definitions. */
  async #comeIntoForce(pipelines: readonly Pipeline[], { gone, come }: { gone: readonly Job[]; come: readonly Job[] }) {
    // A look for the topics of the definitions before would enter their states again, after those of the new ones.
    this.#mayLook = false;
    try {
      await this.#looking;
      const prepared = await this.#prepareTopics(pipelines);
      // Throws where what is stored of a stream does not fit.
      for (const { pipeline, node } of come)
        if (node.kind === 'stream') prepared.topics.states.generationOf(pipeline, node.stream);
      await Promise.all(gone.map((job) => job.stop()));
      this.#adopt(prepared);
    } finally {
      this.#mayLook = true;
    }
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

  #untilReady<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T | undefined> {
    return untilReady(work, signal, this.#options);
  }

  /** Creates the topics of pipelines, learns their partitions and incarnations. Nothing of it counts before it is adopted. */
  async #prepareTopics(pipelines: readonly Pipeline[]): Promise<InForce> {
    const { settings, kafka, log } = this.#options;
    const topics = await prepareTopics({
      pipelines,
      settings,
      kafka,
      names: this.#names,
      admin: this.#admin,
      ...(this.started ? {} : { log }),
    });
    return { pipelines, topics };
  }

  /** The one place where definitions, and what is known of their topics, come into force: together. */
  #adopt(prepared: InForce): void {
    this.#inForce = prepared;
  }

  get #gate(): FlowGate {
    this.#sharedGate ??= this.#options.settings.kafka.mode === 'embedded' ? new EmbeddedGate(this.#jobs) : openGate;
    return this.#sharedGate;
  }

  readonly #restores = new Turns(RESTORES);

  #sharedGate: FlowGate | undefined;

  #mayLook = true;

  #superviseAll(): void {
    for (const job of this.#jobs) job.supervise(() => this.#createTask(job), this.#options);
  }

  /** Throws where a topic of the task is not there yet; the next try knows whether it has come. */
  #createTask({ pipeline, node, stats }: Job): Task {
    const { topics } = this.#inForce ?? {};
    if (topics === undefined) throw new Error('a task was created before its topics');
    const topic = this.#missingTopicOf(node);
    if (topic !== undefined) {
      this.#lookForTopics();
      throw topicMissing(topic, pipeline, topics.missing);
    }
    return createTask(node, this.#environment(pipeline, topics), stats);
  }

  #environment(pipeline: Pipeline, topics: PreparedTopics): TaskEnvironment {
    return environmentOf(pipeline, topics, {
      ...this.#options,
      names: this.#names,
      lookup: this.#admin,
      restores: this.#restores,
      gate: this.#gate,
      ending: this.#ending,
      lookForTopics: () => this.#lookForTopics(),
    });
  }

  /** Tasks that need a topic that is not there wait for it, the others run. */
  #missingTopicOf(node: TaskNode): string | undefined {
    const missing = this.#inForce?.topics.missing;
    return missing === undefined || missing.size === 0 ? undefined : topicsOf(node).find((topic) => missing.has(topic));
  }

  #lookForTopics(): void {
    const { pipelines } = this.#inForce ?? {};
    if (!this.#mayLook || pipelines === undefined) return;
    this.#looking ??= this.#prepareTopics(pipelines)
      .then((prepared) => this.#adopt(prepared))
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
