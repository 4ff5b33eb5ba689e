import { appendFile, symlink, writeFile } from 'node:fs/promises';
import { beforeEach, describe, expect, it } from 'vitest';
import { ENCODINGS, lineDecoder } from './encoding.ts';
import { followOnce, readOnce, temporaryLog } from './recorded-follower.ts';

const temporary = temporaryLog();
const { follow } = temporary;
let log: string;

beforeEach(() => {
  log = temporary.log;
});

const wide = (text: string, big: boolean): Buffer => (big ? Buffer.from(text, 'utf16le').swap16() : Buffer.from(text, 'utf16le'));

describe('encodings', () => {
  // U+0A00 and U+010A hold the byte of a line feed.
  const lines = ['plain', 'äöü €', '਀ Ċ 💡', 'last'];

  it.each([
    ['utf-16le', false],
    ['utf-16be', true],
  ] as const)('%s is split at its line feeds and nowhere else, wherever it is cut', async (encoding, big) => {
    const bytes = wide(`\ufeff${lines.join('\r\n')}\r\n`, big);
    for (let cut = 0; cut < bytes.length; cut += 1) {
      await writeFile(log, bytes.subarray(0, cut));
      const committed = await followOnce({ include: [log], encoding });
      await appendFile(log, bytes.subarray(cut));
      await readOnce({ include: [log], encoding }, committed);
      expect(committed.messages, `cut at ${cut}`).toEqual(lines);
    }
  });

  it('have offsets in bytes of the file', async () => {
    await writeFile(log, wide('\ufeffab\nc\n', false));
    const { records } = await readOnce({ include: [log], encoding: 'utf-16le' });
    expect(records.map((record) => (record['log'] as { offset: number }).offset)).toEqual([2, 8]);
  });

  it.each([
    ['latin1', 'é'],
    ['windows-1252', '€'],
  ])('%s becomes UTF-8', async (encoding, text) => {
    await writeFile(log, Buffer.from([0x61, encoding === 'latin1' ? 0xe9 : 0x80, 0x0a, 0x62, 0x0a]));
    expect((await readOnce({ include: [log], encoding })).messages).toEqual([`a${text}`, 'b']);
  });

  it('are all known to this Node', () => {
    for (const encoding of ENCODINGS) {
      const { unit, decode } = lineDecoder(encoding);
      const bytes = unit === 1 ? Buffer.from('plain') : wide('plain', encoding === 'utf-16be');
      expect(decode(bytes, 0, bytes.length), encoding).toBe('plain');
    }
    expect(lineDecoder('windows-1251').decode(Buffer.from([0xcf]), 0, 1)).toBe('П');
    expect(lineDecoder('shift_jis').decode(Buffer.from([0x82, 0xa0]), 0, 2)).toBe('あ');
  });

  it('goes with multiline and bounds', async () => {
    await writeFile(log, wide(`a\n ${'é'.repeat(100)}\nb\n`, false));
    const options = { include: [log], encoding: 'utf-16le', multiline: { continue: '^ ' } };
    expect((await readOnce(options)).messages).toEqual([`a\n ${'é'.repeat(100)}`, 'b']);
    expect((await readOnce({ ...options, max_line_bytes: '21B' })).messages).toEqual([`a\n ${'é'.repeat(9)}`, 'b']);
  });

  it('that are UTF-16 by their mark are named where UTF-8 is expected', async () => {
    await writeFile(log, wide('\ufeffa\n', true));
    const { warnings } = await readOnce({ include: [log] });
    expect(warnings).toEqual([expect.stringContaining('`encoding: utf-16be`')]);
  });
});

describe('header lines', () => {
  it('are left out once in each file, also when they come in pieces and after a restart', async () => {
    const options = { include: [`${log}*`], header_lines: 2 };
    await writeFile(log, 'time,');
    const committed = await followOnce(options);
    await appendFile(log, 'level\nunits\n1,a\n');
    await writeFile(`${log}.b`, 'time,level\n');
    await followOnce(options, committed);
    await appendFile(log, '2,b\n');
    await appendFile(`${log}.b`, 'units\n3,c\n');
    await readOnce(options, committed);
    expect(committed.messages.toSorted()).toEqual(['1,a', '2,b', '3,c']);
  });
});

describe('files that are left alone', () => {
  it('because they are old are read from their beginning when they are written to', async () => {
    const run = follow({ ignore_older: '1h' });
    await writeFile(log, 'old\n');
    run.clock.time = Date.now() + 2 * 3_600_000;
    await run.pass();
    expect(run.committed.messages).toEqual([]);
    run.clock.time = Date.now();
    await appendFile(log, 'new\n');
    await run.pass();
    expect(run.committed.messages).toEqual(['old', 'new']);
  });

  it('because reading them fails are reported once, tried again after a while, and stop nothing', async () => {
    // Reading the first byte of a process's memory is an error of input and output.
    await symlink('/proc/self/mem', log);
    await writeFile(`${log}.fine`, 'fine\n');
    const run = follow();
    for (let i = 0; i < 5; i += 1) {
      await run.pass();
      run.clock.time += 20_000;
    }
    expect(run.committed.messages).toEqual(['fine']);
    expect(run.committed.warnings).toEqual([expect.stringContaining('the disk reports an error')]);
  });
});

describe('identity', () => {
  it('stands in the records where it is asked for', async () => {
    await writeFile(log, 'a\n');
    const { records } = await readOnce({ include: [log], file_identity: true });
    const file = { path: log, inode: expect.stringMatching(/^\d+$/), device_id: expect.stringMatching(/^\d+$/) };
    expect(records).toMatchObject([{ log: { file } }]);
    const joined = await readOnce({ include: [log], file_identity: true, multiline: 'java' });
    expect(joined.records).toMatchObject([{ log: { file } }]);
  });
});
