import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { formatDiagnostic, loadPipeline } from '../../src/config/index.ts';
import { aggregateExpression, expression, fieldPath } from '../../src/sdk/schema.ts';
import { defineStep } from '../../src/sdk/step.ts';
import { checkComputation } from '../../src/stream/aggregate/check-computation.ts';
import { environment } from './golden.ts';
import { registry } from './registry.ts';

/** A step with the options that matter here. */
const tally = defineStep({
  kind: 'tally',
  summary: 'Computes over groups.',
  options: z.strictObject({
    by: z.array(fieldPath()).default([]),
    compute: z.record(z.string(), aggregateExpression()),
    having: expression().optional(),
  }),
  changesValue: true,
  readsValue: true,
  examples: [],
  check: ({ compute, by }) => checkComputation(compute, by),
  create: () => () => undefined,
});

const withTally = { ...registry, steps: new Map([...registry.steps, ['tally', tally]]) };

/** What is wrong with a pipeline whose step has these lines, from the line of `compute` (line 9) on. */
function diagnosticsOf(...lines: string[]): string[] {
  const text = [
    'pipeline: p',
    'topics: { a: { external: true }, b: {} }',
    'streams:',
    '  s:',
    '    from: a',
    '    to: b',
    '    steps:',
    '      - tally:',
    '          compute:',
    ...lines.map((line) => `            ${line}`),
    '          by: [ url.path, host ]',
  ].join('\n');
  const loaded = loadPipeline('p.yaml', withTally, { ...environment, readFile: () => `${text}\n` });
  return (loaded.ok ? [] : loaded.diagnostics).filter(({ severity }) => severity === 'error').map(formatDiagnostic);
}

describe('compute in a pipeline file', () => {
  it('takes aggregates, fields of the group and of the window, and what is computed before', () => {
    expect(
      diagnosticsOf(
        'errors: count_if(http.response.status_code >= 500)',
        'stats.rate: round(errors / count(), 2)',
        `stats.of: "url.path + ' ' + window.start"`,
        'stats.path: upper(stats.of)',
        'p99: quantile(event.duration, 0.99)',
      ),
    ).toEqual([]);
  });

  it.each([
    ['a: bytes', '10:16', 'EXPRESSION_NOT_IN_RESULT', 'put it into an aggregate, such as sum(bytes)'],
    ['a: count() + hots', '10:26', 'EXPRESSION_NOT_IN_RESULT', 'did you mean host?'],
    ['a: later\n            later: count()', '10:16', 'EXPRESSION_NOT_IN_RESULT', 'not computed yet'],
    ['a: a + 1', '10:16', 'EXPRESSION_NOT_IN_RESULT', 'not computed yet'],
    ['a: sum(avg(bytes))', '10:20', 'EXPRESSION_ARGUMENTS', 'list is of type array, and `avg(bytes)` is of type number'],
    ['a: count_if(count() > 1)', '10:25', 'EXPRESSION_AGGREGATE', 'cannot stand within another'],
    ['a: $time', '10:16', 'EXPRESSION_AGGREGATE', 'last($time)'],
    ['a: smu(bytes)', '10:16', 'EXPRESSION_UNKNOWN_FUNCTION', 'did you mean sum?'],
    ['a: sum()', '10:16', 'EXPRESSION_ARGUMENTS', 'it takes 1 argument, not 0'],
    ['a: "sum(a, b)"', '10:17', 'EXPRESSION_ARGUMENTS', 'sum(value: number): number'],
    ["a: sum('bytes')", '10:20', 'EXPRESSION_ARGUMENTS', 'a field has no quotes'],
    ["a: distinct('user')", '10:25', 'EXPRESSION_ARGUMENTS', 'a field has no quotes'],
    ['a: sum(lower(x))', '10:20', 'EXPRESSION_ARGUMENTS', 'is of type string'],
    ['a: count_if(length(x))', '10:25', 'EXPRESSION_ARGUMENTS', 'condition is of type boolean'],
    ['a: quantile(x, 99)', '10:16', 'EXPRESSION_ARGUMENTS', 'the 99th percentile is 0.99'],
    ['a: quantile(x, q)', '10:28', 'EXPRESSION_ARGUMENTS', 'written out'],
    ['a: collect(x, 1.5)', '10:16', 'EXPRESSION_ARGUMENTS', 'whole number'],
    ['a: count(*)', '10:22', 'EXPRESSION_SYNTAX', 'count() without an argument counts records'],
    ['a: sum(x).y.toString()', '10:16', 'EXPRESSION_UNSUPPORTED', 'string(value)'],
    ['window: count()', '10:21', 'EXPRESSION_AGGREGATE', 'would take the place of window'],
    ['url: count()', '10:18', 'EXPRESSION_AGGREGATE', 'would take the place of url.path'],
    ['a: count()\n            a.b: count()', '11:18', 'EXPRESSION_AGGREGATE', 'would take the place of a'],
    ['a..b: count()', '10:19', 'EXPRESSION_AGGREGATE', 'no field path'],
  ])('refuses %j', (lines, place, code, message) => {
    const found = diagnosticsOf(lines);
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(`p.yaml:${place}: error ${code}: `);
    expect(found[0]).toContain(message);
  });

  it('says of aggregates elsewhere where they belong', () => {
    expect(diagnosticsOf('a: count()\n          having: count() > 5')).toEqual([
      'p.yaml:11:19: error EXPRESSION_AGGREGATE: count() is an aggregate: it can be called in the `compute` of a window only',
    ]);
  });

  it('asks for quotes where YAML takes an expression for something else', () => {
    expect(diagnosticsOf("a: count_if(path === 'a #b')")[0]).toContain('error CONFIG_QUOTE');
    expect(diagnosticsOf('a: count() > 1 ? 1 : 2')[0]).toContain('error CONFIG_QUOTE');
  });

  it('checks expressions also where other options are refused', () => {
    const found = diagnosticsOf('a: smu(x)', 'b: 5');
    expect(found.map((each) => each.split(' ')[2])).toEqual(['EXPRESSION_UNKNOWN_FUNCTION:', 'CONFIG_WRONG_TYPE:']);
  });
});
