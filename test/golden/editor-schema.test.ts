import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { editorComplaints, editorSchema } from '../support/editor-schema.ts';
import { filesIn, folder } from './golden.ts';
import { registry } from './registry.ts';

/** The schema as an editor uses it: with a validator of JSON Schema, over the files that there are. */

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const read = (name: string): string => readFileSync(join(ROOT, name), 'utf8');

const pipelines = readdirSync(join(ROOT, 'pipelines'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.yaml') && !name.endsWith('.test.yaml'))
  .map((name) => `pipelines/${name}`);
// The loader takes `{ n: ${N} }` for what is meant; to an editor it is YAML that is broken. Outside of braces both read the same.
const valid = filesIn(folder('valid'), '.yaml')
  .filter((name) => name !== 'quoting.yaml')
  .map((name) => `test/golden/valid/${name}`);

const indent = (text: string, by: number): string => text.trim().replaceAll('\n', `\n${' '.repeat(by)}`);
const HEAD = 'pipeline: p\ntopics: { in: {}, out: {} }\n';
const withStep = (step: string): string =>
  `${HEAD}streams:\n  s:\n    from: in\n    to: out\n    steps:\n      - ${indent(step, 8)}\n`;
const withSource = (source: string): string => `${HEAD}sources:\n  s:\n    ${indent(source, 4)}\n    to: out\n`;
const withSink = (sink: string): string => `${HEAD}sinks:\n  s:\n    ${indent(sink, 4)}\n    from: in\n`;

describe('the JSON Schema of pipeline files accepts', () => {
  it.each([...pipelines, ...valid])('%s', (name) => {
    expect(editorComplaints(read(name))).toEqual([]);
  });

  const examples = [
    ...[...registry.steps.values()].flatMap((step) => step.examples.map((example) => withStep(example))),
    ...[...registry.sources.values()].flatMap((source) => source.examples.map((example) => withSource(example))),
    ...[...registry.sinks.values()].flatMap((sink) => sink.examples.map((example) => withSink(example))),
  ];
  it.each(examples)('the example %s', (text) => {
    expect(editorComplaints(text)).toEqual([]);
  });

  it.each([
    withStep('parse: json'),
    withStep('parse: [ json, logfmt ]'),
    withStep('parse: ${FORMAT:-json}'),
    withStep('filter: "a > 5"'),
    withStep('split: items'),
    withStep('sample: ${RATE:-0.1}'),
    withStep('set: { a: 1, b: true, c: null, d: [ 1, "{{ x }}" ], e: "{{ y }}" }'),
    withStep('window:\n  tumbling: 10s\n  compute: { n: count() }\n  max_groups: ${GROUPS}'),
    withStep('window: { session: { gap: "${GAP}" }, by: { a: lower(b) }, compute: { n: count() }, emit: every 5s }'),
    withStep('throttle:\n  limit: ${LIMIT}\n  per: 1m30s\nwhen: "a === 1"\nid: first\non_error: ${ON_ERROR:-drop}'),
    withSource('file: /var/log/a.log'),
    withSource('file: [ /var/log/a.log, /var/log/b.log ]'),
    withSource('generator: json'),
    withSource('generator:\n  kind: json\n  rate: ${RATE}\n  count: 10\n  start: ${START}\ndelivery: ${DELIVERY:-at_least_once}'),
    withSink('console: {}'),
    withSink(
      'elasticsearch: { nodes: [ "${ES}" ], index: "logs-{{ service.name }}" }\nbatch:\n  records: ${N:-100}\n  bytes: 1.5MB',
    ),
    'pipeline: p\ntopics:\n  in:\n    partitions: ${N:-3}\n    external: ${EXTERNAL:-false}\n    config: { max.message.bytes: 5 }\nstreams: { s: { from: [ in ], to: in, wait: 1h30m } }\n',
  ])('%s', (text) => {
    expect(editorComplaints(text)).toEqual([]);
  });
});

describe('the JSON Schema of pipeline files refuses', () => {
  it.each([
    'unknown-keys',
    'missing-keys',
    'wrong-types',
    'steps',
    'connectors',
    'durations-and-sizes',
    'on-error',
    'singular-sections',
    'sections-as-lists',
    'steps-as-mapping',
    'times-without-unit',
    'vector-sections',
    'logstash-mutate',
  ])('%s', (name) => {
    expect(editorComplaints(read(`test/golden/broken/${name}.yaml`)).length).toBeGreaterThan(0);
  });
});

describe('what an editor shows', () => {
  it('has a description for every key', () => {
    const missing: string[] = [];
    eachProperty(editorSchema, '', (path, property) => {
      if (described(property) === undefined) missing.push(path);
    });
    expect(missing).toEqual([]);
  });

  it.each(pipelines)('is there in %s, which says where the schema is', (name) => {
    const [first = ''] = read(name).split('\n');
    const path = /^# yaml-language-server: \$schema=(\S+)$/.exec(first)?.[1];
    expect(existsSync(resolve(dirname(join(ROOT, name)), path ?? 'missing'))).toBe(true);
  });
});

type Schema = Readonly<Record<string, unknown>>;

const isSchema = (value: unknown): value is Schema => typeof value === 'object' && value !== null && !Array.isArray(value);

function eachProperty(schema: unknown, path: string, look: (path: string, property: Schema) => void): void {
  if (Array.isArray(schema)) for (const [i, inner] of schema.entries()) eachProperty(inner, `${path}/${i}`, look);
  if (!isSchema(schema)) return;
  const { properties } = schema;
  for (const [key, property] of Object.entries(isSchema(properties) ? properties : {})) {
    if (isSchema(property)) look(`${path}/${key}`, property);
  }
  for (const [key, inner] of Object.entries(schema)) eachProperty(inner, `${path}/${key}`, look);
}

/** Its description: its own, or that of what it refers to. */
function described(schema: Schema): string | undefined {
  if (typeof schema['description'] === 'string') return schema['description'];
  const name = typeof schema['$ref'] === 'string' ? schema['$ref'].replace('#/$defs/', '') : undefined;
  const definition = name === undefined ? undefined : (editorSchema.$defs as Schema | undefined)?.[name];
  return isSchema(definition) ? described(definition) : undefined;
}
