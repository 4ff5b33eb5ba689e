/**
 * Measures the file source alone: lines of an access log from a file into batches, with an emit that settles at once
 * (no Kafka). Arguments: lines (default 1,000,000), runs (default 5).
 */

import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type SourceContext, systemClock } from 'millrace/sdk';
import { file } from '../../connectors/file/index.ts';
import { generateAccessLog } from '../../connectors/generator/access-log.ts';
import { noMetrics } from '../../src/sdk/metrics.ts';

const quiet = { debug() {}, info() {}, warn() {}, error() {} };

async function measure(path: string): Promise<{ records: number; seconds: number; cpuSeconds: number }> {
  const context: SourceContext = {
    positions: new Map(),
    signal: new AbortController().signal,
    once: true,
    host: 'bench',
    room: async () => undefined,
    lost() {},
    clock: systemClock,
    log: quiet,
    metrics: noMetrics,
  };
  const source = file.create(file.config.parse({ include: [path] }));
  let records = 0;
  const cpu = process.cpuUsage();
  const begin = performance.now();
  await source.run(async (batch) => {
    records += batch.length;
  }, context);
  const used = process.cpuUsage(cpu);
  return { records, seconds: (performance.now() - begin) / 1000, cpuSeconds: (used.user + used.system) / 1e6 };
}

const lines = Number(process.argv[2] ?? 1_000_000);
const runs = Number(process.argv[3] ?? 5);
const directory = await mkdtemp(join(tmpdir(), 'millrace-bench-'));
try {
  const path = join(directory, 'access.log');
  await generateAccessLog({ path, lines });
  const { size } = await stat(path);
  for (let run = 0; run < runs; run += 1) {
    const { records, seconds, cpuSeconds } = await measure(path);
    if (records !== lines) throw new Error(`read ${records} of ${lines} lines`);
    const rate = Math.round(records / seconds).toLocaleString('en');
    const perLine = `${Math.round((seconds * 1e9) / records)} ns/line, ${Math.round((cpuSeconds * 1e9) / records)} ns CPU/line`;
    process.stdout.write(`${rate} lines/s, ${(size / 1e6 / seconds).toFixed(0)} MB/s, ${perLine}\n`);
  }
} finally {
  await rm(directory, { recursive: true });
}
