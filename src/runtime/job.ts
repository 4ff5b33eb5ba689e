import type { Logger } from '../sdk/logger.ts';
import { ComponentStats } from '../telemetry/stats.ts';
import type { Names } from '../topology/names.ts';
import { signatureOf } from '../topology/signature.ts';
import { type TaskNode, tasksOf } from '../topology/stages.ts';
import type { Pipeline } from '../topology/types.ts';
import type { Instance } from './instance.ts';
import { Supervisor, type SupervisorOptions } from './supervisor.ts';
import type { Task } from './task.ts';

/** A task of this process for as long as it does the same: its supervisor, and the signal that ends it alone. */
export class Job {
  readonly pipeline: Pipeline;
  readonly node: TaskNode;
  #stats: ComponentStats;
  readonly signature: string;
  readonly #stop = new AbortController();
  #supervisor: Supervisor | undefined;
  #ended: Promise<void> = Promise.resolve();
  #isAtWork = false;

  constructor(pipeline: Pipeline, node: TaskNode) {
    this.pipeline = pipeline;
    this.node = node;
    this.#stats = new ComponentStats({ pipeline: pipeline.name, component: node.name, kind: node.kind });
    this.signature = signatureOf(pipeline, node);
  }

  get stats(): ComponentStats {
    return this.#stats;
  }

  /** Goes on counting where the task has that it takes the place of. */
  countOn({ pipeline, node, stats }: Job): void {
    if (pipeline.name !== this.pipeline.name || node.name !== this.node.name || node.kind !== this.node.kind) return;
    stats.steps = [];
    stats.watermark = () => undefined;
    this.#stats = stats;
  }

  /** Whether the other would do the very same. */
  isLike({ pipeline, node, signature }: Job): boolean {
    return pipeline.name === this.pipeline.name && node.name === this.node.name && signature === this.signature;
  }

  get task(): Task | undefined {
    return this.#supervisor?.task;
  }

  /** `create`: makes a life of its task. */
  supervise(create: () => Task, options: Omit<SupervisorOptions, 'stats' | 'create'>): void {
    this.#supervisor ??= new Supervisor({ ...options, stats: this.stats, create });
  }

  async prepareAhead(): Promise<void> {
    await this.#supervisor?.prepareAhead();
  }

  /** Runs until the task has ended, or the signal or {@link stop} ends it; then `after`. */
  run(signal: AbortSignal, after: () => void): Promise<void> {
    const both = AbortSignal.any([signal, this.#stop.signal]);
    this.#isAtWork = true;
    this.#ended = (this.#supervisor?.run(both) ?? Promise.resolve())
      .finally(() => {
        this.#isAtWork = false;
      })
      .then(after);
    return this.#ended;
  }

  /** Whether it runs, or is about to end. */
  get isAtWork(): boolean {
    return this.#isAtWork;
  }

  /** What it is, and what troubles it, for people. */
  get described(): string {
    const { kind, pipeline, component, reason } = this.stats;
    const why = reason !== '' ? reason : kind === 'sink' ? 'delivers and commits' : 'commits';
    return `${kind} ${pipeline}/${component} (${why})`;
  }

  /** Ends it as the end of the run would: what it has taken is committed. Settles when it has let go of everything. */
  async stop(): Promise<void> {
    this.#stop.abort(new Error('another definition takes its place'));
    await this.#ended;
    await this.close();
  }

  async close(): Promise<void> {
    await this.#supervisor?.close();
  }
}

/** The tasks of pipelines that run in this process. `log`: told where it leaves sources away. */
export function jobsOf(
  pipelines: readonly Pipeline[],
  names: Names,
  { instance, log }: { instance: Instance; log?: Logger },
): readonly Job[] {
  // Pull sources run in slot 0 of each host: two readers of one file would both ship it.
  const here = instance.slot === 0 ? pipelines : pipelines.map((pipeline) => ({ ...pipeline, sources: [] }));
  if (here.some(({ sources }, i) => sources.length !== pipelines[i]?.sources.length)) {
    log?.info('sources run in the first process of a data directory; this is another one, so it runs the streams and sinks', {
      slot: instance.slot,
    });
  }
  return here.flatMap((pipeline) => tasksOf(pipeline, names).map((node) => new Job(pipeline, node)));
}
