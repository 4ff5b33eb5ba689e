import { describe, expect, it } from 'vitest';
import { loadPipeline, renderDiagnostic } from '../../src/config/index.ts';
import type { JsonObject } from '../../src/record/json.ts';
import type { FaultPoint } from '../../src/runtime/fault-points.ts';
import type { Pipeline } from '../../src/topology/types.ts';
import { registry } from '../golden/registry.ts';
import { Stages } from '../support/stages.ts';

function pipelineOf(text: string): Pipeline {
  const loaded = loadPipeline('p.yaml', registry, { variables: {}, readFile: () => text });
  if (!loaded.ok) throw new Error(loaded.diagnostics.map((each) => renderDiagnostic(each)).join('\n'));
  return loaded.pipeline;
}

const MINUTE_MS = 60_000;
const BEGIN = Date.UTC(2023, 11, 31, 12);

const iso = (minutes: number): string => new Date(BEGIN + Math.round(minutes * MINUTE_MS)).toISOString();

const SPIKES = (partitions: number): string => `
pipeline: shop
topics: { in: { partitions: ${partitions} }, out: { partitions: 1 } }
sources: { shop: { file: ./shop.log, to: in, steps: [ parse: json ] } }
streams:
  spikes:
    from: in
    idle_timeout: 1h
    steps:
      - window: { tumbling: 1m, by: [ url.path ], compute: { errors: count() } }
      - compare: { by: [ url.path ], of: errors, last: 3, missing: 0 }
      - filter: "compare.errors.ratio > 3"
      - alert:
          name: Error spike
          by: [ url.path ]
          resolve_after: 2m
          severity: "{{ compare.errors.ratio > 10 ? 'critical' : 'warning' }}"
          fields: { message: "{{ errors }} errors on {{ url.path }}, {{ compare.errors.before }} before" }
    to: out
`;

/** Errors of each minute on a path, and one on another path that lets time go on. */
function spike(): JsonObject[] {
  return [2, 2, 2, 12, 12, 50, 2, 2, 2, 2].flatMap((errors, minute) => [
    ...Array.from({ length: errors }, (_, i) => ({ '@timestamp': iso(minute + i / 100), url: { path: '/cart' } })),
    { '@timestamp': iso(minute + 0.9), url: { path: '/' } },
  ]);
}

/** Spreads it over partitions, in each of which time goes on. */
function produceSpike(stages: Stages, partitions: number): void {
  for (const [i, value] of spike().entries()) {
    const everywhere = (value['url'] as JsonObject)['path'] === '/';
    for (let partition = 0; partition < partitions; partition += 1)
      if (everywhere || i % partitions === partition) stages.produce(value, { partition, key: String(i) });
  }
}

const told = (stages: Stages): unknown[] =>
  stages.values('out').map(({ '@timestamp': at, alert, message }) => {
    const { status, severity, count, revision } = alert as JsonObject;
    return [at, status, severity, count, revision, message];
  });

// In minute 3 there are 12 where 2 were usual; in minute 5, exactly two minutes later, 50 after 2, 12 and 12; and then no more.
const EXPECTED = [
  [iso(4 - 1 / MINUTE_MS), 'open', 'warning', 1, 1, '12 errors on /cart, 2 before'],
  [iso(8), 'resolved', 'warning', 2, 2, `50 errors on /cart, ${26 / 3} before`],
];

describe('alerts on spikes', () => {
  it.each([1, 2])('are raised once by window, compare, filter and alert in one stream over %i partitions', async (partitions) => {
    const stages = new Stages(pipelineOf(SPIKES(partitions)));
    const run = await stages.start();
    produceSpike(stages, partitions);
    await stages.clock.advanceUntil(() => stages.values('out').length > 1);
    await stages.clock.advance(5_000);
    expect(stages.kafka.values('ns.shop.dead')).toEqual([]);
    expect(told(stages)).toEqual(EXPECTED);
    await stages.end(run);
  });

  it.each<FaultPoint>(['after_produce', 'after_send_offsets', 'after_commit'])(
    'are raised once where the process is killed at %s, again and again',
    async (point) => {
      const stages = new Stages(pipelineOf(SPIKES(1)));
      const killed = stages.killedAt(point, 4);
      const values = spike();
      while (values.length > 0) {
        for (const value of values.splice(0, 15)) stages.produce(value);
        await killed.goOn();
        await stages.clock.advance(3_000);
      }
      await killed.goOn();
      await stages.clock.advanceUntil(() => stages.values('out').length > 1);
      expect(killed.count).toBe(4);
      expect(told(stages)).toEqual(EXPECTED);
    },
  );
});

const SILENCES = (whenIdle: string): string => `
pipeline: shop
topics: { in: { partitions: 1 }, out: { partitions: 1 } }
sources: { shop: { generator: { kind: json }, to: in } }
streams:
  silent:
    from: in
    idle_timeout: 30s
    when_idle: ${whenIdle}
    steps:
      - absence: { by: [ host.name ], within: 5m }
      - alert: { name: Silent host, by: [ host.name ], raise_when: "absence.status === 'absent'", resolve_when: "absence.status === 'back'" }
    to: out
`;

describe('absences', () => {
  const beat = (stages: Stages, host: string): void =>
    stages.produce({ '@timestamp': new Date(stages.clock.now()).toISOString(), host: { name: host } });
  const said = (stages: Stages): unknown[] =>
    stages.values('out').map(({ host, alert }) => [(host as JsonObject)['name'], (alert as JsonObject)['status']]);

  it('are found though nothing comes at all, once the partition is idle and its time goes on by the clock', async () => {
    const stages = new Stages(pipelineOf(SILENCES('advance')));
    const run = await stages.start();
    for (const host of ['a', 'b']) beat(stages, host);
    // Its time stands still for the 30 s of "idle_timeout", and is 30 s behind from then on.
    await stages.clock.advance(5 * MINUTE_MS + 29_000);
    expect(said(stages)).toEqual([]);
    await stages.clock.advance(10_000);
    expect(said(stages)).toEqual([
      ['a', 'open'],
      ['b', 'open'],
    ]);
    beat(stages, 'a');
    await stages.clock.advance(MINUTE_MS);
    expect(said(stages).slice(2)).toEqual([['a', 'resolved']]);
    expect(stages.kafka.values('ns.shop.dead')).toEqual([]);
    await stages.end(run);
  });

  it('wait for the next record where idleness holds time', async () => {
    const stages = new Stages(pipelineOf(SILENCES('hold')));
    const run = await stages.start();
    for (const host of ['a', 'b']) beat(stages, host);
    await stages.clock.advance(60 * MINUTE_MS);
    expect(said(stages)).toEqual([]);
    beat(stages, 'a');
    await stages.clock.advanceUntil(() => stages.values('out').length > 1);
    expect(said(stages)).toEqual([
      ['a', 'open'],
      ['b', 'open'],
    ]);
    // What is back has its turn at the second step once event time has passed it.
    await stages.clock.advance(1_000);
    beat(stages, 'b');
    await stages.clock.advanceUntil(() => stages.values('out').length > 2);
    expect(said(stages).slice(2)).toEqual([['a', 'resolved']]);
    await stages.end(run);
  });
});
