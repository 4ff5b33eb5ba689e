import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { withLock } from './lock.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'millrace-lock-'));
});
afterEach(() => rm(directory, { recursive: true }));

it('lets one in at a time', async () => {
  const path = join(directory, 'lock');
  let inside = 0;
  let most = 0;
  const work = async (): Promise<void> => {
    inside += 1;
    most = Math.max(most, inside);
    await new Promise((resolve) => setImmediate(resolve));
    inside -= 1;
  };
  await Promise.all([withLock(path, work), withLock(path, work), withLock(path, work)]);
  expect(most).toBe(1);
  expect(await readdir(directory)).toEqual([]);
});

it('breaks the lock of a process that died', async () => {
  const path = join(directory, 'lock');
  await writeFile(path, JSON.stringify({ pid: process.pid, started: 'before this process' }));
  expect(await withLock(path, () => Promise.resolve('in'))).toBe('in');
  expect(await readdir(directory)).toEqual([]);
});

it('is given back when the work fails', async () => {
  const path = join(directory, 'lock');
  await expect(withLock(path, () => Promise.reject(new Error('no luck')))).rejects.toThrow('no luck');
  expect(await withLock(path, () => Promise.resolve('in'))).toBe('in');
});
