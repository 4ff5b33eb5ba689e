/**
 * What it takes when very many groups close on one record, alone and in memory: time, outputs and memory of the micro-batches. Compile it with
 * `npx tsc -p test/bench`, then run `node --expose-gc dist/test/bench/close-all.js [groups]` from the project's root.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadPipelines } from '../../src/cli/context.ts';
import { RecordBatch } from '../../src/record/batch.ts';
import { BatchBuilder } from '../../src/record/batch-builder.ts';
import { BatchEmitter } from '../../src/runtime/batch-emitter.ts';
import { MicroBatch } from '../../src/runtime/micro-batch.ts';
import { OutputTopics } from '../../src/runtime/output-topics.ts';
import { StatefulWork } from '../../src/runtime/stateful/stateful-work.ts';
import { ComponentStats } from '../../src/telemetry/stats.ts';
import { VirtualClock } from '../../src/testing/virtual-clock.ts';
import { type StageNode, tasksOf } from '../../src/topology/stages.ts';
import { FakeKafka } from '../support/fake-kafka.ts';
import { environmentOf } from '../support/tasks.ts';

const GROUPS = Number(process.argv[2] ?? 1_000_000);
const READ = 4_096;
const MB = 1_000_000;

const YAML = `
pipeline: bench
topics: { in: { external: true }, out: {} }
streams:
  work:
    from: in
    to: out
    steps: [ { window: { tumbling: 1h, by: [ $key ], compute: { records: count(), bytes: sum(bytes) } } } ]
`;

async function stage() {
  const directory = mkdtempSync(join(tmpdir(), 'millrace-close-'));
  const file = join(directory, 'stage.yaml');
  writeFileSync(file, YAML);
  const [pipeline] = await loadPipelines([file]);
  rmSync(directory, { recursive: true });
  if (pipeline === undefined) throw new Error('there is no pipeline');
  const clock = new VirtualClock(Date.UTC(2027, 0, 1));
  const kafka = new FakeKafka(clock);
  const env = environmentOf(kafka, clock, { pipeline });
  const node = tasksOf(pipeline, env.names)[0] as StageNode;
  kafka.createTopic(node.changelog as string);
  return { env, node, clock };
}

const { env, node, clock } = await stage();
const topics = new OutputTopics(env, node);
const micro = new MicroBatch(topics.all, 19 * MB);
const emitter = new BatchEmitter({ node, env, topics, into: micro, empty: RecordBatch.empty });
const stats = new ComponentStats({ pipeline: 'bench', component: node.name, kind: 'stream' });
const work = new StatefulWork(node, env, { topics, emitter, stats });
await clock.run(work.restore([{ topic: 'in', partition: 0 }]));

const start = Date.UTC(2026, 0, 1);
const read = (first: number, count: number, at: number): RecordBatch => {
  const builder = new BatchBuilder(['in']);
  for (let n = first; n < first + count; n += 1) {
    builder.begin(0, 0, at);
    builder.offset(n);
    builder.key(`customer-${n}`);
    builder.value(`{"bytes":${n % 5_000}}`);
  }
  return builder.batch();
};

function memory(): string {
  const { rss, heapUsed, arrayBuffers } = process.memoryUsage();
  return `RSS ${(rss / MB).toFixed(0)} MB, heap ${(heapUsed / MB).toFixed(0)} MB, buffers ${(arrayBuffers / MB).toFixed(0)} MB`;
}

function timed(what: string, work: () => void): void {
  const began = performance.now();
  work();
  process.stdout.write(`${what}: ${(performance.now() - began).toFixed(0)} ms; ${memory()}\n`);
}

timed(`${GROUPS} groups`, () => {
  for (let first = 0; first < GROUPS; first += READ) {
    micro.reset(0);
    work.into(micro);
    const taken = read(first, Math.min(READ, GROUPS - first), start);
    micro.take(taken);
    void work.run(taken);
    void work.end(micro);
    work.committed(micro);
  }
});
globalThis.gc?.();
process.stdout.write(`before: ${memory()}\n`);
const last = read(GROUPS, 1, start + 3_700_000);
const batches: { ms: number; rows: number; bytes: number }[] = [];
let more = true;
for (let first = true; more; first = false) {
  micro.reset(0);
  work.into(micro);
  const began = performance.now();
  if (first) {
    micro.take(last);
    void work.run(last);
  } else more = work.resume();
  void work.end(micro);
  work.committed(micro);
  const { length: rows, bytes } = micro.outputs;
  batches.push({ ms: performance.now() - began, rows, bytes });
}
const sum = (of: (batch: (typeof batches)[number]) => number): number => batches.reduce((all, batch) => all + of(batch), 0);
const most = (of: (batch: (typeof batches)[number]) => number): string => Math.max(...batches.map(of)).toFixed(0);
process.stdout.write(
  `the record that closes them: ${sum(({ ms }) => ms).toFixed(0)} ms, ${sum(({ rows }) => rows)} rows and ${(sum(({ bytes }) => bytes) / MB).toFixed(0)} MB ` +
    `in ${batches.length} micro-batches of at most ${most(({ ms }) => ms)} ms and ${most(({ bytes }) => bytes / MB)} MB\n`,
);
globalThis.gc?.();
process.stdout.write(`after: ${memory()}, peak RSS ${(process.resourceUsage().maxRSS / 1_000).toFixed(0)} MB\n`);
