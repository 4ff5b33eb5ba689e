/**
 * What a stage on event time costs, alone and in memory, in ns of CPU time a record: all that a task does with a read but reading and
 * writing Kafka. Compile it with `npx tsc -p test/bench`, then run `node dist/test/bench/stage.js [job ...]` from the project's root.
 * MILLRACE_STAGE_KEYS: how many keys (default 10000).
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
import { inputsOf, STREAM_JOBS, type StreamJob, streaming } from './stream-jobs.ts';

const RECORDS = 500_000;
const MICRO_BATCH = 25_000;
const READ = 4_096;
const PARTITION = 0;
const NS_PER_US = 1_000;
const KEYS = Number(process.env['MILLRACE_STAGE_KEYS'] ?? 10_000);

/** CPU time in ns, collection of garbage included. */
function measure(work: () => void): number {
  const begin = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(begin);
  return (user + system) * NS_PER_US;
}

/** Reads as they come from Kafka, those of the input topics in turn. */
function readsOf(job: StreamJob, topics: readonly string[]): RecordBatch[] {
  const inputs = inputsOf(job, KEYS);
  const reads: RecordBatch[] = [];
  const perInput = Math.floor(READ / inputs.length);
  for (let first = 0; first * inputs.length < RECORDS; first += perInput) {
    const builder = new BatchBuilder(topics);
    inputs.forEach((input, topic) => {
      for (let n = first; n < first + perInput; n += 1) {
        const { key, value } = input(n);
        builder.begin(topic, PARTITION, n);
        builder.offset(n);
        builder.key(key);
        builder.value(value);
      }
    });
    reads.push(builder.batch());
  }
  return reads;
}

async function stageOf(job: StreamJob): Promise<{ env: ReturnType<typeof environmentOf>; node: StageNode; clock: VirtualClock }> {
  const directory = mkdtempSync(join(tmpdir(), 'millrace-stage-'));
  const file = join(directory, 'stage.yaml');
  const from = inputsOf(job, KEYS).map((_, i) => `in-${i}`);
  writeFileSync(file, streaming(job, 'bench', { from, to: 'out' }).yaml);
  const [pipeline] = await loadPipelines([file]);
  rmSync(directory, { recursive: true });
  if (pipeline === undefined) throw new Error('there is no pipeline');
  const clock = new VirtualClock(Date.UTC(2027, 0, 1));
  const kafka = new FakeKafka(clock);
  const env = environmentOf(kafka, clock, {
    pipeline: { ...pipeline, topics: pipeline.topics.map((t) => ({ ...t, partitions: 1 })) },
  });
  const node = tasksOf(pipeline, env.names)[0] as StageNode;
  for (const topic of [node.changelog, node.to]) if (topic !== undefined) kafka.createTopic(topic);
  return { env, node, clock };
}

const PARTS = ['decode', 'run', 'end', 'commit'] as const;
type Costs = Record<(typeof PARTS)[number], number>;

async function run(job: StreamJob): Promise<{ costs: Costs; records: number; outputs: number }> {
  const { env, node, clock } = await stageOf(job);
  const topics = new OutputTopics(env, node);
  const batches = [new MicroBatch(topics.all), new MicroBatch(topics.all)] as const;
  const emitter = new BatchEmitter({ node, env, topics, into: batches[0], empty: RecordBatch.empty });
  const stats = new ComponentStats({ pipeline: 'bench', component: node.name, kind: 'stream' });
  const work = new StatefulWork(node, env, { topics, emitter, stats });
  await clock.run(work.restore(node.from.map((topic) => ({ topic, partition: PARTITION }))));
  const costs: Costs = { decode: 0, run: 0, end: 0, commit: 0 };
  let outputs = 0;
  let records = 0;
  let turn = 0;
  const micro = (): MicroBatch => batches[turn % 2] as MicroBatch;
  const complete = (): void => {
    costs.end += measure(() => void work.end(micro()));
    outputs += micro().outputs.length;
    const done = micro();
    costs.commit += measure(() => work.committed(done));
    turn += 1;
  };
  for (const read of readsOf(job, node.from)) {
    if (micro().records === 0) work.into(micro());
    costs.decode += measure(() => {
      for (let row = 0; row < read.length; row += 1) read.valueJson(row);
    });
    costs.run += measure(() => {
      micro().take(read);
      void work.run(read);
      work.tick();
    });
    records += read.length;
    if (micro().records >= MICRO_BATCH) {
      complete();
      micro().reset(0);
    }
  }
  complete();
  const deadLetters = batches[0].deadLetters + batches[1].deadLetters;
  if (deadLetters > 0) throw new Error(`${job}: ${deadLetters} of the last records were dead letters`);
  return { costs, records, outputs };
}

const named = process.argv.slice(2) as StreamJob[];
for (const job of named.length > 0 ? named : STREAM_JOBS) {
  await run(job);
  const { costs, records, outputs } = await run(job);
  const cells = PARTS.map((part) => `${part} ${(costs[part] / records).toFixed(0)}`);
  const all = (costs.run + costs.end + costs.commit) / records;
  process.stdout.write(
    `${job}: ${all.toFixed(0)} ns a record (${cells.join(', ')}; decoding is in run too), ${(outputs / records).toFixed(2)} rows written a record\n`,
  );
}
