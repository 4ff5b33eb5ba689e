import { chmodSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { stepContext } from '../../../test/support/run-step.ts';
import { RecordingLog } from '../../../test/support/tasks.ts';
import { VirtualClock } from '../../testing/virtual-clock.ts';
import { WatchedFile } from './watched-file.ts';

const directory = mkdtempSync(join(tmpdir(), 'millrace-watched-'));
afterAll(() => rmSync(directory, { recursive: true }));

let files = 0;
/** A later second for every write: two in one instant must not look the same. */
let second = 1_700_000_000;

function setUp(text = 'one') {
  files += 1;
  const path = join(directory, `file-${files}`);
  const clock = new VirtualClock();
  const log = new RecordingLog();
  const write = (content: string): void => {
    writeFileSync(path, content);
    second += 1;
    utimesSync(path, second, second);
  };
  write(text);
  let reads = 0;
  const open = (): WatchedFile<string> =>
    new WatchedFile({
      path,
      what: 'table',
      maxBytes: 20,
      read: (bytes) => {
        reads += 1;
        const content = bytes.toString();
        if (content.startsWith('bad')) throw new Error(`line 1 is ${content}`);
        return content;
      },
      context: stepContext('s', { clock, log }),
    });
  return { path, clock, log, write, open, reads: () => reads };
}

describe('a watched file', () => {
  it('is looked at every 5 seconds while it is used, and read again only when it has changed', async () => {
    const { clock, write, open, reads } = setUp();
    const file = open();
    for (let i = 0; i < 10; i += 1) {
      expect(file.content).toBe('one');
      await clock.advance(5_000);
    }
    expect(reads()).toBe(1);
    write('two');
    expect(file.content).toBe('one');
    await clock.advance(4_999);
    expect(file.content).toBe('one');
    await clock.advance(1);
    expect(file.content).toBe('two');
    expect(reads()).toBe(2);
    expect(clock.sleeping).toBe(0);
  });

  it('is not read while it is still being written', async () => {
    const { clock, write, open } = setUp();
    const file = open();
    for (const part of ['t', 'tw', 'two', 'two+']) {
      write(part);
      await clock.advance(5_000);
      expect(file.content).toBe('one');
    }
    await clock.advance(5_000);
    expect(file.content).toBe('two+');
  });

  it('keeps what was read before where it is broken or away, and says each once', async () => {
    const { path, clock, log, write, open } = setUp();
    const file = open();
    const later = async (): Promise<string> => {
      for (let i = 0; i < 5; i += 1) {
        await clock.advance(5_000);
        expect(file.content.length).toBeGreaterThan(0);
      }
      return file.content;
    };
    write('bad 1');
    expect(await later()).toBe('one');
    write('bad 2');
    expect(await later()).toBe('one');
    rmSync(path);
    expect(await later()).toBe('one');
    write('x'.repeat(21));
    expect(await later()).toBe('one');
    write('three');
    expect(await later()).toBe('three');
    expect(log.lines.map((line) => line.replaceAll(path, 'PATH'))).toEqual([
      'warn reading the table PATH for the step s of test: line 1 is bad 1; what was read before stays in use {"component":"test","step":"s"}',
      'warn reading the table PATH for the step s of test: line 1 is bad 2; what was read before stays in use {"component":"test","step":"s"}',
      expect.stringMatching(/^warn .*there is no such file; mend the path .*; what was read before stays in use/),
      expect.stringMatching(/^warn .*it has 21 bytes; at most 20 are read/),
      'info the table PATH has changed and is read anew {"component":"test","step":"s"}',
    ]);
  });

  it('says it again where it is broken once more after it was whole', async () => {
    const { path, clock, log, open } = setUp();
    const file = open();
    const turn = async (act: () => void): Promise<void> => {
      act();
      for (let i = 0; i < 3; i += 1) {
        await clock.advance(5_000);
        expect(file.content).toBe('one');
      }
    };
    const bytes = (): void => {
      writeFileSync(path, 'one');
      utimesSync(path, 1, 1);
    };
    await turn(() => rmSync(path));
    await turn(bytes);
    await turn(() => rmSync(path));
    expect(log.lines.filter((line) => line.startsWith('warn'))).toHaveLength(2);
  });

  it('throws at the start where it cannot be read', () => {
    const { path, write, open } = setUp('bad from the start');
    expect(open).toThrow(expect.objectContaining({ code: 'STEP_FILE_INVALID' }) as Error);
    write('x'.repeat(21));
    expect(open).toThrow(/it has 21 bytes; at most 20 are read/);
    rmSync(path);
    expect(open).toThrow(expect.objectContaining({ code: 'STEP_FILE_UNREADABLE', retry: 'never' }) as Error);
    const context = stepContext('s');
    const folder = { path: directory, what: 'table', maxBytes: 20, read: String, context };
    expect(() => new WatchedFile(folder)).toThrow(/it is no file/);
  });

  it.skipIf(process.getuid?.() === 0)('says that reading it is not allowed', () => {
    const { path, open } = setUp();
    chmodSync(path, 0);
    expect(open).toThrow(/reading it is not allowed/);
  });
});
