import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { EXACT, LogFiles, Tally } from '../support/numbered-lines.ts';
import { killAllProcesses, runMillrace, startMillrace } from '../support/processes.ts';

const LINES = 5_000;
let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'millrace-embedded-'));
});

afterEach(async () => {
  await killAllProcesses();
  await rm(directory, { recursive: true, force: true });
});

const settings = (): string[] => [
  '--profile',
  'embedded',
  '-s',
  `data_directory=${join(directory, 'data')}`,
  '-s',
  'admin.enabled=false',
];

async function writePipeline(): Promise<string> {
  const file = join(directory, 'pipeline.yaml');
  await writeFile(
    file,
    `pipeline: embedded
topics:
  raw: {}
  events: {}
sources:
  log:
    file: "${join(directory, 'logs')}/*.log*"
    to: raw
streams:
  parse:
    from: raw
    steps:
      - parse: apache_combined
    to: events
sinks:
  archive:
    from: events
    ndjson: { path: "${join(directory, 'archive.ndjson')}" }
`,
  );
  return file;
}

async function tallyArchive(expected: number): Promise<unknown> {
  const tally = new Tally(expected);
  const text = await readFile(join(directory, 'archive.ndjson'), 'utf8');
  for (const line of text.split('\n').filter((each) => each !== '')) {
    tally.add((JSON.parse(line) as { event: { original: string } }).event.original);
  }
  return tally.report();
}

it('runs to the end of its input on the embedded broker, and says what that broker is for', async () => {
  const logs = new LogFiles(join(directory, 'logs'), ['a.log', 'b.log']);
  await logs.write(LINES);
  const { code, stderr } = await runMillrace(['run', await writePipeline(), '--once', ...settings()]);
  expect(stderr).toContain('the embedded broker is for trying out');
  expect(stderr).toMatch(/source embedded\/log: 5,000 records in, 5,000 out/);
  expect(code).toBe(0);
  expect(await tallyArchive(LINES)).toEqual(EXACT);
}, 60_000);

it('follows its input until it is stopped, then ends in order', async () => {
  const logs = new LogFiles(join(directory, 'logs'), ['a.log', 'b.log']);
  await logs.write(100);
  const millrace = startMillrace(['run', await writePipeline(), ...settings()]);
  await logs.write(LINES - 100);
  await expect
    .poll(
      () =>
        readFile(join(directory, 'archive.ndjson'), 'utf8').then(
          (text) => text.split('\n').length - 1,
          () => 0,
        ),
      { timeout: 45_000 },
    )
    .toBe(LINES);
  expect((await millrace.stop()).code).toBe(0);
  expect(await tallyArchive(LINES)).toEqual(EXACT);
}, 90_000);

it('is ended soon while no Kafka answers: nothing has been taken yet', async () => {
  const file = await writePipeline();
  const args = [
    '-s',
    'kafka.brokers=127.0.0.1:9',
    '-s',
    'admin.enabled=false',
    '-s',
    `data_directory=${join(directory, 'data')}`,
  ];
  const millrace = startMillrace(['run', file, ...args]);
  await millrace.waitForOutput(/Kafka cannot be reached/);
  const told = performance.now();
  millrace.signal('SIGTERM');
  await millrace.ended;
  expect(performance.now() - told).toBeLessThan(6_000);
  expect(millrace.stderr).toContain('stopped by SIGTERM');
});
