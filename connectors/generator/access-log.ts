import { mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { MillraceError, reasonOf } from 'millrace/sdk';
import { accessLine } from './access-line.ts';

const LINES_PER_WRITE = 5000;

export interface AccessLogOptions {
  /** The file to write; its directory is made, and what was in it is replaced. */
  readonly path: string;
  readonly lines: number;
  /** The same seed gives the same lines. Default 1. */
  readonly seed?: number;
  /** Number of the first line. Default 0. */
  readonly first?: number;
  /** Adds to what is in the file instead of replacing it. */
  readonly append?: boolean;
}

/** Writes numbered lines of a made-up access log in Apache's combined format. Throws GENERATOR_UNWRITABLE. */
export async function generateAccessLog({ path, lines, seed = 1, first = 0, append = false }: AccessLogOptions): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true });
    const handle = await open(path, append ? 'a' : 'w');
    try {
      for (let from = first; from < first + lines; from += LINES_PER_WRITE) {
        await handle.writeFile(linesFrom(seed, from, Math.min(from + LINES_PER_WRITE, first + lines)));
      }
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw new MillraceError('GENERATOR_UNWRITABLE', { path, reason: reasonOf(error) }, { cause: error });
  }
}

function linesFrom(seed: number, from: number, to: number): string {
  let text = '';
  for (let sequence = from; sequence < to; sequence += 1) text += `${accessLine(seed, sequence)}\n`;
  return text;
}
