import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Backoff } from '../runtime/backoff.ts';
import { systemClock } from '../sdk/clock.ts';
import type { Logger } from '../sdk/logger.ts';
import { Exit } from './exit.ts';
import { STOP_MS, StopSignal } from './stop-signal.ts';

const BIN = fileURLToPath(new URL('../../../src/cli/bin.cjs', import.meta.url));
const STABLE_MS = 60_000;
/** Workers end by themselves before that; one that hangs in a plugin's loop does not. */
const STOP_WORKERS_MS = STOP_MS + 3_000;

/**
 * `--instances n`: n processes on this machine, each a member of every group. librdkafka loads in one thread of a process
 * only, so a machine's cores are used by processes. One that dies is started again.
 */
export async function launchInstances({ instances, log }: { instances: number; log: Logger }): Promise<number> {
  const workers = new Map<number, ChildProcess>();
  const stop = new StopSignal({
    log,
    limitMs: STOP_WORKERS_MS,
    beforeEnd: () => {
      for (const worker of workers.values()) worker.kill('SIGKILL');
    },
  });
  stop.waitsFor(() => ({
    hasBegun: true,
    tasks: Array.from(workers, ([i, { pid }]) => `instance ${i + 1} (process ${pid})`),
  }));
  const codes = await Promise.all(
    Array.from({ length: instances }, (_, i) => keepAlive(i, { workers, signal: stop.signal, log })),
  );
  return codes.every((code) => code === Exit.done) ? Exit.done : Exit.failed;
}

interface Launching {
  /** Those that run, by their number. */
  readonly workers: Map<number, ChildProcess>;
  readonly signal: AbortSignal;
  readonly log: Logger;
}

async function keepAlive(i: number, launching: Launching): Promise<number> {
  const { signal, log } = launching;
  const backoff = new Backoff({ clock: systemClock, random: Math.random }, { initialMs: 250, maxMs: 15_000 });
  for (let isFirst = true; ; isFirst = false) {
    const started = systemClock.monotonic();
    const { code, reason } = await runWorker(i, launching);
    // Files that were valid once may be in the middle of an edit.
    const isRefused = code === Exit.usage || (code === Exit.invalid && isFirst);
    if (signal.aborted || isRefused) return code ?? Exit.failed;
    if (systemClock.monotonic() - started > STABLE_MS) backoff.reset();
    log.warn(`instance ${i + 1} ended (${reason}); it starts again`);
    await backoff.wait(signal);
    if (signal.aborted) return Exit.done;
  }
}

function runWorker(i: number, { workers, signal }: Launching): Promise<{ code: number | undefined; reason: string }> {
  const [command, ...args] = process.argv.slice(2) as [string, ...string[]];
  // Directly behind the command: behind a `--` it would be taken for a file.
  const child: ChildProcess = fork(BIN, [command, '--worker', ...args], { stdio: 'inherit' });
  workers.set(i, child);
  const stop = (): void => {
    child.kill('SIGTERM');
  };
  signal.addEventListener('abort', stop, { once: true });
  return new Promise((resolve) => {
    child.once('exit', (code, killedBy) => {
      workers.delete(i);
      signal.removeEventListener('abort', stop);
      resolve({ code: code ?? undefined, reason: killedBy === null ? `exit code ${code}` : `killed by ${killedBy}` });
    });
  });
}
