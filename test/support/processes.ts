import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { eventually } from './wait.ts';

const PROGRAM = fileURLToPath(new URL('../../src/cli/bin.cjs', import.meta.url));

/** How many characters of a process's output are kept: the newest. */
const OUTPUT_LIMIT = 4 << 20;

export interface ProcessOptions {
  readonly cwd?: string;
  /** Added to the environment of this process. */
  readonly env?: Readonly<Record<string, string>>;
  /** The script to run in place of `millrace`. */
  readonly program?: string;
}

export interface ProcessEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

const started = new Set<MillraceProcess>();

/** A `millrace` command in a process of its own: what it prints, its signals and its end. */
export class MillraceProcess {
  /** How the process ended, once it has. */
  readonly ended: Promise<ProcessEnd>;
  readonly #child: ChildProcess;
  readonly #args: readonly string[];
  #stdout = '';
  #stderr = '';

  constructor(args: readonly string[], options: ProcessOptions = {}) {
    this.#args = args;
    const env = { ...process.env, ...options.env };
    const child = spawn(process.execPath, [options.program ?? PROGRAM, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env,
      ...(options.cwd && { cwd: options.cwd }),
    });
    this.#child = child;
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.#stdout = (this.#stdout + text).slice(-OUTPUT_LIMIT);
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-OUTPUT_LIMIT);
    });
    started.add(this);
    this.ended = new Promise((resolve, reject) => {
      child.once('error', reject);
      // "close" comes after the last output, "exit" may come before it.
      child.once('close', (code, signal) => {
        started.delete(this);
        resolve({ code, signal });
      });
    });
    // A test that does not ask for the end must not fail for it; whoever awaits it still sees the error.
    this.ended.catch(() => {});
  }

  get pid(): number {
    return this.#child.pid ?? -1;
  }

  get stdout(): string {
    return this.#stdout;
  }

  get stderr(): string {
    return this.#stderr;
  }

  get running(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Waits until the output (both streams) matches; fails at once when the process ends without it. */
  async waitForOutput(pattern: RegExp, timeout: number = 60_000): Promise<RegExpExecArray> {
    const found = await eventually(
      () => {
        const match = pattern.exec(this.#stdout) ?? pattern.exec(this.#stderr);
        // Ended processes are looked at once more, since their last output comes with their end.
        return match ?? (this.running ? undefined : 'ended');
      },
      { what: `${String(pattern)} from millrace ${this.#args.join(' ')}`, timeout },
    );
    if (found !== 'ended') return found;
    throw new Error(
      `millrace ${this.#args.join(' ')} ended before it printed ${String(pattern)}\n${this.#stdout}\n${this.#stderr}`,
    );
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** kill -9, as a crash would; settles when the process is gone. */
  async kill(): Promise<ProcessEnd> {
    this.signal('SIGKILL');
    return this.ended;
  }

  /** Freezes the process (SIGSTOP). */
  pause(): void {
    this.signal('SIGSTOP');
  }

  /** Lets a frozen process go on (SIGCONT). */
  resume(): void {
    this.signal('SIGCONT');
  }

  /** SIGTERM: the process finishes what it has begun. Where that takes longer than `timeout`, it is killed and the test fails. */
  async stop(timeout: number = 30_000): Promise<ProcessEnd> {
    this.signal('SIGTERM');
    try {
      await eventually(() => !this.running, { what: `millrace ${this.#args.join(' ')} to end after SIGTERM`, timeout });
    } catch (error) {
      await this.kill();
      throw new Error(`${(error as Error).message}\n${this.#stdout}\n${this.#stderr}`, { cause: error });
    }
    return this.ended;
  }
}

/** Starts `millrace` with these arguments. */
export function startMillrace(args: readonly string[], options: ProcessOptions = {}): MillraceProcess {
  return new MillraceProcess(args, options);
}

/** Kills what a test left running: for `afterEach`. */
export async function killAllProcesses(): Promise<void> {
  await Promise.all(Array.from(started, (each) => each.kill()));
}

/** Prints what processes have logged last: for `onTestFailed`. */
export function showOutput(processes: readonly MillraceProcess[]): void {
  for (const [i, { pid, stderr }] of processes.entries())
    process.stdout.write(`--- process ${i} (${pid})\n${stderr.slice(-4_000)}\n`);
}

/** Runs `millrace` to its end, at most `timeout` ms, and gives back how it ended and what it printed. */
export async function runMillrace(
  args: readonly string[],
  options: ProcessOptions & { readonly timeout?: number } = {},
): Promise<ProcessEnd & { readonly stdout: string; readonly stderr: string }> {
  const millrace = startMillrace(args, options);
  try {
    await eventually(() => !millrace.running, { what: `millrace ${args.join(' ')} to end`, timeout: options.timeout ?? 60_000 });
  } finally {
    if (millrace.running) await millrace.kill();
  }
  const end = await millrace.ended;
  return { ...end, stdout: millrace.stdout, stderr: millrace.stderr };
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
