import { appendFile, copyFile, link, mkdir, mkdtemp, rename, rm, stat, symlink, truncate, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Committed, followOnce, readOnce, RecordedFollower } from './recorded-follower.ts';

let directory: string;
let log: string;
let running: RecordedFollower[] = [];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'millrace-file-'));
  log = join(directory, 'app.log');
});

afterEach(async () => {
  for (const run of running) await run.stop();
  running = [];
  await rm(directory, { recursive: true });
});

function follow(options: Readonly<Record<string, unknown>> = {}, committed = new Committed()): RecordedFollower {
  const run = new RecordedFollower({ include: [`${log}*`], ...options }, committed);
  running.push(run);
  return run;
}

describe('lines', () => {
  it('become records with their file, offset and host', async () => {
    const content = 'one\ntwo "quoted" \\ \t\u0001 é\n';
    const bytes = Buffer.byteLength(content);
    await writeFile(log, content);
    const { records, positions } = await followOnce({ include: [log] });
    const at = (message: string, offset: number) => ({ message, log: { file: { path: log }, offset }, host: { name: 'web-1' } });
    expect(records).toEqual([at('one', 0), at('two "quoted" \\ \t\u0001 é', 4)]);
    expect([...positions.values()]).toEqual([expect.objectContaining({ path: log, offset: bytes, fingerprint_bytes: bytes })]);
  });

  it('wait for their line break while the file is followed, also across a restart', async () => {
    await writeFile(log, 'whole\nhalf');
    const committed = await followOnce({ include: [log] });
    expect(committed.messages).toEqual(['whole']);
    await appendFile(log, ' and half');
    const run = follow({}, committed);
    await run.pass();
    await appendFile(log, '\r\nnext\n');
    await run.pass();
    expect(committed.messages).toEqual(['whole', 'half and half', 'next']);
  });

  it('end with the file where the source is bounded, and go on behind that', async () => {
    await writeFile(log, 'whole\nrest');
    const committed = await readOnce({ include: [log] });
    expect(committed.messages).toEqual(['whole', 'rest']);
    await appendFile(log, '\nmore');
    await readOnce({ include: [log] }, committed);
    expect(committed.messages).toEqual(['whole', 'rest', 'more']);
  });

  it('lose CR, byte order mark and emptiness', async () => {
    await writeFile(log, '\ufeffone\r\n\r\n\ntwo\n');
    expect((await followOnce({ include: [log] })).messages).toEqual(['one', 'two']);
    expect((await followOnce({ include: [log], empty_lines: 'keep' })).messages).toEqual(['one', '', '', 'two']);
  });

  it.each([256 * 1024, 1_256_144 + 6_000])('keep a character that stands across the border at %i', async (border) => {
    const lines: string[] = [];
    for (let shift = 0; shift < 4; shift += 1) lines.push(`${'a'.repeat(border - 2)}あい`);
    await writeFile(log, `${lines.join('\n')}\n`);
    const { messages } = await followOnce({ include: [log], max_line_bytes: '2MB' });
    expect(messages).toEqual(lines);
  });

  it('have U+FFFD in place of what is no UTF-8, and leave their neighbours alone', async () => {
    await writeFile(log, Buffer.concat([Buffer.from('good é\nbad '), Buffer.from([0xff, 0xc3]), Buffer.from('(\nlatin \xe9\n', 'latin1')]));
    expect((await followOnce({ include: [log] })).messages).toEqual(['good é', 'bad \ufffd\ufffd(', 'latin \ufffd']);
  });

  it('longer than the bound are cut at a character and marked, whatever the rest', async () => {
    const long = `${'x'.repeat(999)}é${'y'.repeat(10_000_000)}`;
    await writeFile(log, `before\n${long}\nafter\n`);
    const { records, messages } = await followOnce({ include: [log], max_line_bytes: '1000B' });
    expect(messages).toEqual(['before', 'x'.repeat(999), 'after']);
    expect(records.map((record) => (record['log'] as { flags?: string[] }).flags)).toEqual([undefined, ['truncated'], undefined]);
  });

  it('of 10 MB take no more memory than the bound allows, with the rest skipped after a restart in its middle', async () => {
    await writeFile(log, 'z'.repeat(10_000_000));
    const committed = await followOnce({ include: [log] });
    expect(committed.messages).toEqual(['z'.repeat(1_000_000)]);
    await appendFile(log, 'tail of the long line\nnext\n');
    await followOnce({ include: [log] }, committed);
    expect(committed.messages.slice(1)).toEqual(['next']);
  });

  it('of the bound exactly are whole', async () => {
    await writeFile(log, `${'x'.repeat(16)}\n${'y'.repeat(17)}\n`);
    expect((await followOnce({ include: [log], max_line_bytes: '16B' })).records.map((record) => record['log'])).toEqual([
      { file: { path: log }, offset: 0 },
      { flags: ['truncated'], file: { path: log }, offset: 17 },
    ]);
  });
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
  });

  it.each(['while running', 'while stopped'])('is read from its beginning when it was written anew and longer %s', async (when) => {
    await writeFile(log, 'first\n');
    let run = follow();
    await run.pass();
    if (when === 'while stopped') run = follow({}, run.committed);
    await writeFile(log, 'other 1\nother 2\n');
    await run.pass();
    expect(run.committed.messages).toEqual(['first', 'other 1', 'other 2']);
    expect(run.committed.warnings).toEqual([expect.stringContaining('another content took its place')]);
  });

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

  it('reads a copy as a file of its own', async () => {
    await writeFile(log, 'x\n');
    await copyFile(log, `${log}.copy`);
    expect((await followOnce({ include: [`${log}*`] })).messages).toEqual(['x', 'x']);
  });
});
