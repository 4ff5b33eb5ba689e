import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { Instance } from './instance.ts';

const directories: string[] = [];
const children: ChildProcess[] = [];

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true, force: true });
});

function newDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'millrace-instance-'));
  directories.push(directory);
  return directory;
}

/** Another process that holds a slot, and has noted what it uses. */
async function holder(directory: string, slot: number, ids: readonly string[]): Promise<ChildProcess> {
  const script = `
    const { openSync, writeSync } = require('node:fs');
    const { flockSync } = require('fs-ext');
    const file = openSync(process.argv[1], 'a+');
    flockSync(file, 'exnb');
    writeSync(file, process.argv[2]);
    process.stdout.write('held');
    setInterval(() => {}, 1000);`;
  const content = JSON.stringify({ pid: 1, transactionalIds: ids });
  const child = spawn(process.execPath, ['-e', script, join(directory, 'slots', String(slot)), content], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  await once(child.stdout, 'data');
  return child;
}

async function killed(child: ChildProcess): Promise<void> {
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}

describe('Instance', () => {
  it('keeps its id in the directory, and takes the lowest free slot', async () => {
    const directory = newDirectory();
    const first = Instance.acquire(directory);
    expect(first.slot).toBe(0);
    expect(first.id).toMatch(/^\w{12}$/);
    first.release();
    const other = await holder(directory, 0, []);
    const second = Instance.acquire(directory);
    expect([second.slot, second.id]).toEqual([1, first.id]);
    await killed(other);
    const third = Instance.acquire(directory);
    expect(third.slot).toBe(0);
    second.release();
    third.release();
  });

  it('finds what killed processes left, its own slot included, each time it looks, and nothing of the living', async () => {
    const directory = newDirectory();
    Instance.acquire(directory).release();
    const dead = [await holder(directory, 0, ['a', 'b']), await holder(directory, 1, ['c'])];
    await holder(directory, 2, ['alive']);
    for (const one of dead) await killed(one);
    const instance = Instance.acquire(directory);
    expect(instance.slot).toBe(0);
    expect(instance.abandonedIds().sort()).toEqual(['a', 'b', 'c']);
    expect(instance.abandonedIds().sort()).toEqual(['a', 'b', 'c']);
    instance.recordIds(['mine']);
    expect(instance.abandonedIds()).toEqual(['mine']);
    expect(readFileSync(join(directory, 'slots', '1'), 'utf8')).toBe('');
    expect(readFileSync(join(directory, 'slots', '2'), 'utf8')).toContain('alive');
    instance.release();
    expect(readFileSync(join(directory, 'slots', '0'), 'utf8')).toBe('');
  });

  it('does not forget the ids of a process that dies between its look and its note', async () => {
    const directory = newDirectory();
    const instance = Instance.acquire(directory);
    const late = await holder(directory, 1, ['late']);
    expect(instance.abandonedIds()).toEqual([]);
    await killed(late);
    instance.recordIds(['mine']);
    expect(instance.abandonedIds().sort()).toEqual(['late', 'mine']);
    instance.release();
  });

  it('passes over a note that a kill cut short, and makes an id anew where the file is spoilt', () => {
    const directory = newDirectory();
    Instance.acquire(directory).release();
    writeFileSync(join(directory, 'slots', '0'), '{"pid":1,"transac');
    writeFileSync(join(directory, 'instance'), '\0');
    const instance = Instance.acquire(directory);
    expect(instance.abandonedIds()).toEqual([]);
    expect(instance.id).toMatch(/^\w{12}$/);
    instance.release();
  });

  it('says which directory cannot be used, and why', () => {
    const directory = newDirectory();
    const file = join(directory, 'file');
    writeFileSync(file, '');
    chmodSync(file, 0o600);
    expect(() => Instance.acquire(file)).toThrow(/using the data directory .*file: (ENOTDIR|EEXIST)/);
  });
});
