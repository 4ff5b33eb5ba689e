import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { environment } from '../../test/golden/golden.ts';
import { registry } from '../../test/golden/registry.ts';
import { longPipeline } from '../../test/support/long-pipeline.ts';
import { defineProcessor } from '../sdk/processor.ts';
import { expression } from '../sdk/schema.ts';
import type { StepDefinition } from '../sdk/step.ts';
import * as types from '../sdk/types/index.ts';
import { formatDiagnostic, loadPipeline } from './index.ts';

/** Everything that is said of the steps of a stream that reads parsed access logs. */
function said(steps: string, head = ''): string[] {
  const text = `pipeline: p
${head}topics: { raw: {}, events: {} }
sources: { web: { file: ./access.log, to: raw } }
streams:
  s:
    from: raw
    steps:
      - parse: apache_combined
${steps.replaceAll(/^/gm, '      ')}
    to: events
`;
  const readFile = (): string => text;
  const loaded = loadPipeline('p.yaml', registry, { ...environment, readFile });
  return (loaded.ok ? loaded.warnings : loaded.diagnostics).map(formatDiagnostic);
}

describe('fields of a parsed access log', () => {
  it.each([
    ['filter: http.response.status_code >= 500'],
    ["filter: exists(url.path) && http.request.method in ['GET', 'POST']"],
    ['map: |\n  a = lower(url.path)\n  b = a + 1'],
    ['set: { labels.site: "{{ url.path ?? \'none\' }}" }'],
  ])('%s is right', (steps) => {
    expect(said(`- ${steps.replaceAll('\n', '\n  ')}`)).toEqual([]);
  });

  it.each([
    ['filter: http.response.status >= 500', 'no record has the field http.response.status here: did you mean status_code?'],
    ["filter: http.response.status_code === '500'", 'this compares a number with a string, which are never equal'],
    ['filter: url.path', 'only true counts here, and `url.path` is a string: compare it, or write exists(...)'],
  ])('%s is wrong', (steps, message) => {
    expect(said(`- ${steps}`)).toEqual([expect.stringContaining(message)]);
  });
});

describe('checking a long pipeline', () => {
  it.each([1, 10])('asks each of 500 steps once what it yields, in %i streams', (streams) => {
    let asked = 0;
    const counted = [...registry.steps].map(([kind, definition]) => {
      const { yields } = definition;
      if (yields === undefined) return [kind, definition] as const;
      const counting: typeof yields = (options, known) => {
        asked += 1;
        return yields.call(definition, options, known);
      };
      return [kind, { ...definition, yields: counting }] as const;
    });
    const text = longPipeline(500, streams);
    const counting = { ...registry, steps: new Map(counted) };
    const loaded = loadPipeline('p.yaml', counting, { ...environment, readFile: () => text });
    expect(loaded.ok ? [] : loaded.diagnostics.map(formatDiagnostic)).toEqual([]);
    expect(asked).toBe(500);
  });
});

describe('a step of a plugin', () => {
  const plugin = (yields: NonNullable<Parameters<typeof defineProcessor>[0]['yields']>) =>
    defineProcessor({
      kind: 'score',
      summary: 'Scores.',
      options: z.strictObject({ into: z.string().default('bot').describe('Where.'), when_true: expression().optional() }),
      yields,
      setup: () => (records) => records,
    });
  const withPlugin = (definition: ReturnType<typeof plugin>, steps: string): string[] => {
    const text = `pipeline: p
topics: { in: { external: true, schema: { a: string } }, out: {} }
streams:
  s:
    from: in
    steps:
${steps.replaceAll(/^/gm, '      ')}
    to: out
`;
    const known = { ...registry, steps: new Map([...registry.steps, [definition.kind, definition as StepDefinition]]) };
    const loaded = loadPipeline('p.yaml', known, { ...environment, readFile: () => text });
    return (loaded.ok ? loaded.warnings : loaded.diagnostics).map(formatDiagnostic);
  };

  it('says what it yields, and what it reads', () => {
    const score = plugin((_, known) => {
      known.read(['b'], { at: [], takes: types.STRING });
      return types.setPath(known.input, ['bot'], { type: types.objectOf({ score: types.NUMBER }), always: true });
    });
    expect(withPlugin(score, "- score: {}\n- filter: bot.score === 'high'\n- filter: bot.scor > 1\n- filter: a === 'x'")).toEqual(
      [
        expect.stringContaining('no record has the field b here'),
        expect.stringContaining('this compares a number with a string'),
        expect.stringContaining('did you mean score?'),
      ],
    );
  });

  it('has its expressions looked at against the records that come', () => {
    const score = plugin((_, known) => known.input);
    expect(withPlugin(score, '- score: { when_true: c > 1 }')).toEqual([
      expect.stringContaining('no record has the field c here'),
    ]);
  });

  it('that fails to say it is warned of, and nothing is known behind it', () => {
    const score = plugin(() => {
      throw new Error('oops');
    });
    expect(withPlugin(score, '- score: {}\n- filter: anything === 1')).toEqual([
      expect.stringContaining('warning TYPE_NOT_SAID: the step "score" failed to say what it yields'),
    ]);
  });
});
