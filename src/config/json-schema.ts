import { z } from 'zod';
import { childrenOf, kindOf } from '../sdk/introspect.ts';
import type { Registry } from './load-context.ts';
import { pipelineSchema, sinkSchema, sourceSchema, stepSchema, streamSchema, topicSchema } from './pipeline-schema.ts';
import { wholeTestFileSchema } from './test-schema.ts';

type JsonSchema = z.core.JSONSchema.BaseSchema;

const PATTERNS: Readonly<Record<string, string>> = {
  duration: '^(\\d+(\\.\\d+)?(ms|s|m|h|d|w))+$|\\$\\{',
  size: '^\\d+(\\.\\d+)?(B|kB|KB|MB|GB|KiB|MiB|GiB)$|\\$\\{',
};

/** Any scalar may come from a variable, which an editor sees as text. */
const VARIABLE: JsonSchema = { type: 'string', pattern: '\\$\\{' };

/**
 * The JSON Schema of pipeline files, for editors: what the loader accepts, as far as JSON Schema can say it. It derives
 * from the same definitions that the loader checks by.
 */
export function pipelineJsonSchema(registry: Registry): JsonSchema {
  const exactlyOne = new Map<z.core.$ZodType, readonly string[]>();
  const schema = wholeSchema(registry, exactlyOne);
  const titles = titlesOf(registry);
  return z.toJSONSchema(schema, {
    io: 'input',
    unrepresentable: 'any',
    reused: 'ref',
    override: ({ zodSchema, jsonSchema }) => {
      const title = titles.get(zodSchema);
      if (title !== undefined) jsonSchema.title = title;
      refine(zodSchema, jsonSchema, exactlyOne.get(zodSchema));
    },
  });
}

/** An editor offers the keys that an object must have under its title. The whole has none: it would stand over every text that is shown. */
function titlesOf({ steps, sources, sinks }: Registry): ReadonlyMap<z.core.$ZodType, string> {
  return new Map([
    ...[...steps.values()].map(({ kind, options }) => [options, kind] as const),
    ...[...sources.values(), ...sinks.values()].map(({ type, config }) => [config, type] as const),
  ]);
}

/** The JSON Schema of test files. */
export function testJsonSchema(): JsonSchema {
  const json = z.toJSONSchema(wholeTestFileSchema(), {
    io: 'input',
    unrepresentable: 'any',
    reused: 'ref',
    override: ({ zodSchema, jsonSchema }) => refine(zodSchema, jsonSchema, undefined),
  });
  return { ...json, title: 'Tests of a Millrace pipeline' };
}

function wholeSchema(registry: Registry, exactlyOne: Map<z.core.$ZodType, readonly string[]>): z.ZodType {
  const oneOf = <T extends z.ZodType>(schema: T, kinds: Iterable<string>): T => {
    exactlyOne.set(schema, [...kinds]);
    return schema;
  };
  const kinds = [...registry.steps.values()].map((step) => [step.kind, withMainSchema(step.options, step)] as const);
  const step = oneOf(stepSchema.extend(Object.fromEntries(kinds)), registry.steps.keys());
  const steps = z.array(step).default([]).describe('Steps, run in their order');
  const sources = [...registry.sources.values()].map((source) => [source.type, withMainSchema(source.config, source)] as const);
  const sinks = [...registry.sinks.values()].map((sink) => [sink.type, withMainSchema(sink.config, sink)] as const);
  const source = oneOf(sourceSchema.extend({ ...Object.fromEntries(sources), steps }), registry.sources.keys());
  const sink = oneOf(sinkSchema.extend({ ...Object.fromEntries(sinks), steps }), registry.sinks.keys());
  const { shape } = pipelineSchema;
  const sectionOf = (value: z.ZodType, like: z.ZodType): z.ZodType =>
    z
      .record(z.string(), value)
      .optional()
      .describe(like.description ?? '');
  return pipelineSchema.extend({
    topics: sectionOf(topicSchema, shape.topics),
    sources: sectionOf(source, shape.sources),
    streams: sectionOf(streamSchema.extend({ steps }), shape.streams),
    sinks: sectionOf(sink, shape.sinks),
  });
}

/** A scalar or list in place of the options is the main option. */
function withMainSchema(options: z.ZodType, definition: { readonly main?: string; readonly summary: string }): z.ZodType {
  const { main, summary } = definition;
  const mains = main === undefined || main === '*' ? [] : childrenOf([options], main);
  const items = mains.flatMap((each) => childrenOf([each], 0));
  const schema = mains.length === 0 ? options : z.union([options, ...mains, ...items]);
  return schema.optional().describe(summary);
}

function refine(schema: z.core.$ZodType, json: JsonSchema, exactlyOne: readonly string[] | undefined): void {
  const pattern = PATTERNS[kindOf(schema) ?? ''];
  if (pattern !== undefined) json.pattern = pattern;
  delete json['millrace'];
  if (exactlyOne !== undefined) json.oneOf = exactlyOne.map((key) => ({ required: [key] }));
  const { type, ...rest } = json;
  const isNarrowed =
    json.enum !== undefined || json.format !== undefined || (json.pattern !== undefined && pattern === undefined);
  const isScalar = type === 'number' || type === 'integer' || type === 'boolean' || (type === 'string' && isNarrowed);
  if (!isScalar) return;
  const { description, default: fallback, examples, ...constraints } = rest;
  for (const key of Object.keys(json)) delete json[key];
  if (description !== undefined) json.description = description;
  if (fallback !== undefined) json.default = fallback;
  if (examples !== undefined) json.examples = examples;
  json.anyOf = [{ type, ...constraints }, VARIABLE];
}
