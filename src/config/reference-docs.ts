import { parseDocument } from 'yaml';
import type { z } from 'zod';
import { configErrors } from '../errors/config.ts';
import { connectorErrors } from '../errors/connector.ts';
import type { ErrorDefinition } from '../errors/definition.ts';
import { expressionErrors } from '../errors/expression.ts';
import { kafkaErrors } from '../errors/kafka.ts';
import { pluginErrors } from '../errors/plugin.ts';
import { processorErrors } from '../errors/processor.ts';
import { runtimeErrors } from '../errors/runtime.ts';
import { stepErrors } from '../errors/step.ts';
import { functionAreas, signatureOf } from '../expression/index.ts';
import { aggregateFunctions } from '../stream/aggregate/functions.ts';
import type { Registry } from './load-context.ts';
import { pipelineSchema, sinkSchema, sourceSchema, stepSchema, streamSchema, topicSchema } from './pipeline-schema.ts';
import { optionRows, typeText } from './reference-options.ts';
import { settingsSchema } from './settings-schema.ts';
import { expectationSchema, testFileSchema, testSchema } from './test-schema.ts';

const GENERATED = '<!-- Generated from the definitions by `npm run generate`: change those, not this. -->';

function page(title: string, intro: string, sections: readonly string[]): string {
  return `${[`# ${title}`, GENERATED, intro, ...sections].filter((part) => part !== '').join('\n\n')}\n`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll(/\s*\n\s*/g, ' ')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

/** `defaultOf`: where defaults are, if not in the schema. */
function optionsTable(schema: z.core.$ZodType, defaultOf?: (name: string) => string): string {
  const rows = optionRows(schema).map(({ name, type, required, description, ...row }) => {
    if (defaultOf !== undefined) return [`\`${name}\``, type, defaultOf(name), description];
    const fallback = row.default === undefined ? (required ? 'required' : '') : `\`${row.default}\``;
    return [`\`${name}\``, type, fallback, description];
  });
  return rows.length === 0 ? `The value is one ${typeText(schema)}.` : table(['Option', 'Type', 'Default', 'Meaning'], rows);
}

interface Documented {
  readonly summary: string;
  readonly description?: string;
  readonly main?: string;
  readonly examples: readonly string[];
}

function definitionSection(key: string, definition: Documented, schema: z.core.$ZodType, extra = ''): string {
  const { summary, description, main, examples } = definition;
  const mainText =
    main === undefined || main === '*' ? '' : `Main option: \`${main}\` (\`${key}: ...\` is \`${key}: { ${main}: ... }\`).`;
  const code = examples.map((example) => `\`\`\`yaml\n${example.trim()}\n\`\`\``).join('\n\n');
  return [`### ${key}`, summary, description ?? '', extra, mainText, optionsTable(schema), code]
    .filter((part) => part !== '')
    .join('\n\n');
}

export function testsPage(): string {
  const intro =
    'The keys of a test file, `<pipeline>.test.yaml`. See the [guide](../guide/testing.md). In `given` each item has one of `source`, `topic` and `advance`.';
  const expected = [
    'A topic or a sink is expected by a list of values, whole and in their order, or by a mapping. A name with dots stands for fields in fields (`url.path`).',
    optionsTable(expectationSchema),
  ];
  return page('Test files', intro, [
    optionsTable(testFileSchema),
    '## A test',
    optionsTable(testSchema),
    '## Expected records',
    ...expected,
  ]);
}

export function stepsPage(registry: Registry): string {
  const intro = 'What a stream, a source or a sink does with each record. Beside a step stand its common options.';
  const common = `## Common options\n\n${optionsTable(stepSchema)}`;
  const steps = [...registry.steps.values()]
    .toSorted((a, b) => (a.kind < b.kind ? -1 : 1))
    .map((step) => definitionSection(step.kind, step, step.options));
  return page('Steps', intro, [common, '## Steps', ...steps]);
}

export function connectorsPage(registry: Registry): string {
  const sorted = <T extends { readonly type: string }>(connectors: ReadonlyMap<string, T>): T[] =>
    [...connectors.values()].toSorted((a, b) => (a.type < b.type ? -1 : 1));
  const sources = sorted(registry.sources).map((source) => definitionSection(source.type, source, source.config));
  const sinks = sorted(registry.sinks).map((sink) => {
    const { batch, concurrency, delivery } = sink;
    const extra = `Delivery: ${delivery.replaceAll('_', ' ')}. One write takes at most ${batch.records} records and ${batch.bytes} bytes; ${concurrency} in flight.`;
    return definitionSection(sink.type, sink, sink.config, extra);
  });
  return page('Connectors', 'What puts records into topics, and what delivers them.', [
    '## Sources',
    ...sources,
    '## Sinks',
    ...sinks,
  ]);
}

export function pipelinePage(): string {
  const parts = [
    ['Pipeline', pipelineSchema],
    ['Topic', topicSchema],
    ['Source', sourceSchema],
    ['Stream', streamSchema],
    ['Sink', sinkSchema],
    ['Step', stepSchema],
  ] as const;
  const intro = [
    'The keys of a pipeline file. Beside the keys of a source or sink stands its connector, beside those of a step its kind.',
    'Durations and sizes are written with units: `500ms`, `10s`, `5m`, `1h`, `7d`; `512B`, `64KB`, `5MB`, `1GiB`.',
  ].join('\n');
  return page(
    'Pipeline files',
    intro,
    parts.map(([title, schema]) => `## ${title}\n\n${optionsTable(schema)}`),
  );
}

export function settingsPage(defaults: string): string {
  const intro = 'Process settings: see `config/default.yaml`, which is this, and the profiles beside it.';
  const document = parseDocument(defaults);
  const defaultOf = (name: string): string => {
    const value: unknown = document.getIn(name.split('.'));
    return typeof value === 'object' || value === undefined ? '' : `\`${value === '' ? '""' : String(value)}\``;
  };
  return page('Settings', intro, [
    optionsTable(settingsSchema, defaultOf),
    '## default.yaml',
    `\`\`\`yaml\n${defaults.trimEnd()}\n\`\`\``,
  ]);
}

export function functionsPage(): string {
  const areas = Object.entries(functionAreas).map(([area, functions]) => {
    const rows = functions.map((each) => [
      `\`${signatureOf(each)}\``,
      each.summary,
      `\`${each.example.text}\` is \`${JSON.stringify(each.example.result)}\``,
    ]);
    return `## ${area}\n\n${table(['Function', 'Meaning', 'Example'], rows)}`;
  });
  const rows = aggregateFunctions.map(({ example: { text, over, result }, ...each }) => [
    `\`${signatureOf(each)}\``,
    each.summary,
    `\`${text}\` over ${text.includes('y)') ? '`x, y`' : '`x`'} of \`${JSON.stringify(over).slice(1, -1)}\` is \`${JSON.stringify(result)}\``,
  ]);
  const intro =
    'What the `compute` of a window may call: see [aggregates](../guide/aggregates.md). Records in which a value is missing or null are left out.';
  const aggregates = `## Aggregates\n\n${intro}\n\n${table(['Aggregate', 'Meaning', 'Example'], rows)}`;
  return page('Functions', 'What expressions may call. A missing field is `undefined`, and none of them throws.', [
    ...areas,
    aggregates,
  ]);
}

const WHO: Readonly<Record<ErrorDefinition['domain'], string>> = {
  user: 'you',
  external: 'whoever runs the other system',
  internal: "Millrace's developers",
};

export function errorsPage(): string {
  const areas: [string, Readonly<Record<string, ErrorDefinition>>][] = [
    ['Pipeline files and settings', configErrors],
    ['Expressions', expressionErrors],
    ['Steps', stepErrors],
    ['Processors and their state', processorErrors],
    ['Plugins', pluginErrors],
    ['Kafka', kafkaErrors],
    ['Running', runtimeErrors],
    ['Connectors', connectorErrors],
  ];
  const sections = areas.map(([title, errors]) => {
    const rows = Object.entries(errors).map(([code, { message, domain, retry }]) => [
      `\`${code}\``,
      escapeText(message),
      WHO[domain],
      retry === 'never' ? 'no' : 'with growing waits',
    ]);
    return `## ${title}\n\n${table(['Code', 'Message', 'Who can mend it', 'Tried again'], rows)}`;
  });
  return page('Errors', 'Every error by its code. `{...}` is filled in where it happens.', sections);
}

function escapeText(text: string): string {
  return text.replaceAll(/[<>*_]/g, (character) => `\\${character}`);
}
