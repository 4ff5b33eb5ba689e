import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** What the server was sent so far. */
export interface Counted {
  readonly documents: number;
  readonly requests: number;
  readonly bytes: number;
}

/** A server that only answers `_bulk`, in a process of its own. */
export interface BulkAnswerer {
  readonly url: string;
  counted(): Promise<Counted>;
  stop(): Promise<void>;
}

/** Starts the server of bulk-answerer.mjs. It ends with this process at the latest. */
export async function startBulkAnswerer(): Promise<BulkAnswerer> {
  const program = fileURLToPath(new URL('./bulk-answerer.mjs', import.meta.url));
  const child = spawn(process.execPath, [program], { stdio: ['pipe', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  const [line] = (await Promise.race([once(child.stdout, 'data'), exited])) as [Buffer | number | null];
  if (!Buffer.isBuffer(line)) throw new Error(`starting the bulk answerer: it exited with ${line}`);
  const url = `http://127.0.0.1:${line.toString().trim()}`;
  return {
    url,
    counted: async () => (await (await fetch(`${url}/_counted`)).json()) as Counted,
    stop: async () => {
      child.stdin.end();
      await exited;
    },
  };
}
