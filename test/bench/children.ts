import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const LONG_RUNNING = fileURLToPath(new URL('../../../src/cli/long-running.cjs', import.meta.url));

/** Programs that are measured, each in a process of its own. */
export type Program = 'pipeline-child' | 'bare-produce' | 'bare-forward' | 'bare-parse';

export interface ChildOptions {
  /** Options of node itself, such as `--cpu-prof`. */
  readonly nodeOptions?: readonly string[];
}

/** Those that run: they end with this process, whatever they wait for. */
const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** A measured process. */
export class MeasuredChild<Report> {
  readonly #child: ChildProcess;
  readonly #program: Program;
  readonly #ended: Promise<number | null>;
  #last: Report | undefined;

  constructor(program: Program, config: object, options: ChildOptions = {}) {
    this.#program = program;
    this.#child = fork(fileURLToPath(new URL(`./${program}.js`, import.meta.url)), [JSON.stringify(config)], {
      // As src/cli/bin.cjs does.
      execArgv: ['--enable-source-maps', '--require', LONG_RUNNING, ...(options.nodeOptions ?? [])],
      // As src/cli/bin.cjs does: every read and commit that waits on Kafka holds a thread of that pool.
      env: { ...process.env, UV_THREADPOOL_SIZE: '64' },
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    this.#child.on('message', (message) => {
      this.#last = message as Report;
    });
    running.add(this.#child);
    this.#ended = once(this.#child, 'exit').then(([code]) => {
      running.delete(this.#child);
      return code as number | null;
    });
  }

  get pid(): number {
    return this.#child.pid as number;
  }

  /** Settles with what the process reported last, once it has ended. Rejects where it failed or reported nothing. */
  async report(): Promise<Report> {
    const code = await this.#ended;
    if (code !== 0 || this.#last === undefined) throw new Error(`${this.#program} ended with ${code}; see what it printed above`);
    return this.#last;
  }

  /** Asks for a report and waits for it, while the process goes on. */
  async ask(): Promise<Report> {
    const answer = once(this.#child, 'message') as Promise<[Report]>;
    this.#child.send('report');
    const ended = this.#ended.then((code): never => {
      throw new Error(`${this.#program} ended with ${code} while it was to run; see what it printed above`);
    });
    return (await Promise.race([answer, ended]))[0];
  }

  /** Lets the process end in good order. */
  async stop(): Promise<void> {
    if (this.#child.connected) this.#child.send('stop');
    await this.#ended;
  }
}
