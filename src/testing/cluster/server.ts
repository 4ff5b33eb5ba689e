import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { MillraceError, reasonOf } from '../../errors/index.ts';
import { systemClock } from '../../sdk/clock.ts';
import type { Command, ServerDefinition, ServerName } from './definition.ts';
import { isListening } from './ports.ts';
import { isRunning, type ProcessRecord, recordOf, signalGroup } from './process-record.ts';

const START_MS = 180_000;
const STOP_MS = 30_000;
const TAIL_LINES = 12;

/**
 * One server as a process of its own, which outlives the one that started it. What is known about it stands in a file, so that
 * another process can stop, pause or kill it, and a number that the system has given to another program since is never signalled.
 */
export class LocalServer {
  readonly name: ServerName;
  readonly port: number;
  /** The file with all that the server printed. */
  readonly log: string;
  readonly #definition: ServerDefinition;
  readonly #recordFile: string;
  readonly #report: (line: string) => void;

  constructor(definition: ServerDefinition, directory: string, report: (line: string) => void) {
    this.name = definition.name;
    this.port = definition.port;
    this.log = join(directory, 'logs', `${definition.name}.log`);
    this.#definition = definition;
    this.#recordFile = join(directory, 'run', `${definition.name}.json`);
    this.#report = report;
  }

  /** The process's number; undefined where it does not run. */
  get pid(): number | undefined {
    return this.#record()?.pid;
  }

  /** Starts the process where it does not run; {@link waitHealthy} tells when it serves. */
  async start(): Promise<void> {
    if (this.pid !== undefined) return;
    if (await isListening(this.port)) throw new MillraceError('CLUSTER_PORT_TAKEN', { server: this.name, port: this.port });
    const command = await this.#definition.prepare(this.#report);
    for (const folder of [join(this.log, '..'), join(this.#recordFile, '..')]) mkdirSync(folder, { recursive: true });
    const pid = await this.#spawn(command);
    const record = recordOf(pid);
    if (record === undefined) throw this.#ended();
    writeFileSync(this.#recordFile, JSON.stringify(record));
  }

  /** Waits until the server answers as a healthy one does; rejects when its process ends or `timeoutMs` pass first. */
  async waitHealthy(timeoutMs: number = START_MS): Promise<void> {
    const deadline = systemClock.monotonic() + timeoutMs;
    let reason = 'nothing was asked yet';
    while (systemClock.monotonic() < deadline) {
      if (this.pid === undefined) throw this.#ended();
      try {
        await this.#definition.check();
        return;
      } catch (error) {
        reason = reasonOf(error);
      }
      await systemClock.sleep(250);
    }
    throw new MillraceError('CLUSTER_UNHEALTHY', {
      server: this.name,
      seconds: Math.round(timeoutMs / 1000),
      reason,
      log: this.log,
    });
  }

  /** What is wrong with the server at this moment; undefined where it is healthy. */
  async complaint(): Promise<string | undefined> {
    if (this.pid === undefined) return 'not running';
    try {
      await this.#definition.check();
      return undefined;
    } catch (error) {
      return reasonOf(error);
    }
  }

  /** Ends the server in good order (SIGTERM), by force (SIGKILL) where it takes longer than `timeoutMs`. */
  async stop(timeoutMs: number = STOP_MS): Promise<void> {
    const record = this.#record();
    if (record === undefined) return;
    // A paused process would not notice the signal.
    signalGroup(record, 'SIGCONT');
    signalGroup(record, 'SIGTERM');
    if (!(await this.#gone(record, timeoutMs))) await this.kill();
    this.#forget();
  }

  /** Ends the server as a crash would (SIGKILL); settles when it is gone. */
  async kill(): Promise<void> {
    const record = this.#record();
    if (record === undefined) return;
    signalGroup(record, 'SIGKILL');
    await this.#gone(record, STOP_MS);
    this.#forget();
  }

  /** Like {@link kill}, but without waiting: for the exit of the calling process. */
  killNow(): void {
    const record = this.#record();
    if (record !== undefined) signalGroup(record, 'SIGKILL');
  }

  /** Freezes the server (SIGSTOP): its connections stay open and nothing answers. */
  pause(): void {
    this.#signal('SIGSTOP');
  }

  /** Lets a paused server go on (SIGCONT). */
  resume(): void {
    this.#signal('SIGCONT');
  }

  /** Waits for the end of the process, and for its port: its other threads, or a child, may hold that a moment longer. */
  async #gone(record: ProcessRecord, timeoutMs: number): Promise<boolean> {
    const deadline = systemClock.monotonic() + timeoutMs;
    while (isRunning(record) || (await isListening(this.port))) {
      if (systemClock.monotonic() > deadline) return false;
      await systemClock.sleep(50);
    }
    return true;
  }

  #signal(signal: NodeJS.Signals): void {
    const record = this.#record();
    if (record === undefined || !signalGroup(record, signal)) {
      throw new MillraceError('CLUSTER_NOT_RUNNING', { server: this.name, signal });
    }
  }

  /** The record of the process, if that process still runs. */
  #record(): ProcessRecord | undefined {
    try {
      const record = JSON.parse(readFileSync(this.#recordFile, 'utf8')) as ProcessRecord;
      return isRunning(record) ? record : undefined;
    } catch {
      return undefined;
    }
  }

  #forget(): void {
    rmSync(this.#recordFile, { force: true });
  }

  async #spawn(command: Command): Promise<number> {
    const output = openSync(this.log, 'a');
    try {
      // Detached: a process group of its own, so that Ctrl-C in this terminal does not reach it and signals reach all of it.
      const { cwd, env } = command;
      const child = spawn(command.program, command.args, { cwd, env, detached: true, stdio: ['ignore', output, output] });
      await once(child, 'spawn');
      child.unref();
      return child.pid as number;
    } catch (error) {
      if (command.program !== 'setpriv') throw error;
      throw new MillraceError('CLUSTER_ROOT', { reason: `setpriv does not start (${reasonOf(error)})` }, { cause: error });
    } finally {
      closeSync(output);
    }
  }

  #ended(): MillraceError {
    return new MillraceError('CLUSTER_ENDED', { server: this.name, log: this.log, tail: lastLines(this.log) });
  }
}

function lastLines(file: string): string {
  try {
    return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-TAIL_LINES).join('\n');
  } catch {
    return '(empty)';
  }
}
