import { lastValueFrom, mergeMap } from 'rxjs';
import { reasonOf } from '../errors/index.ts';
import { JsonEncoder } from '../record/json-encoder.ts';
import type { Sink } from '../sdk/sink.ts';
import { Program, ProgramFailure } from '../stream/program.ts';
import { Credits, pull } from '../stream/pull.ts';
import type { ComponentStats } from '../telemetry/stats.ts';
import type { SinkNode } from '../topology/types.ts';
import { Backoff } from './backoff.ts';
import { closeAll } from './close-all.ts';
import { CommittedPositions } from './committed-positions.ts';
import type { Committer } from './committer.ts';
import { committerFor } from './committer-for.ts';
import { countCommit } from './count-commit.ts';
import { Delivery } from './delivery.ts';
import { DocumentIds } from './document-id.ts';
import { groupIntakeFor } from './group-intake.ts';
import type { GroupIntake } from './intake.ts';
import { createSink, openSink } from './open-sink.ts';
import { RateLimit } from './rate-limit.ts';
import { READ_BYTES, READ_WAIT_MS } from './reading.ts';
import { recordFailed } from './record-failed.ts';
import { settlesWithin } from './settles-within.ts';
import { DeliveryBatch, type SinkBatchContext } from './sink-batch.ts';
import { SinkCommitter } from './sink-committer.ts';
import type { Task, TaskEnvironment } from './task.ts';

/** How long the first record of a batch waits for company. */
const LINGER_MS = 50;
/** While no write can be taken on, the group is served this often. */
const IDLE_POLL_MS = 1_000;
/** What is in flight gets this long to settle when partitions are taken away; then it is left to their next owner. */
const DRAIN_MS = 20_000;

/** Reads topics and delivers: several writes in flight, offsets committed only up to the lowest record not yet delivered. */
export class SinkTask implements Task {
  readonly stats: ComponentStats;
  readonly #node: SinkNode;
  readonly #env: TaskEnvironment;
  readonly #sink: Sink;
  readonly #program: Program;
  readonly #intake: GroupIntake;
  readonly #committer: Committer;
  readonly #commits: SinkCommitter;
  readonly #delivery: Delivery;
  readonly #credits: Credits;
  readonly #positions = new CommittedPositions();
  readonly #backoff: Backoff;
  readonly #rate: RateLimit;
  readonly #context: SinkBatchContext;
  #open: DeliveryBatch | undefined;
  #cancel = new AbortController();
  #epoch = 0;
  #inputEnded = false;
  #room: Promise<void> | undefined;

  constructor(node: SinkNode, env: TaskEnvironment, stats: ComponentStats) {
    this.#node = node;
    this.#env = env;
    this.stats = stats;
    const { pipeline, names, settings, clock, log } = env;
    const retryTopic = names.retry(pipeline.name, node.name);
    const codecs = new Map(pipeline.topics.map((topic) => [topic.name, topic.codec]));
    const transcodes = node.from.some((topic) => codecs.get(topic) === 'text');
    const codecOf = (topic: string): 'json' | 'text' =>
      codecs.get(topic === retryTopic ? (node.from[0] as string) : topic) ?? 'json';
    this.#program = new Program({ component: node.name, env, steps: node.steps, codecOf, transcodes, onError: node.onError });
    this.#context = {
      component: node.name,
      ids: new DocumentIds(),
      encoder: new JsonEncoder(),
      incarnationOf: env.incarnationOf,
      retryTopic,
      deadTopic: names.dead(pipeline.name),
      keepsOriginals: this.#program.encodes,
      now: () => clock.now(),
      loads: [],
    };
    this.#sink = createSink(node, env);
    this.#delivery = new Delivery({ node, sink: this.#sink, stats, clock, random: env.random, log, pass: env.pass });
    this.#credits = new Credits(node.concurrency + 1);
    this.#backoff = new Backoff(env, node.retry);
    this.#rate = new RateLimit(clock, node.rateLimit);
    this.#committer = committerFor(node, env);
    this.#intake = groupIntakeFor(node, env, { positions: this.#positions });
    this.#commits = new SinkCommitter({
      committer: this.#committer,
      consumer: this.#intake.consumer,
      assertOwned: () => this.#intake.assertOwned(),
      intervalMs: settings.commit.intervalMs,
      clock,
      onCommit: (units, seconds) => {
        this.#count(units, seconds);
        this.#credits.wake();
      },
    });
  }

  async prepare(): Promise<void> {
    await this.#committer.open();
  }

  async run(signal: AbortSignal): Promise<void> {
    void this.#env.inputEnded?.(this.#node.from).then(() => {
      this.#inputEnded = true;
    });
    // Before the group is joined: another process may reach the destination meanwhile.
    await openSink(this.#sink, { stats: this.stats, backoff: this.#backoff, log: this.#env.log }, signal);
    if (signal.aborted) return;
    await this.#intake.start();
    this.stats.state = 'running';
    const batches = pull(() => this.#take(signal), this.#credits);
    await lastValueFrom(batches.pipe(mergeMap((batch) => this.#deliver(batch), this.#node.concurrency)), {
      defaultValue: undefined,
    });
    await this.#commits.flush();
  }

  async close(): Promise<void> {
    this.#cancel.abort(new Error('the task closes'));
    await this.#credits.until(() => this.#credits.idle);
    await this.#commits.settled();
    await closeAll(
      () => this.#intake.close(),
      () => this.#committer.close(),
      () => this.#sink.close(),
    );
  }

  positions(): ReturnType<Task['positions']> {
    const nothingInFlight = this.#credits.free >= this.#node.concurrency && this.#open?.empty !== false && this.#commits.empty;
    return this.#intake.positions(this.#positions.list(), nothingInFlight);
  }

  /** The next delivery, or undefined at the end. Holds one credit while it runs, so `concurrency` are left. */
  async #take(signal: AbortSignal): Promise<DeliveryBatch | undefined> {
    for (;;) {
      if (this.#commits.failure !== undefined) await this.#recover(signal);
      if (signal.aborted) {
        await this.#drain('is delivered at the next start');
        return undefined;
      }
      if (this.#intake.revoking) {
        await (this.#intake.lost ? this.#abandon() : this.#drain('is left to the next owner of its partitions'));
        if (this.#commits.failure === undefined) this.#intake.completeRevoke();
        continue;
      }
      if (!this.#hasRoom()) {
        await this.#waitForRoom();
        continue;
      }
      const batch = await this.#gather(signal);
      if (batch.epoch !== this.#epoch || this.#commits.failure !== undefined) continue;
      if (!batch.empty) {
        this.#open = undefined;
        this.#commits.add(batch);
        return batch;
      }
      if (await this.#finished()) return undefined;
    }
  }

  async #gather(signal: AbortSignal): Promise<DeliveryBatch> {
    const { bytes } = this.#node.batch;
    const records = this.#rate.atMost(this.#node.batch.records);
    this.#open ??= this.#commits.spare() ?? new DeliveryBatch(this.#context);
    const batch = this.#open;
    batch.reset(this.#epoch);
    let until = Number.POSITIVE_INFINITY;
    for (;;) {
      const limits = {
        maxRecords: records - batch.records,
        maxBytes: Math.max(1, Math.min(READ_BYTES, bytes - batch.bytes)),
        timeoutMs: Math.max(0, Math.min(READ_WAIT_MS, until - this.#env.clock.monotonic())),
      };
      const { batch: read } = await this.#intake.read(limits);
      if (read.length > 0) {
        if (batch.empty) until = this.#env.clock.monotonic() + LINGER_MS;
        batch.take(read);
        this.#run(read, batch);
      }
      if (signal.aborted || this.#intake.revoking || this.#commits.failure !== undefined) return batch;
      if (batch.records >= records || Math.max(batch.bytes, batch.rowBytes) >= bytes || this.#env.clock.monotonic() >= until)
        break;
      if (batch.empty && this.#inputEnded) break;
    }
    await this.#rate.take(batch.length, signal);
    return batch;
  }

  #run(read: Parameters<Program['run']>[0], batch: DeliveryBatch): void {
    try {
      this.#program.run(read, batch);
    } catch (error) {
      throw error instanceof ProgramFailure ? recordFailed(this.#node.name, error) : error;
    }
  }

  async #deliver(batch: DeliveryBatch): Promise<void> {
    try {
      if (batch.epoch === this.#epoch) await this.#delivery.deliver(batch, this.#cancel.signal);
    } catch (error) {
      // Cancelled: the batch is not done, so its offsets are never committed, and it is read again. So it is after
      // anything unforeseen, which must not leave it in the way of all that comes after it.
      if (batch.epoch === this.#epoch && !this.#cancel.signal.aborted) this.#commits.failure ??= error;
    } finally {
      this.#credits.release();
      this.#commits.advance();
    }
  }

  /** Lets what is in flight settle and commit, within bounds; what does not is left to the partitions' next owner. */
  async #drain(otherwise: string): Promise<void> {
    const settled = this.#credits.until(() => this.#credits.free === this.#node.concurrency);
    const timedOut = !(await settlesWithin(this.#env.clock, DRAIN_MS, settled));
    if (timedOut) {
      const { name } = this.#node;
      this.#env.log.warn(`what the destination of sink ${name} has not taken within ${DRAIN_MS / 1_000} s ${otherwise}`, {
        sink: name,
      });
      await this.#cancelAll();
      await settled;
    }
    await this.#commits.flush();
    if (timedOut && this.#intake.revoking) await this.#intake.rewind();
  }

  /** Cancels every delivery in flight; what was not done is void. */
  async #cancelAll(): Promise<void> {
    this.#epoch += 1;
    this.#cancel.abort(new Error('cancelled'));
    await this.#credits.until(() => this.#credits.free === this.#node.concurrency);
    this.#commits.dropUndone();
    this.#cancel = new AbortController();
  }

  /** The partitions are another member's already: what is not committed is theirs to deliver. */
  async #abandon(): Promise<void> {
    await this.#cancelAll();
    await this.#commits.settled();
    if (this.#commits.failure === undefined) this.#commits.forget();
  }

  async #recover(signal: AbortSignal): Promise<void> {
    const reason = reasonOf(this.#commits.failure);
    this.stats.state = 'retrying';
    this.stats.reason = reason;
    this.#env.log.warn('a commit did not succeed; going back to the last one', { sink: this.#node.name, reason });
    await this.#cancelAll();
    await this.#commits.settled();
    this.#commits.forget();
    await this.#committer.recover();
    if (signal.aborted) return;
    await this.#intake.rewind();
    await this.#backoff.wait(signal);
    this.stats.state = 'running';
  }

  #hasRoom(): boolean {
    return this.#credits.free > 0 && !this.#commits.full;
  }

  /** No more writes can be taken on: waits until one can, serving the group meanwhile. */
  async #waitForRoom(): Promise<void> {
    this.#room ??= this.#credits
      .until(() => this.#hasRoom())
      .finally(() => {
        this.#room = undefined;
      });
    if (!(await settlesWithin(this.#env.clock, IDLE_POLL_MS, this.#room))) await this.#intake.idle();
  }

  #count(units: readonly DeliveryBatch[], seconds: number): void {
    this.#backoff.reset();
    this.#positions.moveTo(DeliveryBatch.offsetsOf(units));
    countCommit(
      this.stats,
      seconds,
      units.map((batch) => ({ batch, out: batch.delivered })),
    );
    for (const unit of units) {
      this.stats.duplicates += unit.duplicates;
      for (const [topic, records] of unit.recordsByTopic()) this.#env.gate.left(this.#node.name, topic, records);
    }
  }

  async #finished(): Promise<boolean> {
    if (!this.#inputEnded || this.#credits.free !== this.#node.concurrency) return false;
    await this.#commits.flush();
    return this.#commits.failure === undefined && (await this.#intake.caughtUp());
  }
}
