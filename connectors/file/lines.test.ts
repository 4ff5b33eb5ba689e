import { appendFile, writeFile } from 'node:fs/promises';
import { beforeEach, describe, expect, it } from 'vitest';
import { followOnce, readOnce, temporaryLog } from './recorded-follower.ts';

const temporary = temporaryLog();
const { follow } = temporary;
let log: string;

beforeEach(() => {
  log = temporary.log;
});

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
    await writeFile(
      log,
      Buffer.concat([Buffer.from('good é\nbad '), Buffer.from([0xff, 0xc3]), Buffer.from('(\nlatin \xe9\n', 'latin1')]),
    );
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
