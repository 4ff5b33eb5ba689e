import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { VirtualClock } from '../testing/virtual-clock.ts';
import { FileWatch } from './file-watch.ts';

let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'millrace-watch-'));
});

afterAll(() => rm(directory, { recursive: true }));

it('sees what is edited, renamed into place, made and removed, once each, and not before it is at rest', async () => {
  const [one, two] = [join(directory, 'one'), join(directory, 'two')];
  await writeFile(one, 'a');
  const clock = new VirtualClock(0);
  const watch = new FileWatch(clock);
  watch.watch([one]);
  watch.add([two]);
  const stop = new AbortController();
  let changes = 0;
  const watching = (async () => {
    for (;;) {
      await watch.changed(stop.signal);
      changes += 1;
    }
  })().catch(() => undefined);
  await clock.advance(3_000);
  expect(changes).toBe(0);
  await writeFile(one, 'ab');
  await clock.advance(300);
  expect(changes).toBe(0);
  await writeFile(one, 'abc');
  await clock.advance(300);
  expect(changes).toBe(0);
  await clock.advance(300);
  expect(changes).toBe(1);
  await writeFile(join(directory, 'new'), 'abc');
  await rename(join(directory, 'new'), one);
  await clock.advance(3_000);
  expect(changes).toBe(2);
  await writeFile(two, 'it has come');
  await clock.advance(3_000);
  expect(changes).toBe(3);
  await rm(two);
  await clock.advance(3_000);
  expect(changes).toBe(4);
  stop.abort(new Error('enough'));
  await clock.settle();
  await watching;
});
