import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';

/** The first of `count` ports in a row that nobody listens on: siblings serve their metrics on port + slot. */
export async function freePorts(count: number): Promise<number> {
  for (let first = 31_000 + (process.pid % 500) * 20; first + count < 60_000; first += count) {
    const free = await Promise.all(Array.from({ length: count }, (_, i) => isFree(first + i)));
    if (free.every(Boolean)) return first;
  }
  throw new Error(`no ${count} free ports in a row`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

/** The slot that the process with this number holds in a data directory; undefined while it has none. */
export async function slotOf(pid: number, dataDirectory: string): Promise<number | undefined> {
  return [...(await holders(dataDirectory))].find(([, holder]) => holder === pid)?.[0];
}

/** The numbers of the processes that hold slots in a data directory and live. */
export async function runningPids(dataDirectory: string): Promise<number[]> {
  return [...(await holders(dataDirectory)).values()].filter((pid) => existsSync(`/proc/${pid}`));
}

/** Who has noted itself in which slot. */
async function holders(dataDirectory: string): Promise<Map<number, number>> {
  const slots = join(dataDirectory, 'slots');
  const pids = new Map<number, number>();
  for (const name of await readdir(slots)) {
    const text = await readFile(join(slots, name), 'utf8');
    // Empty after a clean end, cut short while it is being written.
    if (text.endsWith('}')) pids.set(Number(name), (JSON.parse(text) as { pid: number }).pid);
  }
  return pids;
}

/** The sum of a metric over all its labels that match, as a process serves it. */
export async function metric(port: number, name: string, label = ''): Promise<number> {
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  return text
    .split('\n')
    .filter((line) => line.startsWith(`${name}{`) && line.includes(label))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
}
