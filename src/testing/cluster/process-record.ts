import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** A process that was started here, in such a way that a later process with the same number is never taken for it. */
export interface ProcessRecord {
  readonly pid: number;
  /** When the process began, in the system's own words. */
  readonly started: string;
}

/** The record of a process that is running now; undefined where there is none, or only its remains (a zombie). */
export function recordOf(pid: number): ProcessRecord | undefined {
  const started = process.platform === 'linux' ? startOnLinux(pid) : startByPs(pid);
  return started === undefined ? undefined : { pid, started };
}

/** Whether the very process of the record still runs (a stopped one does too). */
export function isRunning(record: ProcessRecord): boolean {
  return recordOf(record.pid)?.started === record.started;
}

/**
 * Sends a signal to the process and all its children in the same process group, if it still is the process of the record.
 * Elasticsearch is two processes, a launcher and the server, so that a signal to the first alone would not do.
 */
export function signalGroup(record: ProcessRecord, signal: NodeJS.Signals): boolean {
  if (!isRunning(record)) return false;
  try {
    process.kill(-record.pid, signal);
    return true;
  } catch {
    return false;
  }
}

/** The number of ticks from the machine's boot to the process's start, with the id of that boot: proc(5), field 22. */
function startOnLinux(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The second field is the command in parentheses and may hold anything, so fields count from the last parenthesis.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const [state, ticks] = [fields[0], fields[19]];
    if (state === 'Z' || state === 'X' || ticks === undefined) return undefined;
    return `${readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim()}/${ticks}`;
  } catch {
    return undefined;
  }
}

function startByPs(pid: number): string | undefined {
  try {
    const output = execFileSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const [state, ...started] = output.trim().split(/\s+/);
    return state === undefined || state === '' || state.startsWith('Z') ? undefined : started.join(' ');
  } catch {
    return undefined;
  }
}
