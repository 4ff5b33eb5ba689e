import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { RecordingLog } from '../../test/support/tasks.ts';
import { PluginFaults } from '../plugins/index.ts';
import type { SwapOutcome } from '../runtime/engine.ts';
import { VirtualClock } from '../testing/virtual-clock.ts';
import type { Pipeline } from '../topology/types.ts';
import { environment, registry } from './context.ts';
import { FileWatch } from './file-watch.ts';
import { watchPipelines } from './watch.ts';

const DONE: SwapOutcome = { begun: ['p/a'], ended: ['p/a'], kept: [] };

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'millrace-watch-'));
});

afterEach(() => rm(directory, { recursive: true }));

const text = (description: string, more = ''): string => `pipeline: p
description: ${description}
topics: { in: { external: true }, out: {}${more} }
streams: { a: { from: in, to: out, steps: [ { filter: "n > 1" } ] } }
`;

/** A watch of one file, whose swaps end as `answers` say, the last of them for ever. */
async function setUp(answers: (() => Promise<SwapOutcome>)[]) {
  const file = join(directory, 'p.yaml');
  await writeFile(file, text('first'));
  let reading = 0;
  const clock = new VirtualClock(undefined, () => reading > 0);
  const watch = new FileWatch(clock);
  watch.watch([file]);
  const log = new RecordingLog();
  const shown: string[] = [];
  const swaps: (string | undefined)[] = [];
  const engine = {
    swap: ([pipeline]: readonly Pipeline[]) => {
      swaps.push(pipeline?.description);
      return ((answers.length > 1 ? answers.shift() : answers[0]) ?? (() => Promise.resolve(DONE)))();
    },
  };
  // The virtual clock stands still while the files are read, which takes real time.
  const faults = new PluginFaults();
  const real = watch.changed.bind(watch);
  watch.changed = async (signal) => {
    reading = 0;
    await real(signal);
    reading = 1;
  };
  const stop = new AbortController();
  const ended = watchPipelines(
    { files: [file], watch, engine, registry, environment, faults, clock, log, show: (said) => shown.push(said) },
    stop.signal,
  );
  const edit = async (content: string): Promise<void> => {
    await writeFile(file, content);
    await clock.advance(1_500);
  };
  return { clock, log, shown, swaps, stop, ended, edit, file };
}

const away = (): Promise<SwapOutcome> => Promise.reject(new Error('no brokers'));
const done = (): Promise<SwapOutcome> => Promise.resolve(DONE);

it('lets an edit take the place of the one that is tried again, and not one that is broken', async () => {
  const { clock, log, shown, swaps, stop, ended, edit, file } = await setUp([away, away, away, done]);
  await edit(text('second'));
  expect(swaps).toEqual(['second']);
  await edit(`${text('third')}nonsense: 1\n`);
  expect(shown.join()).toMatch(/p\.yaml:5:1: error .*nonsense/);
  await clock.advance(5_000);
  // What is broken has taken no place.
  expect(swaps).toEqual(['second', 'second']);
  await edit(text('fourth'));
  await clock.advance(12_000);
  expect(swaps).toEqual(['second', 'second', 'fourth', 'fourth']);
  expect(log.lines.filter((line) => line.includes('swapped'))).toHaveLength(1);
  expect(await readFile(file, 'utf8')).toContain('fourth');
  stop.abort(new Error('stop'));
  await clock.run(ended);
});

it('shows what is doubtful about a file once for each change', async () => {
  const { clock, shown, swaps, stop, ended, edit } = await setUp([away]);
  await edit(text('second', ', spare: {}'));
  await clock.advance(20_000);
  expect(swaps.length).toBeGreaterThan(2);
  expect(shown).toHaveLength(1);
  expect(shown[0]).toMatch(/p\.yaml:3:\d+: warning GRAPH_UNUSED_TOPIC: /);
  stop.abort(new Error('stop'));
  await clock.run(ended);
});
