import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { readingReason } from '../config/index.ts';
import { Exit, ExitError } from './exit.ts';
import { isTestFile } from './load-tests.ts';

const SKIPPED = new Set(['node_modules', 'dist']);

/** The test files of these paths, each a file or a directory that is searched, sorted and once. Ends the command with 2 where there are none. */
export function findTests(paths: readonly string[]): readonly string[] {
  const found = new Set<string>();
  for (const path of paths) {
    const files = searched(path);
    if (files.length === 0) throw new ExitError(Exit.usage, `${path}: there is no *.test.yaml in it`);
    for (const file of files) found.add(file);
  }
  return [...found].sort();
}

function searched(path: string): string[] {
  try {
    if (!statSync(path).isDirectory()) return [path];
  } catch (error) {
    throw new ExitError(Exit.usage, `reading ${path}: ${readingReason(error)}`);
  }
  return readdirSync(path, { withFileTypes: true }).flatMap((entry) => {
    const inner = path === '.' ? entry.name : join(path, entry.name);
    if (entry.isDirectory()) return SKIPPED.has(entry.name) || entry.name.startsWith('.') ? [] : within(inner);
    return isTestFile(entry.name) ? [inner] : [];
  });
}

function within(directory: string): string[] {
  return searched(directory);
}
