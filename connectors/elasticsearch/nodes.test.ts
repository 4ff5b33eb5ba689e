import { Outcomes, type Sink } from 'millrace/sdk';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createElasticsearchSink } from '../../test/support/elasticsearch-sink.ts';
import { FakeElasticsearch, json } from '../../test/support/fake-elasticsearch.ts';
import { batchOf } from '../../test/support/sink-batches.ts';

const never = new AbortController().signal;
const REQUESTS = 30;
let nodes: FakeElasticsearch[];
let sink: Sink;

beforeEach(async () => {
  nodes = await Promise.all([1, 2, 3].map(() => new FakeElasticsearch().listen()));
  sink = createElasticsearchSink({ nodes: nodes.map(({ url }) => url), index: 'a' });
  await sink.open(never);
});

afterEach(async () => {
  vi.useRealTimers();
  await sink.close();
  await Promise.all(nodes.map((node) => node.close()));
});

/** Sends requests one after the other; how many each node got. */
async function requestsByNode(): Promise<number[]> {
  const before = nodes.map(({ bulks }) => bulks.length);
  for (let i = 0; i < REQUESTS; i += 1) {
    const outcomes = new Outcomes(1);
    await sink.write(batchOf(['{"a":1}']), outcomes, never);
    expect(outcomes.of(0)).toBe('delivered');
  }
  return nodes.map(({ bulks }, i) => bulks.length - (before[i] as number));
}

describe('several nodes', () => {
  it('get requests in turn', async () => {
    expect(await requestsByNode()).toEqual([REQUESTS / 3, REQUESTS / 3, REQUESTS / 3]);
  });

  it('are left alone when they fail, and tried again later', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.UTC(2026, 0, 1) });
    const [sick] = nodes as [FakeElasticsearch];
    sick.answers = [json(503, { error: 'starting' })];
    const [whileSick, ...others] = await requestsByNode();
    expect(whileSick).toBe(1);
    expect(others.reduce((sum, count) => sum + count)).toBe(REQUESTS);
    vi.setSystemTime(Date.UTC(2026, 0, 1) + 6_000);
    expect((await requestsByNode())[0]).toBe(1);
    vi.setSystemTime(Date.UTC(2026, 0, 1) + 12_000);
    expect((await requestsByNode())[0]).toBe(0);
    sick.answers = [];
    vi.setSystemTime(Date.UTC(2026, 0, 1) + 18_000);
    expect((await requestsByNode())[0]).toBeGreaterThanOrEqual(REQUESTS / 3 - 1);
  });

  it('are all tried while none lives', async () => {
    for (const node of nodes) node.answers = [json(503, { error: 'starting' })];
    for (let i = 0; i < 3; i += 1) {
      await expect(sink.write(batchOf(['{"a":1}']), new Outcomes(1), never)).rejects.toMatchObject({ code: 'ES_BUSY' });
    }
    for (const node of nodes) node.answers = [];
    expect((await requestsByNode()).reduce((sum, count) => sum + count)).toBe(REQUESTS);
  });
});
