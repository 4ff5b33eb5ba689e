import { readFileSync, statSync } from 'node:fs';
import { MAX_FILE_BYTES } from './load-pipeline.ts';

/** `Environment.readFile` on the real file system: UTF-8, checked, and bounded before it is read. */
export function readTextFile(path: string): string {
  const stats = statSync(path);
  if (stats.isFile() && stats.size > MAX_FILE_BYTES) {
    throw new Error(`it has ${stats.size} bytes; at most ${MAX_FILE_BYTES} are read`);
  }
  const bytes = readFileSync(path);
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new Error('it is not UTF-8 text');
  }
}
