import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { type Environment, readTextFile } from '../../src/config/index.ts';

/** The folder of a kind of golden files. */
export function folder(name: string): string {
  return fileURLToPath(new URL(`./${name}/`, import.meta.url));
}

export function filesIn(directory: string, ending: string): string[] {
  return readdirSync(directory)
    .filter((name) => name.endsWith(ending))
    .toSorted();
}

/** Compares with what is stored; `UPDATE_GOLDEN=1` stores what is there now, to be read in review. */
export function expectGolden(path: string, actual: string): void {
  if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(path, actual);
  expect(existsSync(path), `${path} is missing: run with UPDATE_GOLDEN=1 and read it`).toBe(true);
  expect(actual).toBe(readFileSync(path, 'utf8'));
}

/** An environment of its own, so that the machine's does not show. */
export const environment: Environment = {
  variables: { PORT: '9200', EMPTY: '', PASSWORD: 'correct-horse', NUMBER_TEXT: '42' },
  readFile: readTextFile,
};
