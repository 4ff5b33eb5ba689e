/** What the tests of the file source share: a follower on temporary files, whose emits are recorded as if committed. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type Clock,
  type Emit,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  type Logger,
  noMetrics,
  type SourceContext,
} from 'millrace/sdk';
import { afterEach, beforeEach } from 'vitest';
import { fileConfig } from './config.ts';
import { Follower } from './follower.ts';

/** Time that only the test moves. */
export class ManualClock implements Clock {
  time = 1_000_000;

  now(): number {
    return this.time;
  }

  monotonic(): number {
    return this.time;
  }

  async sleep(ms: number): Promise<void> {
    this.time += ms;
  }
}

/** What is left when a process dies: records and positions committed, in the order of their commits. */
export class Committed {
  readonly records: JsonObject[] = [];
  readonly positions = new Map<string, JsonValue>();
  readonly warnings: string[] = [];
  readonly errors: string[] = [];
  lostBytes = 0;
  /** Emits that still commit; what comes after fails, as when the process is killed. */
  emitsLeft = Number.POSITIVE_INFINITY;

  get messages(): string[] {
    return this.records.map((record) => String(record['message']));
  }

  readonly emit: Emit = async (batch, options) => {
    if (this.emitsLeft <= 0) throw new Error('killed');
    this.emitsLeft -= 1;
    for (let i = 0; i < batch.length; i += 1) {
      const value = batch.valueJson(i);
      if (!isJsonObject(value)) throw new Error('not an object');
      this.records.push(value);
    }
    for (const [id, position] of Object.entries(options?.positions ?? {})) {
      if (position === null) this.positions.delete(id);
      else this.positions.set(id, JSON.parse(JSON.stringify(position)) as JsonValue);
    }
  };

  get log(): Logger {
    return {
      debug: () => undefined,
      info: () => undefined,
      warn: (message) => void this.warnings.push(message),
      error: (message) => void this.errors.push(message),
    };
  }
}

/** A directory with a log for each test of the file that calls this, and followers that end with the test. */
export interface TemporaryLog {
  readonly directory: string;
  /** Path of a log that does not exist yet. */
  readonly log: string;
  /** Follows the log and whatever has its name and more. */
  readonly follow: (options?: Readonly<Record<string, unknown>>, committed?: Committed) => RecordedFollower;
}

export function temporaryLog(): TemporaryLog {
  const running: RecordedFollower[] = [];
  const temporary = {
    directory: '',
    log: '',
    follow: (options: Readonly<Record<string, unknown>> = {}, committed = new Committed()) => {
      const run = new RecordedFollower({ include: [`${temporary.log}*`], ...options }, committed);
      running.push(run);
      return run;
    },
  };
  beforeEach(async () => {
    temporary.directory = await mkdtemp(join(tmpdir(), 'millrace-file-'));
    temporary.log = join(temporary.directory, 'app.log');
  });
  afterEach(async () => {
    for (const run of running.splice(0)) await run.stop();
    await rm(temporary.directory, { recursive: true });
  });
  return temporary;
}

export type RawOptions = { include: string[] } & Readonly<Record<string, unknown>>;

/** A running source, moved on by {@link pass}. Start another on the same `committed` to restart it. */
export class RecordedFollower {
  readonly committed: Committed;
  readonly clock = new ManualClock();
  readonly #follower: Follower;

  constructor(options: RawOptions, committed = new Committed(), once = false) {
    this.committed = committed;
    this.#follower = new Follower(fileConfig.parse(options), contextOf(committed, this.clock, once), committed.emit);
  }

  /** Looks once, and reads all there is to read. */
  async pass(): Promise<void> {
    await this.#follower.search();
    while (await this.#follower.readRound());
    await this.#follower.drained();
  }

  /** Ends it as a kill does: nothing more is emitted or said. */
  async stop(): Promise<void> {
    this.#follower.handOver();
    await this.#follower.close();
  }
}

/** Passes until everything that waits for time has had it. */
export async function settle(run: RecordedFollower): Promise<void> {
  for (let i = 0; i < 5; i += 1) {
    await run.pass();
    run.clock.time += 30_000;
  }
  await run.pass();
}

export function contextOf(
  committed: Committed,
  clock: Clock,
  once: boolean,
  signal: AbortSignal = new AbortController().signal,
): SourceContext {
  const lost = (bytes: number): void => {
    committed.lostBytes += bytes;
  };
  return {
    positions: new Map(committed.positions),
    signal,
    once,
    host: 'web-1',
    room: async () => undefined,
    lost,
    clock,
    log: committed.log,
    metrics: noMetrics,
  };
}

/** Reads all there is in one run that ends. */
export async function readOnce(options: RawOptions, committed = new Committed()): Promise<Committed> {
  const run = new RecordedFollower(options, committed, true);
  try {
    await run.pass();
  } finally {
    await run.stop();
  }
  return committed;
}

/** One pass of a following source that is then killed. */
export async function followOnce(options: RawOptions, committed = new Committed()): Promise<Committed> {
  const run = new RecordedFollower(options, committed);
  try {
    await run.pass();
  } finally {
    await run.stop();
  }
  return committed;
}
