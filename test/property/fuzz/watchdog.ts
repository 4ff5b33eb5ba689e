import { Worker } from 'node:worker_threads';

/**
 * Ends the process when one case takes too long, after printing its seed. A loop without an end holds up every timer of its own
 * thread, so that nothing else would say which case it was.
 */
const WATCH = `
const { workerData } = require('node:worker_threads');
const { writeSync } = require('node:fs');
const seen = new Float64Array(workerData.shared);
let last = NaN, since = Date.now();
setInterval(() => {
  if (seen[0] !== last) { last = seen[0]; since = Date.now(); return; }
  if (last < 0 || Date.now() - since < workerData.limitMs) return;
  writeSync(2, 'fuzz: the case MILLRACE_FUZZ_SEED=' + last + ' has not ended after ' + workerData.limitMs + ' ms\\n');
  process.kill(process.pid, 'SIGKILL');
}, 500);
`;

const NONE = -1;

export class Watchdog {
  readonly #seen = new Float64Array(new SharedArrayBuffer(8)).fill(NONE);
  readonly #worker: Worker;

  constructor(limitMs: number) {
    this.#worker = new Worker(WATCH, { eval: true, workerData: { shared: this.#seen.buffer, limitMs } });
    this.#worker.unref();
  }

  /** Says that the case of this seed begins. */
  begin(seed: number): void {
    this.#seen[0] = seed;
  }

  async stop(): Promise<void> {
    this.#seen[0] = NONE;
    await this.#worker.terminate();
  }
}
