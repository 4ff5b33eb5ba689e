import { map } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { defineProcessor } from '../sdk/processor.ts';
import type { StepDefinition } from '../sdk/step.ts';
import { steps } from '../steps/index.ts';
import { renderDiagnostic } from './diagnostic.ts';
import { loadPipeline } from './load-pipeline.ts';

const parts = { summary: 'Nothing.', setup: () => map(<T>(record: T) => record) } as const;
const options = z.strictObject({ size: z.number().default(1).describe('A number.') });
const plain = defineProcessor({ kind: 'plain', options, main: 'size', ...parts });
const endless = defineProcessor({ kind: 'endless', options, continuous: { hold: '60s' }, ...parts });

/** What is wrong with a stream that has these lines; nothing: it is loaded. */
function problemsOf(lines: string, source = ''): string[] {
  const text = `pipeline: p
topics: { in: { external: true }, out: {} }
${source}
streams:
  s:
    from: in
    to: out
${lines}`;
  const known = new Map([...steps, ['plain', plain as StepDefinition], ['endless', endless as StepDefinition]]);
  const registry = { steps: known, sources: new Map(), sinks: new Map() };
  const loaded = loadPipeline('p.yaml', registry, { variables: {}, readFile: () => text });
  return loaded.ok ? [] : loaded.diagnostics.map((one) => renderDiagnostic(one, { color: false }).split('\n')[0] as string);
}

describe('processors in pipeline files', () => {
  it('are steps like any other', () => {
    expect(problemsOf('    steps: [ { filter: "a" }, { plain: 5, when: "b", on_error: drop }, { set: { c: 1 } } ]')).toEqual([]);
    expect(problemsOf('    steps: [ { plain: { sise: 5 } } ]')[0]).toContain('unknown key "sise"');
  });

  it('have a stream to themselves, but for steps without state', () => {
    const [first, ...others] = problemsOf('    steps: [ { plain: 1 }, { deduplicate: { by: [ a ], within: 5s } } ]');
    expect(first).toContain('GRAPH_PROCESSOR_NOT_ALONE: the step "deduplicate" in a stream with the processor "plain"');
    expect(others).toEqual([]);
    expect(problemsOf('    steps: [ { plain: 1 }, { plain: 1 } ]')).toHaveLength(1);
    expect(
      problemsOf(
        '    delivery: at_least_once\n    steps: [ { endless: {} }, { window: { tumbling: 5s, compute: { n: count() } } } ]',
      ),
    ).toHaveLength(1);
  });

  it('that are continuous deliver at least once, which the stream must say', () => {
    const [problem] = problemsOf('    steps: [ { endless: {} } ]');
    expect(problem).toMatch(/^p\.yaml:5:3: error GRAPH_CONTINUOUS_EXACTLY_ONCE: the processor "endless" is continuous/);
    expect(problem).toContain('write "delivery: at_least_once" in the stream "s"');
    expect(problemsOf('    delivery: exactly_once\n    steps: [ { endless: {} } ]')[0]).toMatch(/^p\.yaml:8:15: /);
    expect(problemsOf('    delivery: at_least_once\n    steps: [ { endless: {} } ]')).toEqual([]);
  });
});

describe('defineProcessor', () => {
  it('says what cannot be', () => {
    expect(() => defineProcessor({ kind: 'Bad kind', options, ...parts })).toThrow('a kind has small letters and digits');
    expect(() => defineProcessor({ kind: 'a', options, ...parts, continuous: { hold: '60' } })).toThrow('"hold" must be a span');
    expect(() => defineProcessor({ kind: 'a', options, ...parts, retryFor: 'x' })).toThrow('"retryFor" must be a span');
    expect(() => defineProcessor({ kind: 'a', options, ...parts, maxEntries: 0 })).toThrow('"maxEntries" must be from 1');
  });

  it('gives definitions that only the runtime makes anything of', () => {
    expect(() => plain.create({ size: 1 }, undefined as never)).toThrow(/is a processor/);
    expect(plain.state?.fingerprint({ size: 1 })).toEqual(['processor', 'plain', 1]);
    expect(plain.state?.grouping({ size: 1 }, 'main')).toEqual({ by: 'key' });
    expect(endless.state).toBeUndefined();
  });
});
