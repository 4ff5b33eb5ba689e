import { appendFile, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Emit, systemClock } from 'millrace/sdk';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fileConfig } from './config.ts';
import { Committed, contextOf } from './recorded-follower.ts';
import { FileSource } from './source.ts';

let directory: string;
let log: string;
let abort: AbortController;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'millrace-source-'));
  log = join(directory, 'app.log');
  abort = new AbortController();
});

afterEach(async () => {
  abort.abort();
  await rm(directory, { recursive: true });
});

function start(committed: Committed, options: Readonly<Record<string, unknown>> = {}, once = false): Promise<void> {
  const source = new FileSource(fileConfig.parse({ include: [`${log}*`], poll_interval: '20ms', ...options }));
  return source.run(committed.emit, contextOf(committed, systemClock, once, abort.signal));
}

const ROOM_BYTES = 25_000_000;
const ONE_EMIT_BYTES = 1_500_000;

describe('file source', () => {
  it.each([
    ['once', {}, true],
    ['without follow', { follow: false }, false],
  ])('ends after what is there when run %s', async (_, options, once) => {
    await writeFile(log, 'a\nb');
    const committed = new Committed();
    await start(committed, options, once);
    expect(committed.messages).toEqual(['a', 'b']);
  });

  it('follows files that are written and rotated while it runs', async () => {
    const committed = new Committed();
    const running = start(committed);
    const written: string[] = [];
    for (let generation = 0; generation < 5; generation += 1) {
      for (let i = 0; i < 20; i += 1) {
        written.push(`${generation} ${i}`);
        await appendFile(log, `${generation} ${i}\n`);
      }
      await expect.poll(() => committed.messages.length, { timeout: 5000 }).toBeGreaterThan(generation * 20);
      await rename(log, `${log}.${generation}`);
      written.push(`${generation} late`);
      await appendFile(`${log}.${generation}`, `${generation} late\n`);
    }
    await expect.poll(() => committed.messages.length, { timeout: 5000 }).toBeGreaterThanOrEqual(written.length);
    abort.abort();
    await running;
    expect(committed.messages.toSorted()).toEqual(written.toSorted());
  });

  it('goes on after a stop where it was', async () => {
    await writeFile(log, 'a\n');
    const committed = new Committed();
    let running = start(committed);
    await expect.poll(() => committed.messages).toEqual(['a']);
    abort.abort();
    await running;
    await appendFile(log, 'b\n');
    abort = new AbortController();
    running = start(committed);
    await expect.poll(() => committed.messages).toEqual(['a', 'b']);
    abort.abort();
    await running;
  });

  it('reads no further than there is room while nothing is written, and loses nothing', async () => {
    await writeFile(log, `${'x'.repeat(999)}\n`.repeat(80_000));
    let emitted = 0;
    let waiting = 0;
    let most = 0;
    const commits: (() => void)[] = [];
    const source = new FileSource(fileConfig.parse({ include: [log] }));
    const commitLater: Emit = (batch) => {
      const bytes = batch.length * 1000;
      emitted += batch.length;
      waiting += bytes;
      most = Math.max(most, waiting);
      return new Promise((resolve) =>
        commits.push(() => {
          waiting -= bytes;
          resolve();
        }),
      );
    };
    const room = async (): Promise<void> => {
      while (waiting > ROOM_BYTES) await new Promise((resolve) => setImmediate(resolve));
    };
    const running = source.run(commitLater, { ...contextOf(new Committed(), systemClock, true), room });
    await expect.poll(() => waiting, { timeout: 10_000 }).toBeGreaterThan(ROOM_BYTES);
    let ended = false;
    void running.then(() => {
      ended = true;
    });
    while (!ended) {
      commits.shift()?.();
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(emitted).toBe(80_000);
    expect(most).toBeLessThan(ROOM_BYTES + ONE_EMIT_BYTES);
  });
});
