import { afterEach, describe, expect, it } from 'vitest';
import { registry } from '../../../test/golden/registry.ts';
import { loadPipeline, renderDiagnostic } from '../../config/index.ts';
import type { Pipeline } from '../../topology/types.ts';
import { PipelineRun, type RunOptions } from './pipeline-run.ts';

const NOW = Date.UTC(2026, 4, 17, 8);

function pipelineOf(text: string): Pipeline {
  const loaded = loadPipeline('/p.yaml', registry, { variables: {}, readFile: () => text });
  if (!loaded.ok) throw new Error(loaded.diagnostics.map((each) => renderDiagnostic(each)).join('\n'));
  return loaded.pipeline;
}

const running: PipelineRun[] = [];
async function start(text: string, options: Partial<RunOptions> = {}): Promise<PipelineRun> {
  const run = await PipelineRun.start(pipelineOf(text), { now: NOW, ...options });
  running.push(run);
  return run;
}
afterEach(async () => {
  for (const run of running.splice(0)) await run.stop();
});

const stream = (steps: string, more = ''): string => `
pipeline: p
topics: { in: { external: true }, out: { partitions: 4 } }
streams:
  s:
    from: in
    ${more}
    steps:
${steps.replaceAll(/^/gm, '      ')}
    to: out
`;

const values = (run: PipelineRun): unknown[] => run.topic('out').map(({ value }) => value);
const at = (seconds: number): number => NOW + seconds * 1000;

describe('a pipeline in memory', () => {
  it('takes what is given through all of its tasks before it gives control back, and stands still in time', async () => {
    const run = await start(`${stream('- set: { a: 1 }')}sinks: { show: { from: out, console: json } }`);
    await run.produce('in', [{ key: 'k', value: { n: 1 }, headers: { h: 'x' } }]);
    expect(run.topic('out')).toEqual([
      expect.objectContaining({ key: 'k', value: { n: 1, a: 1 }, time: NOW, headers: { h: 'x' } }),
    ]);
    expect(run.sink('show')).toEqual([{ n: 1, a: 1 }]);
    expect(run.now).toBe(NOW);
    expect(run.metrics().get('sinks.show.records_out')).toBe(1);
    expect(run.problems()).toEqual([]);
  });

  it('moves time by what it is told, and no more: what is given on the way costs none', async () => {
    const run = await start(stream('- window: { tumbling: 10s, compute: { n: count() } }', 'when_idle: hold'));
    for (let i = 0; i < 5; i += 1) await run.produce('in', [{ value: { i }, time: at(1) }]);
    await run.advance(60_000);
    expect(run.now).toBe(NOW + 60_000);
    await run.produce('in', [{ value: {} }]);
    expect(run.topic('in').at(-1)?.time).toBeLessThan(NOW + 60_000 + 100);
    expect(values(run)).toEqual([expect.objectContaining({ n: 5 })]);
  });

  it('lets windows close by the clock once their topic is silent, with partitions as declared too', async () => {
    for (const partitions of ['one', 'declared'] as const) {
      const run = await start(stream('- window: { tumbling: 10s, by: [ a ], compute: { n: count() } }'), { partitions });
      await run.produce('in', [
        { key: 'x', value: { a: 1 }, time: at(1) },
        { key: 'y', value: { a: 2 }, time: at(2) },
      ]);
      expect(values(run)).toEqual([]);
      await run.advance(90_000);
      expect(values(run)).toHaveLength(2);
    }
  });

  it('goes an hour of silence in well under a second', async () => {
    const run = await start(stream('- window: { tumbling: 1h, by: [ a ], compute: { n: count() } }'));
    await run.produce('in', [{ value: { a: 1 }, time: at(1) }]);
    const begin = performance.now();
    await run.advance(2 * 3_600_000);
    expect(values(run)).toHaveLength(1);
    expect(performance.now() - begin).toBeLessThan(5_000);
  });

  it('answers the requests of steps by its mocks, in order, and finds one without a mock', async () => {
    const lookup = '- http_lookup: { url: "http://geo.test/{{ ip }}", into: geo, retry_for: 1s }';
    const reply = { request: 'GET http://geo.test/a', status: 200, json: { country: 'ES' } };
    const run = await start(stream(lookup), { http: [{ ...reply, status: 503 }, reply] });
    const real = globalThis.fetch;
    await run.produce('in', [{ value: { ip: 'a' } }]);
    expect(values(run)).toEqual([{ ip: 'a', geo: { country: 'ES' } }]);
    expect(run.problems()).toEqual([]);
    await run.produce('in', [{ value: { ip: 'b' } }]);
    await run.advance(10_000);
    expect(run.deadLetters()).toEqual([expect.objectContaining({ code: 'HTTP_LOOKUP_FAILED', value: { ip: 'b' } })]);
    expect(run.problems()).toEqual(['no mock answers GET http://geo.test/b; add it to "mocks.http"']);
    await run.stop();
    expect(globalThis.fetch).not.toBe(real);
  });

  it('says what has not come through, and what has stopped', async () => {
    const busy = `
pipeline: p
topics: { in: { external: true } }
sinks: { search: { from: in, elasticsearch: { index: i }, retry: { initial: 1m } } }
`;
    const run = await start(busy, { replies: { search: [{ status: 503 }] } });
    await run.produce('in', [{ value: { a: 1 } }]);
    expect(run.problems()).toEqual([expect.stringMatching(/^records have not come through the sink search: .*\(503\)/)]);
    await run.advance(120_000);
    expect(run.problems()).toEqual([]);
    const failing = await start(stream("- filter: 'a === 1'\n  on_error: fail\n- parse: json\n  on_error: fail"));
    await failing.produce('in', [{ value: { a: 1, message: 'x' } }]);
    expect(failing.problems()).toEqual([
      expect.stringMatching(/^the stream s has failed and starts again: step parse-1 of s failed/),
    ]);
  });

  it('reads files as the source would, below a directory of its own that records do not show', async () => {
    const run = await start(`
pipeline: p
topics: { in: {} }
sources: { logs: { file: { include: [ "/var/log/{app,web}/*.log" ], exclude: [ "**/old*" ] }, to: in } }
sinks: { show: { from: in, console: json } }
`);
    await run.feed('logs', { bytes: Buffer.from('one\ntwo\n') });
    await run.feed('logs', { bytes: Buffer.from('three\n') });
    await run.feed('logs', { path: '/var/log/web/old.log', bytes: Buffer.from('never\n') });
    expect(run.sink('show')).toEqual([
      expect.objectContaining({ message: 'one', log: { file: { path: '/var/log/app/any.log' }, offset: 0 } }),
      expect.objectContaining({ message: 'two' }),
      expect.objectContaining({ message: 'three', log: { file: { path: '/var/log/app/any.log' }, offset: 8 } }),
    ]);
    const feeding = run.feed('logs', { path: '/etc/passwd', bytes: Buffer.from('x') });
    await expect(feeding).rejects.toThrow('/etc/passwd is none that "include" names: /var/log/app/*.log, /var/log/web/*.log');
  });

  it('is the same every time, the ids of documents too', async () => {
    const text = 'pipeline: p\ntopics: { in: { external: true } }\nsinks: { search: { from: in, elasticsearch: { index: i } } }';
    const delivered = [];
    for (let i = 0; i < 2; i += 1) {
      const run = await start(text);
      await run.produce('in', [{ value: { a: 1 } }]);
      delivered.push(run.sink('search'));
    }
    expect(delivered[0]).toHaveLength(1);
    expect(delivered[0]).toEqual(delivered[1]);
  });

  it('refuses what the pipeline does not have', async () => {
    const run = await start(stream('- set: { a: 1 }'));
    await expect(run.produce('inn', [])).rejects.toThrow('the pipeline has no topic inn');
    await expect(run.feed('logs')).rejects.toThrow('the pipeline has no source logs');
    expect(() => run.sink('x')).toThrow('the pipeline has no sink x');
    expect(() => run.topic('x')).toThrow('the pipeline has no topic x');
  });
});
