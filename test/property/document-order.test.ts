import fc from 'fast-check';
import type { Sink } from 'millrace/sdk';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Delivery } from '../../src/runtime/delivery.ts';
import { noFaults } from '../../src/runtime/fault-points.ts';
import type { Clock } from '../../src/sdk/clock.ts';
import { ComponentStats } from '../../src/telemetry/stats.ts';
import { deliveryBatchOf } from '../support/delivered-case.ts';
import { createElasticsearchSink } from '../support/elasticsearch-sink.ts';
import { type Answer, actionsOf, FakeElasticsearch, json } from '../support/fake-elasticsearch.ts';
import { contextWith, KeptLog } from '../support/sink-batches.ts';
import { sinkNode } from '../support/tasks.ts';

/** One change of a document: its id, and the number of the change, or that it is deleted. */
interface Change {
  readonly id: number;
  readonly gone: boolean;
}

/** Time that passes at once. */
const instant: Clock = { now: () => 0, monotonic: () => 0, sleep: async (_ms, signal) => signal?.throwIfAborted() };

/** Keeps documents as Elasticsearch does, is too busy for some of them, and notes when two requests have the same id. */
class Store {
  readonly documents = new Map<unknown, string>();
  readonly underWay = new Set<unknown>();
  overlaps = 0;
  readonly #busy: () => boolean;

  constructor(busy: () => boolean) {
    this.#busy = busy;
  }

  readonly answer: Answer = (request, response) => {
    const actions = actionsOf(request);
    for (const { meta } of actions) {
      if (this.underWay.has(meta['_id'])) this.overlaps += 1;
      this.underWay.add(meta['_id']);
    }
    // Others come in meanwhile.
    setImmediate(() => {
      const items = actions.map(({ operation, meta, source }) => {
        this.underWay.delete(meta['_id']);
        if (this.#busy())
          return { [operation]: { status: 429, error: { type: 'es_rejected_execution_exception', reason: 'busy' } } };
        if (operation === 'delete') this.documents.delete(meta['_id']);
        else this.documents.set(meta['_id'], source as string);
        return { [operation]: { status: 200 } };
      });
      json(200, { errors: true, items })(request, response);
    });
  };
}

let server: FakeElasticsearch;
let sink: Sink;

beforeAll(async () => {
  server = await new FakeElasticsearch().listen();
  const options = { nodes: [server.url], index: 'a', id: '{{ id }}', operation: "{{ gone ? 'delete' : 'index' }}" };
  sink = createElasticsearchSink(options, contextWith(new KeptLog(), instant));
  await sink.open(new AbortController().signal);
});

afterAll(async () => {
  await sink.close();
  await server.close();
});

describe('documents with ids of the user', () => {
  it('end as the last record of each id says, one request at a time for each, whatever is refused meanwhile', async () => {
    const change = fc.record({ id: fc.nat(5), gone: fc.boolean() });
    const batches = fc.array(fc.array(change, { minLength: 1, maxLength: 12 }), { minLength: 1, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(batches, fc.infiniteStream(fc.nat(3)), async (given, chance) => {
        const store = new Store(() => chance.next().value === 0);
        server.answers = [store.answer];
        const node = sinkNode(() => sink, { concurrency: 4 });
        const stats = new ComponentStats({ pipeline: 'test', component: 'search', kind: 'sink' });
        const log = new KeptLog();
        const delivery = new Delivery({ node, sink, stats, clock: instant, random: () => 0, log, pass: noFaults });
        const values = numbered(given);
        const units = values.map((one) => deliveryBatchOf(one));
        const { signal } = new AbortController();
        await Promise.all(units.map((unit) => delivery.deliver(unit, signal)));
        expect(Object.fromEntries(store.documents)).toEqual(Object.fromEntries(lastOf(values)));
        expect(store.overlaps).toBe(0);
        expect(units.map(({ delivered }) => delivered)).toEqual(given.map(({ length }) => length));
      }),
      { numRuns: 60 },
    );
  });
});

function numbered(batches: readonly (readonly Change[])[]): string[][] {
  let n = 0;
  return batches.map((changes) =>
    changes.map((change) => {
      n += 1;
      return JSON.stringify({ ...change, n });
    }),
  );
}

/** The documents that are left when the changes are made one after the other. */
function lastOf(values: readonly (readonly string[])[]): Map<string, string> {
  const documents = new Map<string, string>();
  for (const value of values.flat()) {
    const { id, gone } = JSON.parse(value) as Change;
    if (gone) documents.delete(String(id));
    else documents.set(String(id), value);
  }
  return documents;
}
