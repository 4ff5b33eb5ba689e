import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { MillraceError } from '../../errors/index.ts';
import { systemClock } from '../../sdk/clock.ts';
import { isRunning, type ProcessRecord, recordOf } from './process-record.ts';

/** How long one process may hold the lock of another: a first download over a slow line, or a start on a busy machine. */
const PATIENCE_MS = 15 * 60_000;

/** Runs `work` while no other process runs its own under the same path. A lock whose holder died is broken. */
export async function withLock<T>(path: string, work: () => Promise<T>): Promise<T> {
  const own = JSON.stringify(recordOf(process.pid));
  await mkdir(dirname(path), { recursive: true });
  const deadline = systemClock.monotonic() + PATIENCE_MS;
  while (!(await tryToCreate(path, own))) {
    const holder = await readHolder(path);
    if (holder !== undefined && !isRunning(holder)) {
      await breakLock(path, holder);
    } else if (systemClock.monotonic() > deadline) {
      throw new MillraceError('CLUSTER_BUSY', { path, pid: holder?.pid ?? 0, seconds: PATIENCE_MS / 1000 });
    } else {
      await systemClock.sleep(200);
    }
  }
  try {
    return await work();
  } finally {
    await rm(path, { force: true });
  }
}

async function tryToCreate(path: string, content: string): Promise<boolean> {
  try {
    await writeFile(path, content, { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Who holds the lock; undefined where it was just given back, or is only being written. */
async function readHolder(path: string): Promise<ProcessRecord | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as ProcessRecord;
  } catch {
    return undefined;
  }
}

/** Takes a dead holder's lock away. Two processes may try at once: only what is still the dead one's is thrown away. */
async function breakLock(path: string, holder: ProcessRecord): Promise<void> {
  const aside = `${path}.${randomUUID()}`;
  try {
    await rename(path, aside);
  } catch {
    return;
  }
  const taken = await readHolder(aside);
  if (taken === undefined || taken.started === holder.started) await rm(aside, { force: true });
  else await rename(aside, path);
}
