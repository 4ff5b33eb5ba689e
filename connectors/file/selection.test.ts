import { appendFile, copyFile, link, mkdir, rename, symlink, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { followOnce, temporaryLog } from './recorded-follower.ts';

const temporary = temporaryLog();
const { follow } = temporary;
let log: string;
let directory: string;

beforeEach(() => {
  log = temporary.log;
  directory = temporary.directory;
});

describe('which files', () => {
  it('tells files with the same beginning apart, and reads tiny ones at once', async () => {
    await writeFile(`${log}.a`, '#\n');
    await writeFile(`${log}.b`, '#\n');
    const run = follow();
    await run.pass();
    await appendFile(`${log}.a`, 'a\n');
    await appendFile(`${log}.b`, 'b\n');
    await run.pass();
    expect(run.committed.messages.toSorted()).toEqual(['#', '#', 'a', 'b']);
  });

  it('reads a file once that has several names', async () => {
    await writeFile(log, '1\n');
    await link(log, `${log}.hard`);
    await symlink(log, `${log}.soft`);
    const run = follow();
    await run.pass();
    await unlink(log);
    await appendFile(`${log}.hard`, '2\n');
    await run.pass();
    expect(run.committed.messages).toEqual(['1', '2']);
  });

  it('begins at the end of files that were there first, at a whole line, and at the beginning of later ones', async () => {
    await writeFile(log, 'old\nunfinish');
    const options = { include: [`${log}*`], start: 'end' };
    const committed = await followOnce(options);
    expect(committed.messages).toEqual([]);
    await appendFile(log, 'ed\n');
    await writeFile(`${log}.late`, 'late\n');
    await followOnce(options, committed);
    expect(committed.messages.toSorted()).toEqual(['late', 'unfinished']);
  });

  it('takes the first file for a late one where a first start found none', async () => {
    const options = { include: [log], start: 'end' };
    const committed = await followOnce(options);
    await writeFile(log, 'late\n');
    await followOnce(options, committed);
    expect(committed.messages).toEqual(['late']);
  });

  it('skips binary files with one warning', async () => {
    await writeFile(log, Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0, 0, 0, 0x0a, 0]));
    await writeFile(`${log}.text`, 'text\n');
    const run = follow();
    for (let i = 0; i < 3; i += 1) await run.pass();
    expect(run.committed.messages).toEqual(['text']);
    expect(run.committed.warnings).toEqual([expect.stringMatching(/reading the file .*app\.log: it is binary/)]);
  });

  it('waits for a directory that is missing, with one warning', async () => {
    const run = follow({ include: [join(directory, 'later', '*.log')] });
    await run.pass();
    await run.pass();
    expect(run.committed.warnings).toEqual([expect.stringMatching(/looking for files in .*later: it does not exist/)]);
    await mkdir(join(directory, 'later'));
    await writeFile(join(directory, 'later', 'x.log'), 'x\n');
    await run.pass();
    expect(run.committed.messages).toEqual(['x']);
  });

  it('reports a file that it cannot read, reads the others, and tries again', async () => {
    await symlink(log, log);
    await writeFile(`${log}.open`, 'open\n');
    const run = follow();
    await run.pass();
    await run.pass();
    expect(run.committed.messages).toEqual(['open']);
    expect(run.committed.warnings).toEqual([expect.stringContaining('its symbolic links run in a circle')]);
    await unlink(log);
    await writeFile(log, 'mended\n');
    await run.pass();
    expect(run.committed.messages).toEqual(['open', 'mended']);
  });

  it('holds no more files open than allowed and still reads all', async () => {
    for (let i = 0; i < 20; i += 1) await writeFile(`${log}.${i}`, `${i} first\n`);
    const run = follow({ max_open_files: 3 });
    await run.pass();
    for (let i = 0; i < 20; i += 1) await appendFile(`${log}.${i}`, `${i} second\n`);
    await run.pass();
    expect(run.committed.messages).toHaveLength(40);
    expect(new Set(run.committed.messages).size).toBe(40);
  });

  it('closes files that it can open again before those that it cannot', async () => {
    const run = follow({ max_open_files: 2 });
    await writeFile(log, '1\n');
    await run.pass();
    const hidden = join(directory, 'hidden');
    await rename(log, hidden);
    for (const name of ['b', 'c', 'd']) await writeFile(`${log}.${name}`, `${name}\n`);
    await run.pass();
    await appendFile(hidden, '2\n');
    await run.pass();
    expect(run.committed.messages.toSorted()).toEqual(['1', '2', 'b', 'c', 'd']);
  });

  it('says what was lost when a file vanishes that had to be closed', async () => {
    const run = follow({ max_open_files: 1, include: [join(directory, '*.log')] });
    await writeFile(log, '1\nunfinished');
    await run.pass();
    await writeFile(join(directory, 'other.log'), 'other\n');
    await run.pass();
    await unlink(log);
    await run.pass();
    await run.pass();
    expect(run.committed.errors).toEqual([expect.stringMatching(/app\.log: it vanished with at least 10 bytes unread/)]);
  });

  it('reads a copy as a file of its own', async () => {
    await writeFile(log, 'x\n');
    await copyFile(log, `${log}.copy`);
    expect((await followOnce({ include: [`${log}*`] })).messages).toEqual(['x', 'x']);
  });
});
