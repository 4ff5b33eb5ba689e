import { lastValueFrom, mergeMap } from 'rxjs';
import { MillraceError } from '../errors/index.ts';
import { Column, RecordBatch } from '../record/batch.ts';
import { noMetrics } from '../sdk/metrics.ts';
import type { Emit, EmitOptions, Source } from '../sdk/source.ts';
import { Program, ProgramFailure } from '../stream/program.ts';
import { Credits, pull } from '../stream/pull.ts';
import type { ComponentStats } from '../telemetry/stats.ts';
import type { SourceNode } from '../topology/types.ts';
import { BatchEmitter } from './batch-emitter.ts';
import { closeAll } from './close-all.ts';
import type { Committer } from './committer.ts';
import { committerFor } from './committer-for.ts';
import { countCommit } from './count-commit.ts';
import { OutputTopics } from './output-topics.ts';
import { hash, isFenced, PositionStore, refuseIfTakenOver, type StoredPositions } from './positions.ts';
import { recordFailed } from './record-failed.ts';
import type { SourceBatch } from './source-batch.ts';
import { SourceBatches } from './source-batches.ts';
import { SourcePartitioner } from './source-partitioner.ts';
import type { Task, TaskEnvironment } from './task.ts';

/** Micro-batches that may be taken before Kafka has the first, at the most: one is written, the next waits, and one is looked for. */
const CREDITS = 4;
/** Where several micro-batches may share a transaction they are smaller by this: the memory is the same, and the brokers wait less. */
const SHARE = 2;

/** Runs a source: its records and its positions go to Kafka in one transaction per micro-batch. */
export class SourceTask implements Task {
  readonly stats: ComponentStats;
  readonly #node: SourceNode;
  readonly #env: TaskEnvironment;
  readonly #source: Source;
  readonly #committer: Committer;
  readonly #program: Program;
  readonly #topics: OutputTopics;
  readonly #emitter: BatchEmitter;
  readonly #partitioner: SourcePartitioner;
  readonly #store: PositionStore;
  readonly #credits = new Credits(CREDITS);
  readonly #batches: SourceBatches;
  readonly #writer: string;
  #wake: (() => void) | undefined;
  #ended = false;
  #failure: unknown;
  #lastCommit = Number.NEGATIVE_INFINITY;
  /** Micro-batches that have been handed to the committer, and are not durable yet. */
  #committing = 0;

  constructor(node: SourceNode, env: TaskEnvironment, stats: ComponentStats) {
    this.#node = node;
    this.#env = env;
    this.stats = stats;
    this.#source = node.connector.create(node.config);
    this.#topics = new OutputTopics(env, node);
    this.#committer = committerFor(node, env);
    const { maxRecords, maxBytes } = env.settings.commit;
    const parts = (this.#committer.atOnce ?? 1) > 1 ? SHARE : 1;
    this.#batches = new SourceBatches(this.#topics.all, { maxRecords: maxRecords / parts, maxBytes: maxBytes / parts });
    const into = this.#batches.open;
    this.#emitter = new BatchEmitter({ node, env, topics: this.#topics, into, empty: RecordBatch.empty });
    this.#program = new Program({
      component: node.name,
      env,
      steps: node.steps,
      codecOf: () => 'json',
      transcodes: this.#topics.transcodes,
      onError: node.onError,
    });
    const partitioner = new SourcePartitioner(node, this.#topics.partitions(this.#topics.main), this.#program.encodes);
    this.#partitioner = partitioner;
    if (node.partitionBy !== undefined) this.#emitter.keysBy((batch, row, value) => partitioner.keyOf(batch, row, value));
    const { names, pipeline, settings } = env;
    this.#writer = `${env.place.instance}.${env.place.slot}.${hash(String(env.random())).toString(36)}`;
    this.#store = new PositionStore({
      topic: names.positions,
      partitions: env.partitionsOf(names.positions),
      // A position speaks of records in this very topic: made anew, the topic is filled anew.
      keyPrefix: `${names.positionKey(pipeline.name, node.name, settings.host)}${env.incarnationOf(node.to)}/`,
      writer: this.#writer,
      kafka: env.kafka,
      lookup: env.lookup,
    });
  }

  async prepare(): Promise<void> {
    await this.#committer.open();
  }

  async run(signal: AbortSignal): Promise<void> {
    let known: ReadonlySet<string> | undefined;
    for (;;) {
      const stored = await this.#store.read(signal);
      if (known !== undefined)
        refuseIfTakenOver(stored.writers, known, { source: this.#node.name, host: this.#env.settings.host });
      try {
        await this.#runOnce(stored, signal);
        return;
      } catch (error) {
        if (!isFenced(error) || signal.aborted) throw error;
        // Fenced can mean a second process under this name, or just that this one stood still for longer than its
        // transaction may last. The positions tell: only another process moves them.
        this.#env.log.warn('the transaction was ended by the broker; looking whether another process runs this source', {
          source: this.#node.name,
        });
        known = stored.writers;
        // Whoever still waits to take a micro-batch must see the failure, or it would take one of the next run.
        await this.#credits.until(() => this.#idle);
        await this.#committer.recover();
        this.#failure = undefined;
        this.#ended = false;
      }
    }
  }

  async close(): Promise<void> {
    await closeAll(
      () => this.#source.close(),
      () => this.#credits.until(() => this.#idle),
      () => this.#committer.close(),
    );
  }

  positions(): ReturnType<Task['positions']> {
    return [];
  }

  async #runOnce(stored: StoredPositions, signal: AbortSignal): Promise<void> {
    const stop = new AbortController();
    const both = AbortSignal.any([signal, stop.signal]);
    this.stats.state = 'running';
    this.#batches.open.reset(0);
    const commits = lastValueFrom(
      pull(() => this.#take(), this.#credits).pipe(mergeMap((batch) => this.#commit(batch, signal))),
      { defaultValue: undefined },
    );
    const running = this.#runSource(stored, both).finally(() => {
      this.#ended = true;
      this.#wake?.();
    });
    const failed = commits.catch((error: unknown) => {
      stop.abort(error);
      throw error;
    });
    const [sourceResult, commitResult] = await Promise.allSettled([running, failed]);
    if (commitResult.status === 'rejected') throw commitResult.reason;
    if (sourceResult.status === 'rejected' && !signal.aborted) throw sourceResult.reason;
  }

  /** Async, so that a source which throws before its first await rejects like any other. */
  async #runSource(stored: StoredPositions, signal: AbortSignal): Promise<void> {
    const emit: Emit = (records, options) => {
      const settled = this.#emit(records, options);
      // The task fails by itself when a commit does; a source that looks at its emits only later must not end the process.
      settled.catch(() => undefined);
      return settled;
    };
    await this.#source.run(emit, {
      positions: stored.positions,
      signal,
      once: this.#env.inputEnded !== undefined,
      host: this.#env.settings.host,
      room: () => this.#credits.until(() => this.#batches.full === 0 || this.#failure !== undefined),
      lost: (bytes) => {
        this.stats.lostBytes += bytes;
      },
      clock: this.#env.clock,
      log: this.#env.log,
      metrics: this.#env.metrics?.of('') ?? noMetrics,
    });
  }

  /** Copies the records into the open micro-batch; settles when it has committed. */
  #emit(records: RecordBatch, options: EmitOptions = {}): Promise<void> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure as Error);
    if (this.#batches.tooMuch) {
      return Promise.reject(
        new MillraceError('RUNTIME_INTERNAL', { reason: `the source ${this.#node.name} emits without awaiting` }),
      );
    }
    const { open } = this.#batches;
    try {
      this.#emitter.into(open);
      this.#program.run(this.#partitioner.place(records, options.spread), this.#emitter);
    } catch (error) {
      const failure = error instanceof ProgramFailure ? recordFailed(this.#node.name, error) : error;
      // Part of these records is in the open micro-batch by now: committed without their position, they would come twice.
      this.#fail(failure);
      return Promise.reject(failure as Error);
    }
    open.records += records.length;
    for (let row = 0; row < records.length; row += 1) open.bytes += Math.max(0, records.column(row, Column.valueLength));
    for (const [input, position] of Object.entries(options.positions ?? {})) open.positions.set(input, position);
    if (this.#batches.turn()) this.#credits.wake();
    this.#wake?.();
    return new Promise((resolve, reject) => {
      open.waiters.push({ resolve, reject });
    });
  }

  /** Whether nothing is under way. */
  get #idle(): boolean {
    return this.#credits.idle && this.#committing === 0;
  }

  /** The next micro-batch once the one before has committed, or as good as, and the interval has passed; undefined at the end. */
  async #take(): Promise<SourceBatch | undefined> {
    const { intervalMs } = this.#env.settings.commit;
    for (;;) {
      if (this.#failure !== undefined) throw this.#failure;
      if (!this.#batches.any) {
        if (this.#ended) return undefined;
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
        continue;
      }
      await this.#credits.until(() => this.#mayCommit);
      const due = this.#lastCommit + intervalMs - this.#env.clock.monotonic();
      if (due > 0 && !this.#ended && this.#batches.full === 0 && this.#failure === undefined) {
        await this.#pause(due);
        continue;
      }
      // The commit waited for may have failed: nobody takes another micro-batch then, and its credit would be lost.
      if (this.#failure !== undefined) throw this.#failure;
      const batch = this.#batches.take();
      this.#credits.wake();
      return batch;
    }
  }

  /** Whether a micro-batch may be taken: beside another only one that is full, so that many small ones become one. */
  get #mayCommit(): boolean {
    if (this.#committing === 0) return true;
    const underWay = CREDITS - 1 - this.#credits.free;
    return underWay < (this.#committer.atOnce ?? 1) && this.#batches.full > 0;
  }

  /** Settles after `ms`, or before that when something has happened: a micro-batch that is full waits for no interval. */
  async #pause(ms: number): Promise<void> {
    const timer = new AbortController();
    const woken = new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    const slept = this.#env.clock.sleep(ms, timer.signal).catch(() => undefined);
    await Promise.race([woken, slept]);
    timer.abort(new Error('woken'));
  }

  async #commit(batch: SourceBatch, signal: AbortSignal): Promise<void> {
    const waiters = batch.waiters.splice(0);
    const positions = Object.fromEntries(batch.positions);
    batch.positions.clear();
    const { records, bytes, deadLetters, dropped, forwarded } = batch;
    const release = this.#releaseOnce(batch);
    this.#committing += 1;
    try {
      if (this.#failure !== undefined) throw this.#failure;
      this.#store.add(batch.outputs, this.#topics.all.length - 1, positions);
      const outputs = batch.outputs.batch();
      await this.#env.gate.enter(() => this.#topics.load(outputs), signal);
      const began = this.#env.clock.monotonic();
      this.#lastCommit = began;
      await this.#committer.commit({ outputs, offsets: [], arrived: release });
      this.stats.state = 'running';
      this.stats.reason = '';
      const seconds = (this.#env.clock.monotonic() - began) / 1000;
      countCommit(this.stats, seconds, [{ batch: { records, bytes, deadLetters, dropped }, out: forwarded }]);
      for (const { resolve } of waiters) resolve();
    } catch (error) {
      for (const { reject } of waiters) reject(error);
      this.#fail(error);
      throw error;
    } finally {
      this.#committing -= 1;
      release();
      this.#credits.wake();
    }
  }

  /** Lets the batch be filled again, and another be taken: when Kafka has its records, at the latest when it is over. */
  #releaseOnce(batch: SourceBatch): () => void {
    let released = false;
    return () => {
      if (released) return;
      released = true;
      this.#batches.give(batch);
      this.#credits.release();
    };
  }

  /** Commits nothing more in this run: what is open is void, and the source reads it again from the stored positions. */
  #fail(error: unknown): void {
    this.#failure ??= error;
    this.#batches.reject(error);
    this.#wake?.();
    this.#credits.wake();
  }
}
