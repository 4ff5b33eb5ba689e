import { JsonEncoder } from '../../src/record/json-encoder.ts';
import { Delivery } from '../../src/runtime/delivery.ts';
import type { DeliveryLoad } from '../../src/runtime/delivery-load.ts';
import { DocumentIds } from '../../src/runtime/document-id.ts';
import { noFaults } from '../../src/runtime/fault-points.ts';
import { DeliveryBatch } from '../../src/runtime/sink-batch.ts';
import type { Clock } from '../../src/sdk/clock.ts';
import { ComponentStats } from '../../src/telemetry/stats.ts';
import { createElasticsearchSink } from './elasticsearch-sink.ts';
import { type Answer, actionsOf, type FakeElasticsearch } from './fake-elasticsearch.ts';
import { batchOf, contextWith, KeptLog } from './sink-batches.ts';
import { sinkNode } from './tasks.ts';

export interface CaseInput {
  readonly values: readonly (string | null)[];
  readonly answers: readonly Answer[];
  readonly options?: Record<string, unknown>;
  readonly signal?: AbortSignal;
}

/** What became of the records of a case, delivered by the runtime to a fake server. */
export interface CaseResult {
  /** How many documents each request held. */
  readonly calls: readonly number[];
  /** The documents of each request. */
  readonly sources: readonly (readonly (string | undefined)[])[];
  readonly operations: readonly (readonly string[])[];
  /** Waits between the tries, in ms. */
  readonly waits: readonly number[];
  readonly delivered: number;
  readonly duplicates: number;
  /** The values and messages of the dead letters. */
  readonly dead: readonly { readonly value: string; readonly message: string }[];
  readonly warnings: readonly string[];
}

/** Delivers values as one batch, as the runtime does, with waits of 2 s to 64 s that pass at once. */
export async function deliverCase(server: FakeElasticsearch, input: CaseInput): Promise<CaseResult> {
  const { values, answers, options = {}, signal = new AbortController().signal } = input;
  const log = new KeptLog();
  const waits: number[] = [];
  const clock: Clock = {
    now: () => 0,
    monotonic: () => 0,
    sleep: async (ms, sleeping) => {
      waits.push(ms);
      sleeping?.throwIfAborted();
    },
  };
  server.answers = [...answers];
  const sink = createElasticsearchSink({ nodes: [server.url], index: 'logs', ...options }, contextWith(log, clock));
  const node = sinkNode(() => sink, { retry: { initialMs: 2_000, maxMs: 64_000 }, concurrency: 4 });
  const stats = new ComponentStats({ pipeline: 'test', component: 'search', kind: 'sink' });
  const batch = deliveryBatchOf(values);
  await sink.open(new AbortController().signal);
  try {
    await new Delivery({ node, sink, stats, clock, random: () => 1, log, pass: noFaults }).deliver(batch, signal);
  } finally {
    await sink.close();
  }
  const requests = server.bulks.map(actionsOf);
  const dead = batch.outputs.batch();
  return {
    calls: requests.map((actions) => actions.length),
    sources: requests.map((actions) => actions.map(({ source }) => source)),
    operations: requests.map((actions) => actions.map(({ operation }) => operation)),
    waits,
    delivered: batch.delivered,
    duplicates: batch.duplicates,
    dead: Array.from({ length: dead.length }, (_, row) => ({
      value: dead.valueText(row),
      message:
        dead
          .headers(row)
          .find(({ name }) => name === 'millrace.dead.message')
          ?.value?.toString() ?? '',
    })),
    warnings: log.warnings,
  };
}

/** Values as a batch of a sink task. */
export function deliveryBatchOf(values: readonly (string | null)[], loads: DeliveryLoad[] = []): DeliveryBatch {
  const batch = new DeliveryBatch({
    component: 'search',
    ids: new DocumentIds(),
    encoder: new JsonEncoder(),
    incarnationOf: () => 'i',
    retryTopic: 'retry',
    deadTopic: 'dead',
    keepsOriginals: false,
    now: () => 0,
    loads,
  });
  const { records } = batchOf(values);
  batch.reset(0);
  batch.take(records);
  batch.forwardAll(records);
  return batch;
}
