/** Rotation that copies or compresses, with exact counts. */
import { appendFile, copyFile, readFile, rename, stat, truncate, unlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { beforeEach, describe, expect, it } from 'vitest';
import { followOnce, readOnce, settle, temporaryLog } from './recorded-follower.ts';

const temporary = temporaryLog();
const { follow } = temporary;
let log: string;

beforeEach(() => {
  log = temporary.log;
});

async function copyTruncate(from: string, to: string): Promise<void> {
  await copyFile(from, to);
  await truncate(from, 0);
}

/** As gzip does it: the archive first, then the original goes. */
async function compress(path: string): Promise<void> {
  await writeFile(`${path}.gz`, gzipSync(await readFile(path)));
  await unlink(path);
}

const lines = (name: string, count: number): string[] => Array.from({ length: count }, (_, i) => `${name} ${i}`);
const text = (...parts: readonly string[][]): string => `${parts.flat().join('\n')}\n`;

describe('copytruncate', () => {
  it('reads each line once although the copy is among the files', async () => {
    const run = follow();
    await writeFile(log, text(lines('a', 50)));
    await run.pass();
    await copyTruncate(log, `${log}.1`);
    await run.pass();
    await appendFile(log, text(lines('b', 50)));
    await settle(run);
    expect(run.committed.messages).toEqual([...lines('a', 50), ...lines('b', 50)]);
    expect(run.committed.errors).toEqual([]);
  });

  it('reads from the copy what was truncated before it was read', async () => {
    const run = follow();
    await writeFile(log, text(lines('a', 50)));
    await run.pass();
    await appendFile(log, text(lines('late', 20)));
    await copyTruncate(log, `${log}.1`);
    await appendFile(log, text(lines('b', 5)));
    await settle(run);
    expect(run.committed.messages.toSorted()).toEqual([...lines('a', 50), ...lines('late', 20), ...lines('b', 5)].toSorted());
    expect(run.committed.errors).toEqual([]);
  });

  it('says exactly how many bytes were lost that no copy has', async () => {
    const run = follow();
    await writeFile(log, text(lines('a', 50)));
    await run.pass();
    await appendFile(log, 'copied');
    await run.pass();
    await copyFile(log, `${log}.1`);
    await appendFile(log, ' and not copied');
    await run.pass();
    await truncate(log, 0);
    await run.pass();
    await run.pass();
    expect(run.committed.errors).toEqual([expect.stringContaining('at least 15 bytes unread')]);
    expect(run.committed.lostBytes).toBe(15);
    expect(run.committed.messages).toEqual(lines('a', 50));
  });

  it('counts what was lost once, although it is killed before it is clear that no copy has it', async () => {
    const options = { include: [`${log}*`] };
    const run = follow();
    // A copy that may still grow: it holds only what is read, and until it is clear what it is, nothing is called lost.
    await writeFile(log, text(lines('a', 50)));
    await run.pass();
    await appendFile(log, 'never copied');
    await run.pass();
    await copyFile(log, `${log}.1`);
    await truncate(log, 0);
    await truncate(`${log}.1`, 5);
    await run.pass();
    expect(run.committed.lostBytes).toBe(0);
    await run.stop();
    expect(run.committed.lostBytes).toBe(0);
    await settle(follow({}, run.committed));
    expect(run.committed.lostBytes).toBe(12);
    await followOnce(options, run.committed);
    expect(run.committed.lostBytes).toBe(12);
  });

  it('reads each line once while the copy grows, with looks in between', async () => {
    const run = follow();
    const content = text(lines('a', 2000));
    await writeFile(log, content);
    await run.pass();
    for (let end = 0; end < content.length; end += 5000) {
      await appendFile(`${log}.1`, content.slice(end, end + 5000));
      await run.pass();
      run.clock.time += 1000;
    }
    await truncate(log, 0);
    await appendFile(log, 'b\n');
    await settle(run);
    expect(run.committed.messages).toEqual([...lines('a', 2000), 'b']);
  });

  it('several times in a row, the copies renamed each time', async () => {
    const run = follow();
    const written: string[] = [];
    for (let i = 0; i < 5; i += 1) {
      written.push(...lines(`${i}`, 20));
      await appendFile(log, text(lines(`${i}`, 20)));
      if (i % 2 === 0) await run.pass();
      for (let n = i; n >= 1; n -= 1) await rename(`${log}.${n}`, `${log}.${n + 1}`);
      await copyTruncate(log, `${log}.1`);
      if (i % 3 === 0) await run.pass();
    }
    await settle(run);
    expect(run.committed.messages.toSorted()).toEqual(written.toSorted());
    expect(run.committed.errors).toEqual([]);
  });

  it.each(['followed', 'once'])('several times while it was stopped, then %s', async (how) => {
    const options = { include: [`${log}*`] };
    await writeFile(log, text(lines('a', 30)));
    const committed = await followOnce(options);
    await appendFile(log, text(lines('b', 10)));
    await copyTruncate(log, `${log}.1`);
    await appendFile(log, text(lines('c', 10)));
    await rename(`${log}.1`, `${log}.2`);
    await copyTruncate(log, `${log}.1`);
    await appendFile(log, text(lines('d', 10)));
    if (how === 'once') await readOnce(options, committed);
    else await settle(follow({}, committed));
    await readOnce(options, committed);
    const written = [lines('a', 30), lines('b', 10), lines('c', 10), lines('d', 10)].flat();
    expect(committed.messages.toSorted()).toEqual(written.toSorted());
  });

  it('knows the copy also after a kill between truncation and copy found', async () => {
    const options = { include: [`${log}*`] };
    await writeFile(log, text(lines('a', 30)));
    const committed = await followOnce(options);
    await copyFile(log, join(temporary.directory, 'elsewhere'));
    await truncate(log, 0);
    await appendFile(log, 'b\n');
    await followOnce(options, committed);
    await rename(join(temporary.directory, 'elsewhere'), `${log}.1`);
    await settle(follow({}, committed));
    expect(committed.messages).toEqual([...lines('a', 30), 'b']);
  });

  it('knows a copy that is made over an earlier one', async () => {
    const run = follow();
    const written: string[] = [];
    for (let i = 0; i < 4; i += 1) {
      written.push(...lines(`line of ${i}`, 200));
      await appendFile(log, text(lines(`line of ${i}`, 200)));
      if (i !== 2) await run.pass();
      await copyTruncate(log, `${log}.1`);
      if (i > 0) await settle(run);
    }
    expect(run.committed.messages.toSorted()).toEqual(written.toSorted());
    expect(run.committed.errors).toEqual([]);
  });

  it('knows a copy that was found before anything was in it', async () => {
    const run = follow();
    await writeFile(log, text(lines('a', 50)));
    await run.pass();
    await writeFile(`${log}.1`, '');
    await run.pass();
    await copyTruncate(log, `${log}.1`);
    await settle(run);
    expect(run.committed.messages).toEqual(lines('a', 50));
  });

  it.each([5, 50, 5000])('knows a copy of %i lines although the log was read on before it was truncated', async (count) => {
    const committed = await followOnce({ include: [`${log}*`] });
    let run = follow({}, committed);
    await writeFile(log, text(lines('a', count)));
    await run.pass();
    await copyFile(log, `${log}.1`);
    await appendFile(log, 'between\n');
    await run.pass();
    await truncate(log, 0);
    await appendFile(log, 'b\n');
    await run.pass();
    run = follow({}, committed);
    await settle(run);
    expect(committed.messages).toEqual([...lines('a', count), 'between', 'b']);
    expect(committed.lostBytes).toBe(0);
  });

  it('does not take a file for a copy that has no more in common with the log than a heading', async () => {
    const heading = `${'#'.repeat(1500)}\n`;
    const run = follow();
    await writeFile(log, heading);
    await run.pass();
    await appendFile(log, text(lines('a', 100)));
    await run.pass();
    await truncate(log, 0);
    await run.pass();
    await writeFile(`${log}.other`, `${heading}${text(lines('b', 80))}`);
    // The clock of a file system may tick only every few ms.
    const later = new Date((await stat(log)).mtimeMs + 100);
    await utimes(`${log}.other`, later, later);
    await settle(run);
    expect(run.committed.messages.slice(-80)).toEqual(lines('b', 80));
  });

  it('skips the zeros that a writer leaves who goes on where it was', async () => {
    const run = follow();
    await writeFile(log, text(lines('a', 100)));
    await run.pass();
    const { size } = await stat(log);
    await copyTruncate(log, `${log}.1`);
    await writeFile(log, Buffer.concat([Buffer.alloc(size), Buffer.from('b 1\nb 2\n')]));
    await settle(run);
    expect(run.committed.messages).toEqual([...lines('a', 100), 'b 1', 'b 2']);
    const { records } = run.committed;
    expect(records.at(-2)).toMatchObject({ log: { offset: size } });
  });

  it('skips a hole of many reads', async () => {
    await writeFile(log, Buffer.concat([Buffer.alloc(1_000_001), Buffer.from('a\nb\n')]));
    expect((await readOnce({ include: [log] })).messages).toEqual(['a', 'b']);
  });
});

describe('files with the same beginning', () => {
  it('of a KiB are told apart at once where they differ behind it', async () => {
    const header = '#'.repeat(1500);
    await writeFile(`${log}.a`, `${header}\na 1\n`);
    const run = follow();
    await run.pass();
    await writeFile(`${log}.b`, `${header}\nb 1\n`);
    await run.pass();
    expect(run.committed.messages).toEqual([header, 'a 1', header, 'b 1']);
  });

  it.each([1, 2, 3])('are told apart although only %i may be open, and more begin alike', async (open) => {
    const run = follow({ max_open_files: open, fingerprint_bytes: 16 });
    const heading = `${'#'.repeat(40)}\n`;
    for (let i = 0; i < 6; i += 1) {
      await writeFile(`${log}.${i}`, `${heading}of ${i}\n`);
      await run.pass();
      expect(run.committed.messages).toContain(`of ${i}`);
    }
    expect(run.committed.messages).toHaveLength(12);
    expect(run.committed.warnings).toEqual([]);
  });

  it('that are tiny are read, the second one a little later', async () => {
    await writeFile(`${log}.a`, 'time,level\n');
    const run = follow();
    await run.pass();
    await writeFile(`${log}.b`, 'time,level\n');
    await run.pass();
    await appendFile(`${log}.b`, '1,info\n');
    await appendFile(`${log}.a`, '2,warn\n');
    await run.pass();
    await run.pass();
    expect(run.committed.messages.toSorted()).toEqual(['1,info', '2,warn', 'time,level', 'time,level']);
    await writeFile(`${log}.c`, 'time,level\n');
    await settle(run);
    expect(run.committed.messages).toHaveLength(5);
  });
});

describe('compressed files', () => {
  const gzip = { compressed: 'gzip' };

  it('are read once from their beginning to their end, a last line without line break included', async () => {
    await writeFile(`${log}.2.gz`, gzipSync('a\nb'));
    await writeFile(`${log}.3.gz`, gzipSync(text(lines('c', 100_000))));
    const run = follow(gzip);
    await settle(run);
    expect(run.committed.messages.toSorted()).toEqual(['a', 'b', ...lines('c', 100_000)].toSorted());
    await readOnce({ include: [`${log}*`], ...gzip }, run.committed);
    expect(run.committed.messages).toHaveLength(100_002);
  });

  it('are not read again when they were read before they were compressed, unread lines are', async () => {
    const run = follow(gzip);
    await writeFile(log, text(lines('a', 50)));
    await run.pass();
    await rename(log, `${log}.1`);
    await writeFile(log, 'new\n');
    await compress(`${log}.1`);
    await settle(run);
    expect(run.committed.messages).toEqual([...lines('a', 50), 'new']);
  });

  it.each(['followed', 'once'])(
    'hold what was not read when they were rotated and compressed while it was stopped, %s',
    async (how) => {
      const options = { include: [`${log}*`], ...gzip };
      await writeFile(log, text(lines('a', 50)));
      const committed = await followOnce(options);
      await appendFile(log, text(lines('late', 7)));
      await rename(log, `${log}.1`);
      await writeFile(log, text(lines('b', 5)));
      await compress(`${log}.1`);
      await rename(`${log}.1.gz`, `${log}.2.gz`);
      await rename(log, `${log}.1`);
      await compress(`${log}.1`);
      await writeFile(log, 'new\n');
      if (how === 'once') await readOnce(options, committed);
      else await settle(follow(gzip, committed));
      await readOnce(options, committed);
      const written = [...lines('a', 50), ...lines('late', 7), ...lines('b', 5), 'new'];
      expect(committed.messages.toSorted()).toEqual(written.toSorted());
    },
  );

  it('beside their originals are left out as long as those are there', async () => {
    const run = follow(gzip);
    await writeFile(log, text(lines('a', 50)));
    await run.pass();
    await writeFile(`${log}.gz`, gzipSync(await readFile(log)));
    await settle(run);
    await unlink(log);
    await settle(run);
    expect(run.committed.messages).toEqual(lines('a', 50));
  });

  it('go through multiline and continue after a kill in their middle', async () => {
    const events = Array.from({ length: 30_000 }, (_, i) => `[${i}]\n  at somewhere`);
    await writeFile(`${log}.gz`, gzipSync(`${events.join('\n')}\n`));
    const options = { include: [`${log}*`], ...gzip, multiline: { start: '^\\[' } };
    let committed = await readOnce(options);
    expect(committed.messages).toEqual(events);
    committed.records.length = 0;
    committed.positions.clear();
    committed.emitsLeft = 3;
    await readOnce(options, committed).catch(() => undefined);
    committed.emitsLeft = Number.POSITIVE_INFINITY;
    committed = await readOnce(options, committed);
    expect(committed.messages).toEqual(events);
  });

  it('that are damaged are reported once and stop nothing, and are read when they are whole', async () => {
    const packed = gzipSync(text(lines('a', 10)));
    await writeFile(`${log}.gz`, packed.subarray(0, 40));
    await writeFile(log, 'fine\n');
    const run = follow(gzip);
    await settle(run);
    expect(run.committed.messages).toContain('fine');
    expect(run.committed.warnings).toEqual([expect.stringContaining('the archive ends too early')]);
    await writeFile(`${log}.gz`, packed);
    await settle(run);
    expect(run.committed.messages.toSorted()).toEqual(['fine', ...lines('a', 10)].toSorted());
  });

  it('that unpack to very much are read line by line within bounds', async () => {
    await writeFile(`${log}.gz`, gzipSync(Buffer.alloc(50_000_000, 'x')));
    const { records } = await readOnce({ include: [`${log}*`], ...gzip, max_line_bytes: '1KB' });
    expect(records).toEqual([expect.objectContaining({ message: 'x'.repeat(1000) })]);
  });
});
