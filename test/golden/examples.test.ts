import { describe, expect, it } from 'vitest';
import { loadPipeline, renderDiagnostic } from '../../src/config/index.ts';
import { registry } from './registry.ts';

const TOPICS = 'pipeline: example\ntopics: { in: { external: true }, out: {}, access.errors: {}, access.rest: {} }\n';

/** Any variable is set, so that examples may use them. */
const variables = new Proxy<Record<string, string>>(
  {},
  { get: () => 'value', getOwnPropertyDescriptor: () => ({ configurable: true, enumerable: true, value: 'value' }) },
);

function indent(text: string, by: number): string {
  return text
    .trim()
    .replaceAll(/^(?=.)/gm, ' '.repeat(by))
    .trimStart();
}

/** What is wrong with a file of which an example is a part; unknown topics of its own are fine. */
function faults(text: string): string[] {
  const loaded = loadPipeline('example.yaml', registry, {
    variables,
    readFile: (path) => (path === 'example.yaml' ? text : 'secret'),
  });
  return loaded.ok
    ? []
    : loaded.diagnostics.filter(({ code }) => code !== 'GRAPH_UNKNOWN_TOPIC').map((each) => renderDiagnostic(each));
}

describe('the examples of the reference', () => {
  const steps = [...registry.steps.values()].flatMap(({ kind, examples }) => examples.map((example) => [kind, example] as const));
  it.each(steps)('%s: %s', (_, example) => {
    expect(faults(`${TOPICS}streams:\n  s:\n    from: in\n    to: out\n    steps:\n      - ${indent(example, 8)}\n`)).toEqual([]);
  });

  const sources = [...registry.sources.values()].flatMap(({ type, examples }) =>
    examples.map((example) => [type, example] as const),
  );
  it.each(sources)('source %s: %s', (_, example) => {
    expect(faults(`${TOPICS}sources:\n  s:\n    ${indent(example, 4)}\n    to: out\n`)).toEqual([]);
  });

  const sinks = [...registry.sinks.values()].flatMap(({ type, examples }) => examples.map((example) => [type, example] as const));
  it.each(sinks)('sink %s: %s', (_, example) => {
    expect(faults(`${TOPICS}sinks:\n  s:\n    ${indent(example, 4)}\n    from: in\n`)).toEqual([]);
  });
});
