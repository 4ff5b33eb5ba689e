import { readdirSync, readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';

/** How Java calls the threads that compile, as far as Linux shows it. */
const COMPILER = /^C[12] Compiler/;
/** `USER_HZ`: 100 on every Linux that Node runs on; see proc(5). */
const TICKS_PER_S = 100;
const MS_PER_S = 1000;
/** Brokers are warm when their compilers have taken less of one core than this, in two looks in succession. */
const QUIET = 0.05;
const LOOKS = 2;

/**
 * Tells when brokers have compiled what they run. For the first 30 or so runs on a new cluster their compilers take up to a core: what
 * is measured then is Java's start, which a cluster that has run for an hour has long behind it.
 */
export class BrokerWarmth {
  readonly #pids: readonly number[];
  #seconds: number;
  #at: number;
  #quiet = 0;

  constructor(pids: readonly number[]) {
    this.#pids = pids;
    this.#seconds = compilerSeconds(pids);
    this.#at = performance.now();
  }

  /** The share of a core that the compilers took since the last look. */
  look(): number {
    const seconds = compilerSeconds(this.#pids);
    const now = performance.now();
    const share = ((seconds - this.#seconds) * MS_PER_S) / (now - this.#at);
    this.#quiet = share < QUIET ? this.#quiet + 1 : 0;
    this.#seconds = seconds;
    this.#at = now;
    return share;
  }

  get isWarm(): boolean {
    return this.#quiet >= LOOKS;
  }
}

/** Java starts and ends such threads as it needs them; those that have ended are few, and are left out. */
function compilerSeconds(pids: readonly number[]): number {
  let ticks = 0;
  for (const pid of pids) {
    for (const thread of readdirSync(`/proc/${pid}/task`)) ticks += compilerTicks(`/proc/${pid}/task/${thread}/stat`);
  }
  return ticks / TICKS_PER_S;
}

function compilerTicks(path: string): number {
  let stat: string;
  try {
    stat = readFileSync(path, 'latin1');
  } catch {
    // It has ended since it was listed.
    return 0;
  }
  const nameEnd = stat.lastIndexOf(')');
  if (!COMPILER.test(stat.slice(stat.indexOf('(') + 1, nameEnd))) return 0;
  const fields = stat.slice(nameEnd + 2).split(' ');
  return Number(fields[11]) + Number(fields[12]);
}
