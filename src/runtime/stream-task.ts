import { concatMap, lastValueFrom } from 'rxjs';
import { isMillraceError, reasonOf } from '../errors/index.ts';
import { RecordBatch } from '../record/batch.ts';
import { ProgramFailure } from '../stream/program.ts';
import { Credits, pull } from '../stream/pull.ts';
import type { ComponentStats } from '../telemetry/stats.ts';
import type { StageNode } from '../topology/stages.ts';
import type { StreamNode } from '../topology/types.ts';
import { Attendance, GivenUp } from './attendance.ts';
import { Backoff } from './backoff.ts';
import { BatchEmitter } from './batch-emitter.ts';
import { closeAll } from './close-all.ts';
import { CommittedPositions } from './committed-positions.ts';
import type { Committer } from './committer.ts';
import { committerFor } from './committer-for.ts';
import { countCommit } from './count-commit.ts';
import { groupIntakeFor } from './group-intake.ts';
import type { GroupIntake } from './intake.ts';
import { MicroBatch } from './micro-batch.ts';
import { OutputTopics } from './output-topics.ts';
import { READ_BYTES, READ_WAIT_MS } from './reading.ts';
import { recordFailed } from './record-failed.ts';
import { StatefulWork } from './stateful/stateful-work.ts';
import type { StreamWork } from './stream-work.ts';
import { streamWorkFor } from './stream-work-for.ts';
import type { Task, TaskEnvironment } from './task.ts';

/** Of one read: so few that decoded values never fill the heap. */
const READ_RECORDS = 4_096;
/** What becomes of the last read beyond the bound of a micro-batch: parsed records are some times larger. */
const LAST_READ_BYTES = 3 * READ_BYTES;
/** How often a micro-batch in waiting looks whether the one before it has committed. */
const COMMIT_LOOK_MS = 10;
/** One micro-batch commits while the next is taken. */
const CREDITS = 2;

/**
 * Reads topics, runs the steps and writes a topic, exactly once: an RxJS graph of micro-batches whose source is a pull
 * loop over the group's partitions and whose end is the committer.
 */
export class StreamTask implements Task {
  readonly stats: ComponentStats;
  readonly #node: StreamNode;
  readonly #env: TaskEnvironment;
  readonly #work: StreamWork;
  readonly #committer: Committer;
  readonly #intake: GroupIntake;
  readonly #attendance: Attendance;
  readonly #credits = new Credits(CREDITS);
  readonly #spare: MicroBatch[] = [];
  readonly #positions = new CommittedPositions();
  readonly #backoff: Backoff;
  readonly #topics: OutputTopics;
  /** The micro-batch being gathered, while it is empty: taken from the spares only with a credit, so that two are enough. */
  #open: MicroBatch | undefined;
  #epoch = 0;
  #failure: unknown;
  #lastCommit = Number.NEGATIVE_INFINITY;
  #inputEnded = false;
  #openEmitted = false;
  #left = false;
  /** Time has passed for what nothing arrives for, and that is to be committed. */
  #timePassed = false;

  constructor(node: StreamNode | StageNode, env: TaskEnvironment, stats: ComponentStats) {
    this.#node = node;
    this.#env = env;
    this.stats = stats;
    this.#topics = new OutputTopics(env, node);
    const first = this.#emptyBatch();
    this.#spare.push(first);
    const emitter = new BatchEmitter({ node, env, topics: this.#topics, into: first, empty: RecordBatch.empty });
    const parts = { topics: this.#topics, emitter, stats };
    this.#work = streamWorkFor(node, env, parts);
    this.#committer = committerFor(node, env);
    this.#backoff = new Backoff(env);
    this.#intake = groupIntakeFor(node, env, {
      positions: this.#positions,
      restore: (partitions) => this.#work.restore(partitions),
      giveUp: (partitions) => this.#work.giveUp(partitions),
    });
    this.#attendance = new Attendance(this.#intake, env.clock);
    if (this.#work instanceof StatefulWork) this.#work.reads(this.#intake);
  }

  async prepare(): Promise<void> {
    await this.#committer.open();
  }

  async run(signal: AbortSignal): Promise<void> {
    void this.#env.inputEnded?.(this.#node.from).then(() => {
      this.#inputEnded = true;
    });
    await this.#intake.start();
    this.stats.state = 'running';
    const batches = pull(() => this.#take(signal), this.#credits);
    await lastValueFrom(batches.pipe(concatMap((batch) => this.#commit(batch, signal))), { defaultValue: undefined });
  }

  async close(): Promise<void> {
    await this.#credits.until(() => this.#credits.idle);
    // Beside each other: partitions that are being restored end only when the work does.
    const left = this.#intake.close();
    left.catch(() => undefined);
    await closeAll(
      () => this.#work.close(),
      () => left,
      () => this.#committer.close(),
    );
  }

  positions(): ReturnType<Task['positions']> {
    const nothingInFlight = this.#credits.free >= CREDITS - 1 && this.#open?.empty !== false;
    return this.#intake.positions(this.#positions.list(), nothingInFlight);
  }

  /** The next micro-batch, or undefined at the end. Holds one credit while it runs. */
  async #take(signal: AbortSignal): Promise<MicroBatch | undefined> {
    try {
      return await this.#next(signal);
    } catch (error) {
      if (!(error instanceof GivenUp) && !(isMillraceError(error) && error.code === 'PROCESSOR_FAILED')) throw error;
      this.#epoch += 1;
      this.#failure = error;
      return this.#take(signal);
    }
  }

  async #next(signal: AbortSignal): Promise<MicroBatch | undefined> {
    for (;;) {
      if (this.#failure !== undefined) await this.#recover(signal);
      if (signal.aborted) return await this.#leave(signal);
      if (this.#openEmitted) {
        // What comes now is the next run's: steps have seen results that are none yet.
        await this.#credits.until(() => this.#credits.free === CREDITS - 1);
        if (this.#failure !== undefined) continue;
        return undefined;
      }
      if (this.#intake.revoking) {
        // The drain is the fence: what is in flight commits or aborts before the partitions go.
        await this.#credits.until(() => this.#credits.free === CREDITS - 1);
        if (this.#failure !== undefined) continue;
        const kept = this.#intake.lost ? undefined : await this.#kept(signal);
        if (kept !== undefined) return kept;
        if (!this.#intake.lost) await this.#work.beforeGiveUp();
        this.#intake.completeRevoke();
        continue;
      }
      const batch = await this.#gather(signal);
      if (this.#failure !== undefined) continue;
      if (!batch.empty || this.#timePassed) return await this.#complete(batch, signal);
      if (!(await this.#finished())) continue;
      if (!(await this.#attended(this.#work.emitOpen(batch), signal))) return undefined;
      this.#openEmitted = true;
      return await this.#complete(batch, signal);
    }
  }

  /** The last micro-batch of a task that is told to end: what its work has kept. */
  async #leave(signal: AbortSignal): Promise<MicroBatch | undefined> {
    if (this.#left) return undefined;
    this.#left = true;
    return await this.#kept(signal);
  }

  /** A micro-batch of what the work has kept; undefined: nothing. */
  async #kept(signal: AbortSignal): Promise<MicroBatch | undefined> {
    if (this.#work.leave === undefined) return undefined;
    const batch = this.#begin();
    return (await this.#attended(this.#work.leave(batch), signal)) ? await this.#complete(batch, signal) : undefined;
  }

  async #complete(batch: MicroBatch, signal: AbortSignal): Promise<MicroBatch> {
    await this.#attended(this.#work.end(batch), signal);
    this.#timePassed = false;
    this.#open = undefined;
    return batch;
  }

  /** Takes what arrives until the micro-batch before has committed and the commit interval has passed. */
  async #gather(signal: AbortSignal): Promise<MicroBatch> {
    const { maxRecords, maxBytes, intervalMs } = this.#env.settings.commit;
    const batch = this.#begin();
    if (this.#work.resume?.() === true) {
      if (!this.#intake.revoking) await this.#intake.idle();
      return batch;
    }
    for (;;) {
      const due = this.#lastCommit + intervalMs - this.#env.clock.monotonic();
      const committing = this.#credits.free < CREDITS - 1;
      const nothing = batch.empty && !this.#timePassed;
      const wait = nothing ? READ_WAIT_MS : Math.max(0, committing ? COMMIT_LOOK_MS : Math.min(due, READ_WAIT_MS));
      const { batch: read } = await this.#intake.read({ maxRecords: READ_RECORDS, maxBytes: READ_BYTES, timeoutMs: wait });
      if (read.length > 0) {
        batch.take(read);
        await this.#run(read, signal);
      }
      this.#timePassed = this.#work.tick() || this.#timePassed;
      if (signal.aborted || this.#intake.revoking || this.#failure !== undefined) return batch;
      if (batch.records >= maxRecords || batch.bytes >= maxBytes || batch.outputs.bytes >= maxBytes) return batch;
      if (
        batch.empty && !this.#timePassed
          ? this.#inputEnded
          : !committing && this.#env.clock.monotonic() >= this.#lastCommit + intervalMs
      )
        return batch;
    }
  }

  #begin(): MicroBatch {
    this.#open ??= this.#spare.pop() ?? this.#emptyBatch();
    this.#open.reset(this.#epoch);
    this.#work.into(this.#open);
    return this.#open;
  }

  #emptyBatch(): MicroBatch {
    return new MicroBatch(this.#topics.all, this.#env.settings.commit.maxBytes + LAST_READ_BYTES);
  }

  /** Waits for work, which is given up where the task is to end or its partitions go. */
  #attended<T>(work: Promise<T> | T, signal: AbortSignal): Promise<T> | T {
    if (!(work instanceof Promise)) return work;
    return this.#attendance.during(work, { signal, interrupt: () => this.#work.interrupt() });
  }

  async #run(read: RecordBatch, signal: AbortSignal): Promise<void> {
    try {
      await this.#attended(this.#work.run(read), signal);
    } catch (error) {
      throw error instanceof ProgramFailure ? recordFailed(this.#node.name, error) : error;
    }
  }

  async #commit(batch: MicroBatch, signal: AbortSignal): Promise<void> {
    try {
      // What was taken before a failure is void: it is read again from the committed offsets.
      if (batch.epoch !== this.#epoch) return;
      const offsets = this.#work.offsets?.(batch) ?? batch.offsets();
      await this.#env.gate.enter(() => this.#topics.load(batch.outputs.batch()), signal);
      this.#lastCommit = this.#env.clock.monotonic();
      await this.#committer.commit({
        outputs: batch.outputs.batch(),
        offsets,
        consumer: this.#intake.consumer,
        assertOwned: () => this.#intake.assertOwned(),
      });
      this.#work.committed(batch);
      this.#positions.moveTo(offsets);
      this.#count(batch, (this.#env.clock.monotonic() - this.#lastCommit) / 1000);
      this.#backoff.reset();
    } catch (error) {
      this.#epoch += 1;
      this.#failure = error;
    } finally {
      this.#spare.push(batch);
      this.#credits.release();
    }
  }

  #count(batch: MicroBatch, seconds: number): void {
    this.stats.state = 'running';
    this.stats.reason = '';
    countCommit(this.stats, seconds, [{ batch, out: batch.forwarded }]);
    for (const [topic, records] of batch.recordsByTopic()) this.#env.gate.left(this.#node.name, topic, records);
  }

  /** After a failed commit: nothing of it may still be under way, then the input is read again from the committed offsets. */
  async #recover(signal: AbortSignal): Promise<void> {
    await this.#credits.until(() => this.#credits.free === CREDITS - 1);
    const isGivenUp = this.#failure instanceof GivenUp;
    if (!isGivenUp) this.#tell(reasonOf(this.#failure));
    const { inDoubt } = this.#committer;
    await this.#committer.recover();
    this.#failure = undefined;
    // What was emitted is void, so that nothing more may be committed of it.
    this.#left = signal.aborted;
    if (signal.aborted) return;
    const goneBack = this.#work.rollback(inDoubt);
    if (goneBack !== undefined) await this.#attendance.during(goneBack);
    this.#openEmitted = false;
    await this.#intake.rewind();
    if (!isGivenUp) await this.#backoff.wait(signal);
    this.stats.state = 'running';
  }

  #tell(reason: string): void {
    this.stats.state = 'retrying';
    this.stats.reason = reason;
    this.stats.retries += 1;
    this.#env.log.warn('a commit did not succeed; going back to the last one', { task: this.#node.name, reason });
  }

  async #finished(): Promise<boolean> {
    return this.#inputEnded && this.#credits.free === CREDITS - 1 && (await this.#intake.caughtUp());
  }
}
