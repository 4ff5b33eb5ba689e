import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LoadedPipeline } from '../../src/config/index.ts';
import type { JsonObject } from '../../src/record/json.ts';
import { noMetrics } from '../../src/sdk/metrics.ts';
import type { ProcessorDefinition } from '../../src/sdk/processor.ts';
import { ProcessorRecord } from '../../src/sdk/processor-record.ts';
import { ContinuousRunner } from '../../src/stream/processor/continuous-runner.ts';
import { MicroBatchProcessor } from '../../src/stream/processor/micro-batch-processor.ts';
import { VirtualClock } from '../../src/testing/virtual-clock.ts';
import { RecordingLog } from '../support/tasks.ts';

const HERE = fileURLToPath(new URL('.', import.meta.url));
const GUIDE = fileURLToPath(new URL('../../docs/guide/processors.md', import.meta.url));
const MINUTE = 60_000;
const signal = new AbortController().signal;
let directory: string;

/** The examples of the guide, as the files that their first lines name. */
beforeAll(async () => {
  directory = await mkdtemp(join(HERE, '.guide-'));
  const guide = await readFile(GUIDE, 'utf8');
  for (const [, name, code] of guide.matchAll(/```js\n\/\/ (\S+)\n(.*?)```/gs)) {
    await writeFile(join(directory, name as string), code as string);
  }
});

afterAll(() => rm(directory, { recursive: true, force: true }));

async function example(file: string, name: string): Promise<ProcessorDefinition> {
  return ((await import(join(directory, file))) as Record<string, ProcessorDefinition>)[name] as ProcessorDefinition;
}

const place = () => ({
  ...{ pipeline: 'guide', component: 'stream', id: 'it', partition: 0 },
  clock: new VirtualClock(0),
  log: new RecordingLog(),
  metrics: noMetrics,
});

const recordOf = (value: JsonObject, { key = 'k', time = 0, offset = 0 } = {}): ProcessorRecord =>
  new ProcessorRecord({ topic: 'in', partition: 0, offset, value, key, time });

async function processed(
  definition: ProcessorDefinition,
  options: JsonObject,
  records: readonly ProcessorRecord[],
  watermark = 0,
): Promise<unknown[]> {
  const processor = new MicroBatchProcessor(definition, definition.options.parse(options), place());
  processor.restored(Number.NEGATIVE_INFINITY);
  const arrivals = records.map((record) => ({ record, watermark: record.time - 1 }));
  const { outputs, rejected } = await processor.process({ arrivals, watermark, now: 0 }, signal);
  expect(rejected).toEqual([]);
  return outputs.map(({ value }) => value);
}

async function flushed(
  definition: ProcessorDefinition,
  options: JsonObject,
  records: readonly ProcessorRecord[],
): Promise<unknown[]> {
  const runner = new ContinuousRunner(definition, definition.options.parse(options), place());
  runner.feed(records, records.length);
  await runner.complete(signal);
  return runner.take().outputs.map(({ value }) => value);
}

describe('the examples of the guide to processors', () => {
  it('asks a service', async () => {
    let asked = 0;
    const server = createServer((request, response) => {
      asked += 1;
      response.statusCode = asked === 1 ? 503 : 200;
      response.end(JSON.stringify({ score: request.url?.includes('crawler') === true ? 1 : 0 }));
    });
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    const service = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const definition = await example('bot-score.js', 'botScore');
    const at = place();
    const processor = new MicroBatchProcessor(definition, definition.options.parse({ service }), at);
    const arrivals = ['crawler', 'browser'].map((agent) => ({ record: recordOf({ agent }), watermark: -1 }));
    const work = processor.process({ arrivals, watermark: -1, now: 0 }, signal);
    let done = false;
    void work.finally(() => {
      done = true;
    });
    // The answers come over the network, and the wait before the next try by the clock of the test.
    while (!done) await at.clock.advance(5);
    const { outputs } = await work;
    expect(outputs.map(({ value: { agent, bot } }) => [agent, bot]).toSorted()).toEqual([
      ['browser', false],
      ['crawler', true],
    ]);
    await new Promise((resolve) => server.close(resolve));
  });

  it('loads a pipeline with it', async () => {
    const file = join(directory, 'scored.yaml');
    await writeFile(
      file,
      `pipeline: scored
topics: { access.events: { external: true }, access.scored: {} }
streams:
  score:
    from: access.events
    steps:
      - bot-score: { service: "http://scores.internal/", treshold: 0.9 }
    to: access.scored
`,
    );
    process.env['PIPELINE'] = file;
    const { loaded } = (await import(join(directory, 'main.js'))) as { loaded: LoadedPipeline };
    expect(loaded.ok || loaded.diagnostics.map(({ message, suggestion }) => [message, suggestion])).toEqual([
      ['unknown key "treshold" in the step "bot-score"', '"threshold"'],
    ]);
  });

  it('lets the first of each go on', async () => {
    const addresses = ['a', 'b', 'a'].map((address) => recordOf({ address }));
    expect(await processed(await example('first-seen.js', 'firstSeen'), {}, addresses)).toEqual([
      { address: 'a' },
      { address: 'b' },
    ]);
  });

  it('tells of silence', async () => {
    const records = [
      recordOf({}, { key: 'a' }),
      recordOf({}, { key: 'b', time: MINUTE }),
      recordOf({}, { key: 'a', time: 4 * MINUTE }),
    ];
    expect(await processed(await example('silence.js', 'silence'), {}, records, 6 * MINUTE)).toEqual([{ silent: 'b' }]);
  });

  it('puts records together', async () => {
    const records = [1, 2, 3].map((n) => recordOf({ n }));
    expect(await flushed(await example('batches.js', 'batches'), { size: 2 }, records)).toEqual([
      { all: [{ n: 1 }, { n: 2 }] },
      { all: [{ n: 3 }] },
    ]);
  });

  it('counts by minute', async () => {
    const records = [0, 30, 130].map((seconds) => recordOf({ bytes: 5 }, { time: seconds * 1_000 }));
    expect(await flushed(await example('busy-minutes.js', 'busyMinutes'), {}, records)).toMatchObject([
      { site: 'k', requests: 2, bytes: 10, pane: 'on_time' },
      { site: 'k', requests: 1, pane: 'early' },
    ]);
  });
});
