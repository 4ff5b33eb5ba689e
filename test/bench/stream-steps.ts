/**
 * Measures what a stream with one `parse: apache_combined` does with a record between reading and writing, in ns of CPU
 * time: the ordinary way (decode, step, encode) and the way from bytes to bytes. No Kafka. Argument: rounds (default 20).
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateAccessLog } from '../../connectors/generator/access-log.ts';
import type { RecordBatch } from '../../src/record/batch.ts';
import { BatchBuilder } from '../../src/record/batch-builder.ts';
import type { JsonObject } from '../../src/record/json.ts';
import { JsonEncoder } from '../../src/record/json-encoder.ts';
import { systemClock } from '../../src/sdk/clock.ts';
import { parse } from '../../src/steps/parse.ts';
import { type Emitter, Program } from '../../src/stream/program.ts';

const quiet = { debug() {}, info() {}, warn() {}, error() {} };
const LINES = 100_000;
/** As many as a read of a stream gives. */
const A_READ = 3_000;
/** As many reads as make a micro-batch of 16 MB. */
const A_MICRO_BATCH = 8;
const WARM_UP = 3;

function readsOf(lines: readonly string[]): RecordBatch[] {
  const reads: RecordBatch[] = [];
  for (let first = 0; first < lines.length; first += A_READ) {
    const builder = new BatchBuilder(['in']);
    for (const [i, message] of lines.slice(first, first + A_READ).entries()) {
      builder.begin(0, 0, -1);
      const offset = (first + i) * 200;
      builder.value(
        JSON.stringify({ host: { name: 'bench' }, log: { file: { path: '/var/log/nginx/access.log' }, offset }, message }),
      );
    }
    reads.push(builder.batch());
  }
  return reads;
}

function emitterInto(out: BatchBuilder, bytesToBytes: boolean): Emitter {
  const encoder = new JsonEncoder();
  const target = { topic: 0, partition: 0, stamped: true };
  const unexpected = (): never => {
    throw new Error('every line is to go on');
  };
  return {
    forwardAll: unexpected,
    route: unexpected,
    drop: unexpected,
    reject: unexpected,
    forward(batch, row, value) {
      out.copyWithoutValue(batch, row, target);
      encoder.write(out, value as JsonObject);
    },
    forwardBytes(batch, row, way) {
      if (!bytesToBytes) return false;
      out.copyWithoutValue(batch, row, target);
      if (!out.valueFrom(batch, row, way)) unexpected();
      return true;
    },
  };
}

/** The best of the rounds, in ns of this process's CPU time a record. */
function measure(reads: readonly RecordBatch[], rounds: number, bytesToBytes: boolean): number {
  const out = new BatchBuilder(['out']);
  const emitter = emitterInto(out, bytesToBytes);
  const options = parse.options.parse({ format: 'apache_combined' });
  const steps = [{ id: 'parse', definition: parse, options }];
  const program = new Program({
    component: 'bench',
    env: { clock: systemClock, log: quiet },
    steps,
    codecOf: () => 'json',
    onError: 'dead_letter',
  });
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < rounds; round += 1) {
    const cpu = process.cpuUsage();
    for (const [i, read] of reads.entries()) {
      if (i % A_MICRO_BATCH === 0) out.reset();
      program.run(read, emitter);
    }
    const { user, system } = process.cpuUsage(cpu);
    if (round >= WARM_UP) best = Math.min(best, ((user + system) * 1000) / LINES);
  }
  return best;
}

const rounds = Number(process.argv[2] ?? 20);
const directory = await mkdtemp(join(tmpdir(), 'millrace-bench-'));
try {
  const path = join(directory, 'access.log');
  await generateAccessLog({ path, lines: LINES });
  const reads = readsOf((await readFile(path, 'utf8')).trimEnd().split('\n'));
  const ordinary = measure(reads, rounds, false);
  const short = measure(reads, rounds, true);
  process.stdout.write(
    `${ordinary.toFixed(0)} ns a record decoded and encoded, ${short.toFixed(0)} ns from bytes to bytes: ${(short / ordinary).toFixed(2)}\n`,
  );
} finally {
  await rm(directory, { recursive: true });
}
