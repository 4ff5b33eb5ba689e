/**
 * Measures the file source with very many files of which few are written to (no Kafka: an emit settles at once): memory,
 * CPU time, open files, and how long a line takes from its writing to its emit, by the real clock.
 * Compile first (`tsc`), then run it. Arguments: files (default 10,000), active ones (default 100), seconds (default 20).
 */

import { appendFile, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Emit, isJsonObject, type SourceContext, systemClock } from 'millrace/sdk';
import { file } from '../../connectors/file/index.ts';
import { noMetrics } from '../../src/sdk/metrics.ts';

const FILES_A_FOLDER = 100;
const WRITE_EVERY_MS = 100;
const quiet = { debug() {}, info() {}, warn() {}, error() {} };

const files = Number(process.argv[2] ?? 10_000);
const active = Number(process.argv[3] ?? 100);
const seconds = Number(process.argv[4] ?? 20);

const print = (line: string): void => void process.stdout.write(`${line}\n`);
const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(0)} MB`;
const directory = await mkdtemp(join(tmpdir(), 'millrace-many-'));
const pathOf = (i: number): string => join(directory, `d${Math.floor(i / FILES_A_FOLDER)}`, `f${i}.log`);

const delays: number[] = [];
let first = 0;

const emit: Emit = async (batch) => {
  const now = performance.now();
  for (let i = 0; i < batch.length; i += 1) {
    const value = batch.valueJson(i);
    const written = isJsonObject(value) ? Number(/^at (\S+)/.exec(String(value['message']))?.[1]) : Number.NaN;
    if (Number.isNaN(written)) first += 1;
    else delays.push(now - written);
  }
};

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await systemClock.sleep(50);
}

async function openFiles(): Promise<number> {
  return (await readdir('/proc/self/fd').catch(() => [])).length;
}

async function write(): Promise<{ lines: number; cpuSeconds: number; took: number }> {
  const begin = performance.now();
  const cpu = process.cpuUsage();
  let lines = 0;
  while (performance.now() < begin + seconds * 1000) {
    for (let n = 0; n < active; n += 1) {
      const i = Math.floor((n * files) / active);
      await appendFile(pathOf(i), `at ${performance.now()} line ${lines}\n`);
      lines += 1;
    }
    await systemClock.sleep(WRITE_EVERY_MS);
  }
  const { user, system } = process.cpuUsage(cpu);
  return { lines, cpuSeconds: (user + system) / 1e6, took: (performance.now() - begin) / 1000 };
}

try {
  for (let i = 0; i < files; i += FILES_A_FOLDER) await mkdir(join(directory, `d${i / FILES_A_FOLDER}`));
  for (let i = 0; i < files; i += 1) await writeFile(pathOf(i), `first line of ${i}\n`);
  const abort = new AbortController();
  const context: SourceContext = {
    positions: new Map(),
    signal: abort.signal,
    once: false,
    host: 'bench',
    room: async () => undefined,
    lost() {},
    clock: systemClock,
    log: quiet,
    metrics: noMetrics,
  };
  const before = process.memoryUsage().rss;
  const begin = performance.now();
  const running = file.create(file.config.parse({ include: [join(directory, '**', '*.log')] })).run(emit, context);
  await until(() => first >= files);
  print(`${files} files found and read in ${((performance.now() - begin) / 1000).toFixed(1)} s`);
  const idle = process.cpuUsage();
  await systemClock.sleep(seconds * 500);
  const { user, system } = process.cpuUsage(idle);
  print(`nothing written: ${(((user + system) / (seconds * 500_000)) * 100).toFixed(1)} % of a core`);
  const { lines, cpuSeconds, took } = await write();
  await until(() => delays.length >= lines);
  const descriptors = await openFiles();
  abort.abort();
  await running;
  delays.sort((a, b) => a - b);
  const at = (share: number): string => `${(delays[Math.floor((delays.length - 1) * share)] ?? 0).toFixed(0)} ms`;
  print(`${active} written to: ${((cpuSeconds / took) * 100).toFixed(1)} % of a core, the writer of this bench included`);
  print(`memory ${megabytes(before)} before, ${megabytes(process.memoryUsage().rss)} after; ${descriptors} descriptors`);
  print(`${lines} lines, delay: half ${at(0.5)}, 99 % ${at(0.99)}, all ${at(1)}`);
  if ((delays.at(-1) ?? 0) > 1000) throw new Error('a line was delayed by more than a second');
} finally {
  await rm(directory, { recursive: true });
}
