import { appendFile, rename, writeFile } from 'node:fs/promises';
import { beforeEach, describe, expect, it } from 'vitest';
import { Committed, followOnce, readOnce, temporaryLog } from '../recorded-follower.ts';

const temporary = temporaryLog();
const { follow } = temporary;
let log: string;

beforeEach(() => {
  log = temporary.log;
});

async function events(multiline: unknown, content: string, options: object = {}): Promise<string[]> {
  await writeFile(log, content);
  return (await readOnce({ include: [log], multiline, ...options })).messages;
}

describe('patterns', () => {
  it.each<[string, object, string, string[]]>([
    ['start alone', { start: '^-' }, 'a\nb\n-c\nd\n-e\n', ['a\nb', '-c\nd', '-e']],
    ['continue alone', { continue: '^\\s' }, 'a\n b\n c\nd\ne\n f\n', ['a\n b\n c', 'd', 'e\n f']],
    ['unfinished alone', { unfinished: '\\\\$' }, 'a\\\nb\\\nc\nd\n', ['a\\\nb\\\nc', 'd']],
    ['end alone', { end: ';$' }, 'a\n\nb;\nc;\nd\n', ['a\n\nb;', 'c;', 'd']],
    ['start and end', { start: '^B', end: '^E' }, 'x\nB\n1\nE\ny\nz\nB\nE\n', ['x', 'B\n1\nE', 'y\nz', 'B\nE']],
    ['start and continue', { start: '^B', continue: '^ ' }, ' x\nB\n 1\n 2\ny\n 3\n', [' x', 'B\n 1\n 2', 'y', ' 3']],
    [
      'start, continue and end',
      { start: '^B', continue: '^ ', end: '^E' },
      'B\n 1\nE\n 2\nB\nE\nE\n',
      ['B\n 1\nE', ' 2', 'B\nE', 'E'],
    ],
    ['continue and unfinished', { continue: '^ ', unfinished: ',$' }, 'a,\nb\n c\nd\n', ['a,\nb\n c', 'd']],
  ])('%s', async (_, patterns, content, expected) => {
    expect(await events(patterns, content)).toEqual(expected);
  });

  it('join lines by line feeds alone, and flag what is of several', async () => {
    await writeFile(log, 'a\r\n b\r\nc\r\n');
    const { records } = await readOnce({ include: [log], multiline: { continue: '^ ' } });
    expect(records).toEqual([
      { host: { name: 'web-1' }, log: { file: { path: log }, flags: ['multiline'], offset: 0 }, message: 'a\n b' },
      { host: { name: 'web-1' }, log: { file: { path: log }, offset: 7 }, message: 'c' },
    ]);
  });
});

describe('an event that is not complete', () => {
  const multiline = { start: '^\\[' };

  it('waits for the next one, and is read again after a restart wherever it was cut', async () => {
    const content = '[1\n a é\n[2\n b\n c\n[3\n[4\n d\n';
    const bytes = Buffer.from(content);
    for (let cut = 1; cut < bytes.length; cut += 1) {
      const committed = new Committed();
      await writeFile(log, bytes.subarray(0, cut));
      await followOnce({ include: [log], multiline }, committed);
      await appendFile(log, bytes.subarray(cut));
      await readOnce({ include: [log], multiline }, committed);
      expect(committed.messages, `cut at ${cut}`).toEqual(['[1\n a é', '[2\n b\n c', '[3', '[4\n d']);
    }
  });

  it('has its beginning as position', async () => {
    await writeFile(log, '[1\n a\n[2\n b\n');
    const { positions } = await followOnce({ include: [log], multiline });
    expect([...positions.values()]).toEqual([expect.objectContaining({ offset: 6 })]);
  });

  it('is complete when its timeout is over, counted from its last line', async () => {
    const run = follow({ multiline: { ...multiline, timeout: '3s' } });
    await writeFile(log, '[1\n a\n');
    await run.pass();
    run.clock.time += 2900;
    await appendFile(log, ' b\n');
    await run.pass();
    run.clock.time += 2900;
    await run.pass();
    expect(run.committed.messages).toEqual([]);
    run.clock.time += 100;
    await run.pass();
    expect(run.committed.messages).toEqual(['[1\n a\n b']);
    await appendFile(log, ' late\n');
    run.clock.time += 3000;
    await run.pass();
    run.clock.time += 3000;
    await run.pass();
    expect(run.committed.messages).toEqual(['[1\n a\n b', ' late']);
  });

  it('ends with its file after rotation, and does not flow into the next', async () => {
    const run = follow({ include: [log], multiline: { ...multiline, timeout: '10m' } });
    await writeFile(log, '[1\n a\n');
    await run.pass();
    await rename(log, `${log}.away`);
    await writeFile(log, ' stray\n[2\n');
    await run.pass();
    run.clock.time += 30_000;
    await run.pass();
    await run.pass();
    expect(run.committed.messages.toSorted()).toEqual([' stray', '[1\n a']);
  });

  it('is not split by reads and batches', async () => {
    const expected = Array.from({ length: 9000 }, (_, i) => `[${i}\n ${'x'.repeat(i % 200)}\n y`);
    expect(await events(multiline, `${expected.join('\n')}\n`)).toEqual(expected);
  });

  it('may be larger than a read', async () => {
    const large = `[1\n${' x'.repeat(200).concat('\n').repeat(900)} end`;
    expect(await events({ ...multiline, max_lines: 2000 }, `${large}\n[2\n`)).toEqual([large, '[2']);
  });
});

describe('an event that is too long', () => {
  const flagsOf = (committed: Committed) => committed.records.map((record) => (record['log'] as { flags?: string[] }).flags);

  it('is cut at max_lines, and its other lines are left out, also after a restart', async () => {
    const multiline = { continue: '^ ', max_lines: 2 };
    await writeFile(log, 'a\n 1\n');
    const committed = await followOnce({ include: [log], multiline });
    await appendFile(log, ' 2\n 3\n');
    await followOnce({ include: [log], multiline }, committed);
    await appendFile(log, ' 4\nb\n 1\nc\n');
    await readOnce({ include: [log], multiline }, committed);
    expect(committed.messages).toEqual(['a\n 1', 'b\n 1', 'c']);
    expect(flagsOf(committed)).toEqual([['multiline', 'truncated'], ['multiline'], undefined]);
  });

  it('is cut at max_bytes, at a character', async () => {
    await writeFile(log, `a\n${' é'.repeat(10)}\n more\nb\n`);
    const committed = await readOnce({ include: [log], multiline: { continue: '^ ', max_bytes: '18B' } });
    expect(committed.messages).toEqual([`a\n${' é'.repeat(5)} `, 'b']);
    expect(flagsOf(committed)).toEqual([['multiline', 'truncated'], undefined]);
  });

  it('takes no more memory than the bounds for an endless one', async () => {
    await writeFile(log, `a\n${' line of an endless event\n'.repeat(200_000)}b\n`);
    const committed = await readOnce({ include: [log], multiline: { continue: '^ ' } });
    expect(committed.messages.map((message) => message.split('\n').length)).toEqual([1000, 1]);
  });

  it('is cut with a line that is too long, whose rest is skipped', async () => {
    await writeFile(log, `a\n ${'x'.repeat(2_000_000)}`);
    const options = { include: [log], multiline: { continue: '^ ' }, max_line_bytes: '100B' };
    const committed = await followOnce(options);
    await appendFile(log, 'rest\n left out\nb\n');
    await readOnce(options, committed);
    expect(committed.messages).toEqual([`a\n ${'x'.repeat(99)}`, 'b']);
  });
});

describe('containers', () => {
  const cri = (stream: string, tag: string, text: string): string => `2024-01-15T10:00:00.123456789Z ${stream} ${tag} ${text}`;

  it('become their text with stream and time, pieces joined', async () => {
    await writeFile(log, `${cri('stdout', 'P', 'one ')}\n${cri('stderr', 'F', 'two')}\n${cri('stdout', 'F', 'line')}\n`);
    const { records } = await followOnce({ include: [log], multiline: 'cri' });
    const fields = (stream: string) => ({ '@timestamp': '2024-01-15T10:00:00.123456789Z', stream });
    expect(records).toMatchObject([
      { message: 'two', ...fields('stderr') },
      { message: 'one line', log: { offset: 0 }, ...fields('stdout') },
    ]);
  });

  it('are read once although their streams mix, wherever it is killed', async () => {
    const lines: string[] = [];
    const expected: string[] = [];
    for (let i = 0; i < 12; i += 1) {
      lines.push(
        cri('stdout', 'P', `o${i} `),
        cri('stderr', 'F', `e${i}`),
        cri('stderr', 'P', `p${i} `),
        cri('stdout', 'F', 'end'),
      );
      lines.push(cri('stderr', 'F', 'end'));
      expected.push(`o${i} end`, `e${i}`, `p${i} end`);
    }
    const committed = new Committed();
    await writeFile(log, '');
    for (const line of lines) {
      await appendFile(log, `${line}\n`);
      await followOnce({ include: [log], multiline: ['docker', 'cri'] }, committed);
    }
    expect(committed.messages.toSorted()).toEqual(expected.toSorted());
  });

  it('hold stack traces of each stream', async () => {
    const content = [
      cri('stdout', 'F', 'java.lang.IllegalStateException: boom'),
      cri('stderr', 'F', 'java.io.IOException: bang'),
      cri('stdout', 'F', '\tat a.B.c(B.java:1)'),
      cri('stderr', 'F', '\tat d.E.f(E.java:2)'),
      cri('stdout', 'F', 'fine'),
    ];
    expect((await events(['cri', 'java'], `${content.join('\n')}\n`)).toSorted()).toEqual([
      'fine',
      'java.io.IOException: bang\n\tat d.E.f(E.java:2)',
      'java.lang.IllegalStateException: boom\n\tat a.B.c(B.java:1)',
    ]);
  });

  it('do not hold up a stream for ever by another that writes on', async () => {
    const run = follow({ multiline: ['cri', 'java'] });
    await writeFile(log, `${cri('stderr', 'F', 'quiet')}\n`);
    await run.pass();
    for (let i = 0; i < 6; i += 1) {
      run.clock.time += 1000;
      await appendFile(log, `${cri('stdout', 'F', `busy ${i}`)}\n`);
      await run.pass();
    }
    expect(run.committed.messages).toContain('quiet');
  });

  it('of Docker end their lines where `log` does', async () => {
    const docker = (text: string) => JSON.stringify({ log: text, stream: 'stdout', time: '2024-01-15T10:00:00.1Z' });
    expect(await events('docker', `${docker('a "')}\n${docker('b"\r\n')}\n${docker('\n')}\n${docker('c')}\n`)).toEqual([
      'a "b"',
      'c',
    ]);
  });
});
