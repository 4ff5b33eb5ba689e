import { expect, test } from 'vitest';
import { loadPipeline } from '../../src/config/index.ts';
import { isAsync } from '../../src/sdk/async-step.ts';
import { isStateful } from '../../src/sdk/operator.ts';
import { steps } from '../../src/steps/index.ts';
import { OperatorDriver } from '../support/operator-driver.ts';
import { stepContext } from '../support/run-step.ts';

/** Steps whose files are opened when the task starts: no example names one that is there. */
const OPENS_FILES: ReadonlySet<string> = new Set(['geoip', 'lookup']);

const FILE = '/pipelines/example.yaml';

/** A pipeline whose only step is the example. */
function pipelineOf(example: string): string {
  const [first, ...rest] = example.split('\n');
  const step = [`      - ${first}`, ...rest.map((line) => `        ${line}`)].join('\n');
  return `pipeline: example\ntopics: { in: { external: true }, out: {}, access.errors: {}, access.rest: {}, payments: { external: true }, customers: { external: true } }\nstreams:\n  s:\n    from: in\n    steps:\n${step}\n${example.startsWith('route') ? '' : '    to: out\n'}`;
}

const examples = [...steps.values()].flatMap((step) => step.examples.map((example) => [step.kind, example] as const));

test.each(examples)('the example of %s in the reference loads: %s', (kind, example) => {
  const text = pipelineOf(example);
  const environment = { variables: {}, readFile: () => text };
  const loaded = loadPipeline(FILE, { steps, sources: new Map(), sinks: new Map() }, environment);
  expect(loaded.ok ? [] : loaded.diagnostics.map(({ code, message }) => `${code}: ${message}`)).toEqual([]);
  const nodes = loaded.ok ? (loaded.pipeline.streams[0]?.steps ?? []) : [];
  expect(nodes.map(({ definition }) => definition.kind)).toEqual([kind]);
  for (const { definition, options, id } of nodes) {
    if (isStateful(definition)) {
      if (definition.kind === 'window')
        expect(new OperatorDriver((context) => definition.state.create(options, context)).operator.size).toBe(0);
      expect(() => definition.state.fingerprint(options)).not.toThrow();
      continue;
    }
    if (isAsync(definition)) {
      expect(definition.createAsync(options, stepContext(id)).process).toBeTypeOf('function');
      continue;
    }
    const create = (): unknown => definition.create(options, stepContext(id));
    if (OPENS_FILES.has(kind)) expect(create).toThrow(expect.objectContaining({ code: 'STEP_FILE_UNREADABLE' }) as Error);
    else expect(create()).toBeTypeOf('function');
  }
});

test.each([
  ['deduplicate: { within: 1s, late: nowhere }', 'GRAPH_UNKNOWN_TOPIC: the topic "nowhere" is not declared; add it to "topics"'],
  ['join: { with: payments, within: "10", on: id, as: x }', /^CONFIG_INVALID_VALUE: .*"10" is no duration/],
  ['join: { with: payments, within: 10s, on: "id ===", as: x }', /^EXPRESSION_/],
  ['http_lookup: { url: "http://h/{{ id === }}", into: x }', /^EXPRESSION_/],
])('what is wrong with %s is said', (step, message) => {
  const text = pipelineOf(step);
  const loaded = loadPipeline(FILE, { steps, sources: new Map(), sinks: new Map() }, { variables: {}, readFile: () => text });
  const said = loaded.ok ? [] : loaded.diagnostics.map((one) => `${one.code}: ${one.message}`);
  expect(said).toEqual([typeof message === 'string' ? message : (expect.stringMatching(message) as string)]);
});
