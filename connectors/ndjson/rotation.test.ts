import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, readFile, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { Outcomes } from 'millrace/sdk';
import { VirtualClock } from 'millrace/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { batchOf, contextWith, KeptLog } from '../../test/support/sink-batches.ts';
import { eventually } from '../../test/support/wait.ts';
import { ndjsonConfig } from './config.ts';
import { NdjsonSink } from './sink.ts';

const START = Date.UTC(2026, 0, 31, 12, 30);
const signal = new AbortController().signal;
let directory: string;
let path: string;
let clock: VirtualClock;
let log: KeptLog;
let sinks: NdjsonSink[];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'millrace-rotation-'));
  path = join(directory, 'out.ndjson');
  clock = new VirtualClock(START);
  log = new KeptLog();
  sinks = [];
});

afterEach(async () => {
  await Promise.all(sinks.map((sink) => sink.close()));
  await rm(directory, { recursive: true });
});

async function open(rotate: Record<string, unknown>): Promise<NdjsonSink> {
  const sink = new NdjsonSink(ndjsonConfig.parse({ path, rotate }), contextWith(log, clock));
  sinks.push(sink);
  await sink.open();
  return sink;
}

async function write(sink: NdjsonSink, values: readonly string[]): Promise<string[]> {
  const outcomes = new Outcomes(values.length);
  await sink.write(batchOf(values), outcomes, signal);
  return values.map((_, i) => outcomes.of(i));
}

/** What each file holds, by its name without that of the sink's own. */
async function files(): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const name of (await readdir(directory)).sort()) {
    const bytes = await readFile(join(directory, name));
    found[name.slice('out.ndjson'.length)] = (name.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString();
  }
  return found;
}

describe('rotation by size', () => {
  it('renames the file between two batches before it would become too large, and never an empty one', async () => {
    const sink = await open({ size: '10B' });
    for (const value of ['"1234"', '"5"', '"a batch that is larger"', '6']) {
      expect(await write(sink, [value])).toEqual(['delivered']);
      await clock.advance(1_000);
    }
    expect(await files()).toEqual({
      '.2026-01-31T12-30-01.000Z': '"1234"\n',
      '.2026-01-31T12-30-02.000Z': '"5"\n',
      '.2026-01-31T12-30-03.000Z': '"a batch that is larger"\n',
      '': '6\n',
    });
  });

  it('counts what an earlier life wrote, and loses and tears no line across restarts', async () => {
    for (let n = 0; n < 20; n += 1) {
      const sink = await open({ size: '8B' });
      await write(sink, [`${n + 10}`]);
      await sink.close();
      // As a process that was killed within a write leaves it.
      if (n === 7) await writeFile(path, '{"torn', { flag: 'a' });
    }
    const texts = Object.entries(await files());
    expect(texts.every(([, text]) => text.length <= 8)).toBe(true);
    const lines = texts
      .map(([, text]) => text)
      .join('')
      .split('\n')
      .slice(0, -1);
    expect(lines.sort()).toEqual(Array.from({ length: 20 }, (_, n) => `${n + 10}`));
  });

  it('takes another name where one is taken', async () => {
    await writeFile(`${path}.2026-01-31T12-30-00.000Z`, 'mine\n');
    await writeFile(`${path}.2026-01-31T12-30-00.001Z.gz`, gzipSync('mine too\n'));
    const sink = await open({ size: '1B' });
    await write(sink, ['1']);
    await write(sink, ['2']);
    expect(await files()).toMatchObject({ '.2026-01-31T12-30-00.000Z': 'mine\n', '.2026-01-31T12-30-00.002Z': '1\n', '': '2\n' });
  });
});

describe('rotation by time', () => {
  it('begins a new file with the first record of a new interval', async () => {
    const sink = await open({ interval: '1h' });
    await write(sink, ['1']);
    await clock.advance(29 * 60_000);
    await write(sink, ['2']);
    await clock.advance(60_000);
    await write(sink, ['3']);
    expect(await files()).toEqual({ '.2026-01-31T13-00-00.000Z': '1\n2\n', '': '3\n' });
  });

  it('knows after a restart when the file was last written', async () => {
    await writeFile(path, '1\n');
    const then = new Date(START - 3_600_000);
    await utimes(path, then, then);
    const sink = await open({ interval: '1h' });
    await write(sink, ['2']);
    expect(await files()).toEqual({ '.2026-01-31T12-30-00.000Z': '1\n', '': '2\n' });
  });
});

describe('rotated files', () => {
  it('are kept up to a number', async () => {
    const sink = await open({ size: '1B', keep: 2 });
    for (let n = 0; n < 6; n += 1) {
      await write(sink, [`${n}`]);
      await clock.advance(1_000);
    }
    await sink.close();
    expect(Object.values(await files()).sort()).toEqual(['3\n', '4\n', '5\n']);
  });

  it('are compressed, whole or not at all', async () => {
    const sink = await open({ size: '1B', compress: true, keep: 5 });
    await write(sink, ['1']);
    await write(sink, ['2']);
    await eventually(async () => (await readdir(directory)).join() === 'out.ndjson,out.ndjson.2026-01-31T12-30-00.000Z.gz', {
      what: 'the compressed file alone',
      interval: 5,
    });
    expect(await files()).toEqual({ '.2026-01-31T12-30-00.000Z.gz': '1\n', '': '2\n' });
  });

  it('are finished after a crash: half of one is made again, and the original of a whole one removed', async () => {
    const [whole, half, foreign] = ['.2026-01-01T00-00-00.000Z', '.2026-01-02T00-00-00.000Z', '.2026-01-03.gz.tmp'];
    await writeFile(path + whole, '1\n');
    await writeFile(`${path}${whole}.gz`, gzipSync('1\n'));
    await writeFile(path + half, '2\n');
    await writeFile(`${path}${half}.gz.tmp`, gzipSync('2\n').subarray(0, 5));
    await writeFile(path + foreign, 'not ours');
    const sink = await open({ size: '1MB', compress: true });
    await eventually(() => !existsSync(path + half), { what: 'the compressed file', interval: 5 });
    await sink.close();
    expect(await files()).toEqual({ [`${whole}.gz`]: '1\n', [`${half}.gz`]: '2\n', [foreign]: 'not ours', '': '' });
  });

  it('that cannot be tidied up are no reason not to deliver', async () => {
    const sink = await open({ size: '1B', compress: true });
    // A directory where the compressed file is to be written.
    await mkdir(`${path}.2026-01-31T12-30-00.000Z.gz.tmp`);
    for (const value of ['1', '2', '3']) expect(await write(sink, [value])).toEqual(['delivered']);
    await sink.close();
    // The first rotation's tidying up has ended before the second rotation; the last one's may have been cut short by the end.
    expect(log.warnings.length).toBeGreaterThan(0);
    for (const warning of log.warnings) expect(warning).toContain('tidying up the files');
    await rm(`${path}.2026-01-31T12-30-00.000Z.gz.tmp`, { recursive: true });
    expect(Object.values(await files()).sort()).toEqual(['1\n', '2\n', '3\n']);
  });
});

describe('a file that somebody else renames', () => {
  it('is left alone, and a new one begun', async () => {
    const sink = await open({ size: '100B' });
    await write(sink, ['1']);
    await rename(path, `${path}.mine`);
    await write(sink, ['2']);
    expect(await files()).toEqual({ '.mine': '1\n', '': '2\n' });
  });

  it.skipIf(process.getuid?.() === 0)('is tried again where it cannot be renamed', async () => {
    const sink = await open({ size: '1B' });
    await write(sink, ['1']);
    await chmod(directory, 0o500);
    expect(await write(sink, ['2'])).toEqual(['retry']);
    await chmod(directory, 0o700);
    expect(await write(sink, ['2'])).toEqual(['delivered']);
  });
});

it.each([
  [{}, 'say when to rotate'],
  [{ size: '0B' }, 'it must be more than 0'],
  [{ interval: '10ms' }, 'it must be 1s or more'],
  [{ size: '1MB', keep: 0 }, '>=1'],
])('refuses %j', (rotate, message) => {
  expect(ndjsonConfig.safeParse({ path: 'x', rotate }).error?.issues[0]?.message).toContain(message);
});
