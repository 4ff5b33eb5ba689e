import { describe, expect, it } from 'vitest';
import { registry } from '../../../test/golden/registry.ts';
import { explanationText } from '../../cli/explain-text.ts';
import { loadPipeline, renderDiagnostic } from '../../config/index.ts';
import type { JsonValue } from '../../record/json.ts';
import { type Explanation, explain } from './explain.ts';

const NOW = Date.UTC(2026, 4, 17, 8);

async function explained(steps: string, values: readonly JsonValue[], { more = '', advance = 0 } = {}): Promise<Explanation> {
  const text = `
pipeline: p
topics: { in: { external: true }, table: { external: true }, other: {}, out: {} }
streams:
  s:
    from: in
    ${more}
    steps:
${steps.replaceAll(/^/gm, '      ')}
    to: out
sinks: { all: { from: out, console: json } }
`;
  const loaded = loadPipeline('/p.yaml', registry, { variables: {}, readFile: () => text });
  if (!loaded.ok) throw new Error(loaded.diagnostics.map((each) => renderDiagnostic(each)).join('\n'));
  const inputs = values.map((value) => ({ kind: 'topic', topic: 'in', record: { value } }) as const);
  return explain(loaded.pipeline, { inputs, now: NOW, advance });
}

/** What stands of the stream alone. */
async function textOf(...given: Parameters<typeof explained>): Promise<string[]> {
  const explanation = await explained(...given);
  const stream = explanation.nodes.filter(({ kind }) => kind === 'stream');
  return explanationText({ ...explanation, nodes: stream }, {}).split('\n');
}

describe('an explanation', () => {
  it('shows of each step what it changed, what it left out and where the record went', async () => {
    const steps = [
      '- set: { labels.env: prod, n: 2 }',
      '- { remove: [ a.b ], when: "a.b === 1" }',
      '- { set: { never: 1 }, when: "n === 3" }',
      '- route: [ { when: "x === 1", to: other } ]',
      '- filter: "n === 2"',
    ].join('\n');
    expect(await textOf(steps, [{ n: 1, a: { b: 1, c: [1] } }])).toEqual([
      'stream s: record 0 of in',
      '  set-1 (set)',
      '    ~ n: 1 -> 2',
      '    + labels.env: "prod"',
      '  remove-1 (remove)',
      '    - a.b: 1',
      '  set-2 (set): left out, for its "when" is not true',
      '  route-1 (route): unchanged',
      '  filter-1 (filter): unchanged',
      '  -> out',
      '',
    ]);
    expect((await textOf(steps, [{ x: 1 }])).slice(-2)).toEqual(['  route-1 (route) -> other', '']);
    expect((await textOf("- filter: 'n === 2'", [{ n: 1 }])).slice(-2)).toEqual(['  filter-1 (filter): drops it', '']);
  });

  it('shows why a record was given up', async () => {
    expect(await textOf('- parse: json', [{ message: '{' }])).toEqual([
      'stream s: record 0 of in',
      expect.stringMatching(/^ {2}parse-1 \(parse\): gives it up: PARSE_FAILED: /),
      '',
      expect.stringMatching(/^dead letter of s, step parse-1: PARSE_FAILED: /),
      '  {"message":"{"}',
      '',
    ]);
  });

  it('shows the windows of a record, whether it is late for them, and what is made of them', async () => {
    const steps = '- window: { hopping: { size: 20s, every: 10s }, compute: { n: count() } }\n- set: { b: 1 }';
    const time = (seconds: number): string => new Date(NOW + seconds * 1000).toISOString();
    const text = await textOf(steps, [
      { '@timestamp': time(5) },
      { '@timestamp': time(12) },
      { '@timestamp': time(5) },
      { '@timestamp': time(-30) },
    ]);
    expect(text).toEqual([
      'stream s: record 0 of in',
      '  window-1 (window): keeps it',
      '    window 2026-05-17T07:59:50.000Z to 2026-05-17T08:00:10.000Z',
      '    window 2026-05-17T08:00:00.000Z to 2026-05-17T08:00:20.000Z',
      '    event time 2026-05-17T08:00:05.000Z, the first of its partition',
      '',
      'stream s: record 1 of in',
      '  window-1 (window): keeps it',
      '    window 2026-05-17T08:00:00.000Z to 2026-05-17T08:00:20.000Z',
      '    window 2026-05-17T08:00:10.000Z to 2026-05-17T08:00:30.000Z',
      '    event time 2026-05-17T08:00:12.000Z; its partition is complete up to 2026-05-17T08:00:04.999Z',
      '',
      'stream s: window-1 makes a record, of 2026-05-17T08:00:09.999Z',
      expect.stringContaining('"n":1'),
      '  set-1 (set)',
      '    + b: 1',
      '  -> out',
      '',
      'stream s: record 2 of in',
      '  window-1 (window): keeps it',
      '    window 2026-05-17T07:59:50.000Z to 2026-05-17T08:00:10.000Z: too late for it',
      '    window 2026-05-17T08:00:00.000Z to 2026-05-17T08:00:20.000Z',
      '    event time 2026-05-17T08:00:05.000Z; its partition is complete up to 2026-05-17T08:00:11.999Z',
      '',
      'stream s: record 3 of in',
      '  window-1 (window): drops it, for it is late',
      '    window 2026-05-17T07:59:20.000Z to 2026-05-17T07:59:40.000Z: too late for it',
      '    window 2026-05-17T07:59:30.000Z to 2026-05-17T07:59:50.000Z: too late for it',
      '    event time 2026-05-17T07:59:30.000Z; its partition is complete up to 2026-05-17T08:00:11.999Z',
      '',
    ]);
  });

  it('shows what a join found', async () => {
    const steps = '- join: { table: table, on: id, as: known, type: left }';
    const explanation = await explained(steps, [{ id: 'a' }], { more: 'idle_timeout: 1s' });
    expect(explanation.nodes.map(({ name }) => name)).toEqual(['s', 'all']);
    expect(explanation.nodes[1]?.delivered).toEqual([{ id: 'a' }]);
  });

  it('is plain data', async () => {
    const explanation = await explained('- set: { a: 1 }', [{ n: 1 }]);
    expect(JSON.parse(JSON.stringify(explanation))).toEqual(explanation);
    expect(explanation.nodes[0]?.journeys[0]?.visits).toEqual([
      { id: 'set-1', step: 'set', outcome: 'passed', changes: [{ path: 'a', before: undefined, after: 1 }] },
    ]);
  });
});
