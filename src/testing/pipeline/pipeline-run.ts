import { setMaxListeners } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JsonValue } from '../../record/json.ts';
import { createTask } from '../../runtime/create-task.ts';
import { Supervisor } from '../../runtime/supervisor.ts';
import type { TaskEnvironment } from '../../runtime/task.ts';
import type { SourceInput } from '../../sdk/rehearsal.ts';
import { ComponentStats } from '../../telemetry/stats.ts';
import { type TaskNode, tasksOf } from '../../topology/stages.ts';
import type { Pipeline, SourceNode } from '../../topology/types.ts';
import { MemoryKafka } from '../memory-kafka/memory-kafka.ts';
import type { Tracer } from '../trace/step-event.ts';
import { traced } from '../trace/traced-pipeline.ts';
import { VirtualClock } from '../virtual-clock.ts';
import { type DeadLetter, deadLettersIn } from './dead-letters.ts';
import { KeptLog } from './kept-log.ts';
import { memoryEnvironment } from './memory-environment.ts';
import { metricsOf } from './metrics.ts';
import { withFiles } from './mocked-files.ts';
import { MockedHttp, type MockedReply } from './mocked-http.ts';
import { OutsideWork } from './outside-work.ts';
import { type RehearsedPipeline, rehearse } from './rehearse.ts';
import { type NewTopicRecord, produce, recordsOf, type TopicRecord } from './topic-records.ts';

/** How long what was given may take to come through, in ms of virtual time. What takes longer waits for an `advance`. */
const SETTLE_MS = 2_000;
/** Idle tasks look around so often: more seldom in a long advance, and never so seldom that they take themselves for blocked. */
const IDLE_READ_MS = 1_000;
const LONG_IDLE_READ_MS = 3_500;
const LONG_ADVANCE_MS = 30_000;

export interface RunOptions {
  /** Wall-clock time in ms since 1970 at which the run begins. */
  readonly now: number;
  /** One partition for every topic (the default), so that order and event time are plain; or as the pipeline declares. */
  readonly partitions?: 'one' | 'declared';
  /** Answers of servers that steps ask. */
  readonly http?: readonly MockedReply[];
  /** What stands in files that steps read, by their path as the pipeline file has it. */
  readonly files?: Readonly<Record<string, string>>;
  /** How the destinations of sinks are to answer, by the sink's name. */
  readonly replies?: Readonly<Record<string, readonly JsonValue[]>>;
  /** Is told what every step does with every record. */
  readonly tracer?: Tracer;
}

interface RunningTask {
  readonly node: TaskNode;
  readonly stats: ComponentStats;
  readonly supervisor: Supervisor;
  readonly ended: Promise<void>;
}

/** A whole pipeline at work in memory: its real tasks, on a clock that moves when it is told to. */
export class PipelineRun {
  readonly #options: RunOptions;
  readonly #outside = new OutsideWork();
  readonly #clock: VirtualClock;
  readonly #kafka: MemoryKafka;
  readonly #log = new KeptLog();
  #directory: string | undefined;
  readonly #rehearsed: RehearsedPipeline;
  readonly #env: TaskEnvironment;
  readonly #stop = new AbortController();
  readonly #http: MockedHttp;
  readonly #sourceStats = new Map<string, ComponentStats>();
  #tasks: readonly RunningTask[] = [];
  /** The time that the test has brought the clock to, in ms since it began; the clock itself may be a little further. */
  #elapsed = 0;

  private constructor(given: Pipeline, options: RunOptions) {
    const directory = (): string => {
      this.#directory ??= mkdtempSync(join(tmpdir(), 'millrace-test-'));
      return this.#directory;
    };
    const local = withFiles(given, options.files ?? {}, directory);
    const pipeline = options.tracer === undefined ? local : traced(local, options.tracer);
    this.#options = options;
    this.#clock = new VirtualClock(options.now, () => this.#outside.pending);
    this.#kafka = new MemoryKafka(this.#clock);
    this.#kafka.idleReadMs = IDLE_READ_MS;
    this.#http = new MockedHttp(options.http ?? []);
    const { replies = {}, partitions = 'one' } = options;
    this.#rehearsed = rehearse(partitions === 'one' ? inOnePartition(pipeline) : pipeline, {
      directory,
      outside: this.#outside,
      repliesOf: (sink) => replies[sink] ?? [],
    });
    this.#env = memoryEnvironment(this.#rehearsed.pipeline, { kafka: this.#kafka, clock: this.#clock, log: this.#log });
  }

  /** Starts the streams and sinks of a pipeline. Sources run when they are given something. */
  static async start(pipeline: Pipeline, options: RunOptions): Promise<PipelineRun> {
    const run = new PipelineRun(pipeline, options);
    try {
      await run.#start();
    } catch (error) {
      await run.stop();
      throw error;
    }
    return run;
  }

  /** The time that the test has brought the clock to, in ms since 1970. */
  get now(): number {
    return this.#options.now + this.#elapsed;
  }

  /** Runs a source over what a test puts into it, to the end; without `input` as it is. Then lets the records come through. */
  async feed(source: string, input?: SourceInput): Promise<void> {
    const node = this.#rehearsed.pipeline.sources.find(({ name }) => name === source);
    if (node === undefined) throw new Error(`the pipeline has no source ${source}`);
    if (input !== undefined) {
      const rehearsal = this.#rehearsed.sources.get(source);
      if (rehearsal === undefined)
        throw new Error(`the source ${source} (${node.connector.type}) takes no input of a test; give it none to let it run`);
      rehearsal().feed(input);
    }
    await this.#runSource(node);
    await this.#settle();
  }

  /** Writes records into a topic, as whoever fills it would, and lets them come through. */
  async produce(topic: string, records: readonly NewTopicRecord[]): Promise<void> {
    if (!this.#kafka.logs.has(topic)) throw new Error(`the pipeline has no topic ${topic}`);
    await produce(this.#kafka, topic, records);
    await this.#settle();
  }

  /** Moves the clock on, with all that is due on the way. */
  async advance(ms: number): Promise<void> {
    this.#elapsed += ms;
    const rest = this.#elapsed - this.#clock.monotonic();
    this.#kafka.idleReadMs = ms > LONG_ADVANCE_MS ? LONG_IDLE_READ_MS : IDLE_READ_MS;
    if (rest > 0) await this.#clock.advance(rest);
    this.#kafka.idleReadMs = IDLE_READ_MS;
    await this.#lookAround();
    await this.#settle();
  }

  /** What a topic holds, as readers see it. */
  topic(name: string): readonly TopicRecord[] {
    if (!this.#kafka.logs.has(name)) throw new Error(`the pipeline has no topic ${name}`);
    return recordsOf(this.#kafka, name);
  }

  /** What the destination of a sink has been sent. */
  sink(name: string): readonly JsonValue[] {
    if (!this.#rehearsed.pipeline.sinks.some((sink) => sink.name === name)) throw new Error(`the pipeline has no sink ${name}`);
    return this.#rehearsed.delivered.get(name)?.() ?? [];
  }

  deadLetters(): readonly DeadLetter[] {
    return deadLettersIn(this.#kafka, this.#env.names.dead(this.#env.pipeline.name));
  }

  /** The numbers that the tasks have counted, by names such as `streams.parse.records_in`. */
  metrics(): ReadonlyMap<string, number> {
    return metricsOf(
      [...this.#sourceStats.values()].map((stats) => ({ stats })),
      this.#tasks,
    );
  }

  /** What should not be, whatever a test expects: tasks that have failed, records that did not come through, servers that were not mocked. */
  problems(): readonly string[] {
    return [...this.#tasks.flatMap((task) => this.#problemOf(task)), ...this.#http.problems];
  }

  /** Warnings and errors that the tasks have logged. */
  get log(): readonly string[] {
    return this.#log.lines;
  }

  /** Ends all tasks and removes what they have left. Idempotent. */
  async stop(): Promise<void> {
    this.#stop.abort(new Error('the test is over'));
    this.#kafka.endReads();
    const ended = Promise.all(this.#tasks.map(({ ended: each }) => each));
    try {
      await this.#clock.run(ended);
    } finally {
      this.#http.close();
      if (this.#directory !== undefined) rmSync(this.#directory, { recursive: true, force: true });
    }
  }

  async #start(): Promise<void> {
    setMaxListeners(0, this.#stop.signal);
    this.#http.open();
    const nodes = tasksOf(this.#env.pipeline, this.#env.names).filter(({ kind }) => kind !== 'source');
    const supervised = nodes.map((node) => {
      const stats = this.#statsOf(node);
      return { node, stats, supervisor: this.#supervisor(stats, node, this.#env) };
    });
    await this.#clock.run(Promise.all(supervised.map(({ supervisor }) => supervisor.prepareAhead())));
    this.#tasks = supervised.map((task) => ({ ...task, ended: task.supervisor.run(this.#stop.signal) }));
    await this.#clock.settle();
    // Partitions begin at the next read after they have been restored: no time is to pass until then.
    await this.#lookAround();
    await this.#settle();
  }

  async #runSource(node: SourceNode): Promise<void> {
    let stats = this.#sourceStats.get(node.name);
    if (stats === undefined) {
      stats = this.#statsOf(node);
      this.#sourceStats.set(node.name, stats);
    }
    const supervisor = this.#supervisor(stats, node, { ...this.#env, inputEnded: () => Promise.resolve() });
    await this.#clock.run(supervisor.run(this.#stop.signal));
    if (stats.state === 'failed') throw new Error(`the source ${node.name} has stopped: ${stats.reason}`);
  }

  #statsOf({ name, kind }: TaskNode): ComponentStats {
    return new ComponentStats({ pipeline: this.#env.pipeline.name, component: name, kind });
  }

  #supervisor(stats: ComponentStats, node: TaskNode, env: TaskEnvironment): Supervisor {
    const { clock, random, log } = env;
    return new Supervisor({
      stats,
      create: () => createTask(node, env, stats),
      once: node.kind === 'source',
      clock,
      random,
      log,
    });
  }

  /** Lets what is on its way come through. */
  async #settle(): Promise<void> {
    const until = this.#clock.monotonic() + SETTLE_MS;
    await this.#clock.advanceUntil(() => !this.#kafka.working || this.#clock.monotonic() >= until, 2 * SETTLE_MS);
  }

  /** Every task looks at what is due by now; what it finds at a look beside its work, it takes up at the next. */
  async #lookAround(): Promise<void> {
    for (let look = 0; look < 2; look += 1) {
      this.#kafka.endReads();
      await this.#clock.settle();
    }
  }

  #problemOf({ stats: { kind, component, state, reason }, node }: RunningTask): string[] {
    if (state === 'failed') return [`the ${kind} ${component} has stopped: ${reason}`];
    if (this.#kafka.isBehind(this.#env.names.group(this.#env.pipeline.name, node.name))) {
      const why = reason === '' ? 'advance the clock, where it waits for time' : reason;
      return [`records have not come through the ${kind} ${component}: ${why}`];
    }
    return state === 'retrying' ? [`the ${kind} ${component} has failed and starts again: ${reason}`] : [];
  }
}

/** The order of records and event time do not hang on how keys are spread then. */
function inOnePartition(pipeline: Pipeline): Pipeline {
  return { ...pipeline, topics: pipeline.topics.map((topic) => ({ ...topic, partitions: 1 })) };
}
