import { appendFile, rename, stat, truncate, unlink, writeFile } from 'node:fs/promises';
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

describe('rotation by renaming', () => {
  it('reads the old file to its end and the new one from its beginning', async () => {
    const run = follow();
    await writeFile(log, '1\n');
    await run.pass();
    await appendFile(log, '2\n');
    await rename(log, `${log}.1`);
    await writeFile(log, '4\n');
    await appendFile(`${log}.1`, '3\n');
    await run.pass();
    expect(run.committed.messages.toSorted()).toEqual(['1', '2', '3', '4']);
    expect(run.committed.positions.size).toBe(2);
  });

  it('reads a file that was renamed out of sight, or deleted, while its writer goes on', async () => {
    const run = follow({ include: [log] });
    await writeFile(log, '1\n');
    await run.pass();
    const hidden = join(directory, 'hidden');
    await rename(log, hidden);
    await appendFile(hidden, '2\nunfinished');
    await run.pass();
    await unlink(hidden);
    await run.pass();
    expect(run.committed.messages).toEqual(['1', '2']);
    run.clock.time += 30_000;
    await run.pass();
    expect(run.committed.messages).toEqual(['1', '2', 'unfinished']);
  });

  it('finds files again that were rotated several times while it was stopped', async () => {
    await writeFile(log, 'a1\na2\n');
    const committed = await followOnce({ include: [`${log}*`] });
    await appendFile(log, 'a3\n');
    await rename(log, `${log}.1`);
    await writeFile(log, 'b1\n');
    await rename(`${log}.1`, `${log}.2`);
    await rename(log, `${log}.1`);
    await writeFile(log, 'c1\n');
    await followOnce({ include: [`${log}*`] }, committed);
    expect(committed.messages.toSorted()).toEqual(['a1', 'a2', 'a3', 'b1', 'c1']);
    await followOnce({ include: [`${log}*`] }, committed);
    expect(committed.messages).toHaveLength(5);
  });

  it('does not read again what was compressed after rotation', async () => {
    await writeFile(log, 'a1\n');
    const run = follow();
    await run.pass();
    await unlink(log);
    await writeFile(`${log}.1.gz`, Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0]));
    await run.pass();
    await run.pass();
    expect(run.committed.messages).toEqual(['a1']);
    expect(run.committed.warnings).toEqual([expect.stringContaining('it is compressed (gzip)')]);
  });
});

describe('a file that changed under its name', () => {
  it('is read from its beginning after truncation, and says what was lost', async () => {
    const run = follow();
    await writeFile(log, 'first\nsecond\n');
    await run.pass();
    await appendFile(log, 'unfinished');
    await run.pass();
    await truncate(log, 0);
    await appendFile(log, 'new\n');
    await run.pass();
    expect(run.committed.messages).toEqual(['first', 'second', 'new']);
    expect(run.committed.errors).toEqual([expect.stringContaining('at least 10 bytes unread')]);
    expect(run.committed.lostBytes).toBe(10);
  });

  it.each(['while running', 'while stopped'])(
    'is read from its beginning when it was written anew and longer %s',
    async (when) => {
      await writeFile(log, 'first\n');
      let run = follow();
      await run.pass();
      if (when === 'while stopped') run = follow({}, run.committed);
      await writeFile(log, 'other 1\nother 2\n');
      await run.pass();
      expect(run.committed.messages).toEqual(['first', 'other 1', 'other 2']);
      expect(run.committed.warnings).toEqual([expect.stringContaining('another content took its place')]);
    },
  );

  it('is noticed although its first KiB is the same', async () => {
    const header = `${'#'.repeat(1100)}\n`;
    await writeFile(log, `${header}a 1\n`);
    const committed = await followOnce({ include: [log] });
    await writeFile(log, `${header}b 1\nb 2\n`);
    await followOnce({ include: [log] }, committed);
    expect(committed.messages.filter((message) => message.length < 10)).toEqual(['a 1', 'b 1', 'b 2']);
  });

  it('is read from its beginning when its inode is used again', async () => {
    await writeFile(log, 'old 1\nold 2\n');
    const { ino } = await stat(log);
    const committed = await followOnce({ include: [log] });
    await unlink(log);
    // Some file systems hand the number out at once, some never do: then the case can only be reached by a name change.
    const spares: string[] = [];
    let path = log;
    for (let i = 0; i < 200; i += 1) {
      path = join(directory, `app.log.${i}`);
      await writeFile(path, 'new 1\nnew 2\nnew 3\n');
      if ((await stat(path)).ino === ino) break;
      spares.push(path);
    }
    for (const spare of spares) if (spare !== path) await unlink(spare);
    await followOnce({ include: [`${log}*`] }, committed);
    expect(committed.messages).toEqual(['old 1', 'old 2', 'new 1', 'new 2', 'new 3']);
  });

  it('is not read again when it vanishes and comes back', async () => {
    const run = follow();
    await writeFile(log, '1\n');
    await run.pass();
    const away = join(directory, 'away');
    await rename(log, away);
    run.clock.time += 3_600_000;
    await run.pass();
    await run.pass();
    await appendFile(away, '2\n');
    await rename(away, log);
    await run.pass();
    expect(run.committed.messages).toEqual(['1', '2']);
  });

  it('is forgotten a day after it vanished', async () => {
    const run = follow();
    await writeFile(log, '1\n');
    await run.pass();
    await unlink(log);
    await run.pass();
    run.clock.time += 23 * 3_600_000;
    await run.pass();
    expect(run.committed.positions.size).toBe(1);
    run.clock.time += 3_600_000;
    await run.pass();
    expect(run.committed.positions.size).toBe(0);
  });
});
