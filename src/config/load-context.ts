import type { z } from 'zod';
import type { ErrorCode, ErrorParameters } from '../errors/index.ts';
import type { ExpressionFunction, ExpressionScope } from '../expression/index.ts';
import { branchesOf, childrenOf } from '../sdk/introspect.ts';
import type { SinkDefinition } from '../sdk/sink.ts';
import type { SourceDefinition } from '../sdk/source.ts';
import type { StepDefinition } from '../sdk/step.ts';
import type { NodeDraft, TopicDraft, TopicRef } from '../topology/graph-check.ts';
import type { StepNode, TaskNode } from '../topology/types.ts';
import type { ConfigNode, MapEntry, MapNode, ScalarNode } from './node.ts';
import type { OptionsContext } from './options.ts';
import type { Span } from './source-text.ts';

/** The steps and connectors that pipeline files may use, by their key. */
export interface Registry {
  readonly steps: ReadonlyMap<string, StepDefinition>;
  readonly sources: ReadonlyMap<string, SourceDefinition>;
  readonly sinks: ReadonlyMap<string, SinkDefinition>;
  /** What plugins have added to these, and what is wrong with them. Absent: none have been loaded. */
  readonly plugins?: LoadedPlugins;
}

/** What came of the plugins that a file names. */
export interface LoadedPlugins {
  /** What expressions may call beside the built-in functions. */
  readonly functions: readonly PluginFunction[];
  readonly problems: readonly PluginProblem[];
}

/** A function in the two ways in which it may fail. */
export interface PluginFunction {
  /** It throws, which costs the record: for steps that look at one record. */
  readonly throwing: ExpressionFunction;
  /** Its result is missing then: where there is no one record to give up. */
  readonly quiet: ExpressionFunction;
}

export interface PluginProblem {
  /** Of the plugin, in its list. */
  readonly index: number;
  readonly code: ErrorCode;
  readonly parameters: ErrorParameters;
}

/** Where the parts of a step stand in the file. */
export interface OptionPlaces {
  readonly options: ConfigNode;
  readonly kindAt: Span;
  readonly when: ConfigNode | undefined;
}

/** Where the parts of what has been read stand in the file. */
export interface Places {
  readonly steps: Map<StepNode, OptionPlaces>;
  readonly nodes: Map<TaskNode, MapEntry>;
}

/** What the readers of the parts of a pipeline file share. */
export interface LoadContext {
  readonly registry: Registry;
  readonly options: Omit<OptionsContext, 'topic'>;
  /** Reads a file that the pipeline names. Throws where it cannot. */
  readFile(path: string): string;
  /** What expressions may call. */
  readonly scope: ExpressionScope;
  readonly places: Places;
  /** Compiles expressions of a step that looks at one record: a function of a plugin that fails there costs it. */
  readonly bindForRecord: OptionsContext['bind'];
  /** The graph, grown part by part, so that it is checked also where some parts are wrong. */
  readonly draft: { readonly topics: TopicDraft<Span>[]; readonly nodes: NodeDraft<Span>[]; readonly mentions: TopicRef<Span>[] };
}

/** Options for checking a part in which no topic is named, or where naming one makes it a mention. */
export function withMentions(context: LoadContext): OptionsContext {
  return { ...context.options, topic: (node) => context.draft.mentions.push(refOf(node)) };
}

export function refOf(node: ScalarNode): TopicRef<Span> {
  return { topic: String(node.value), at: node };
}

/** A mapping with only these keys. */
export function pick(node: MapNode, keys: ReadonlySet<string>): MapNode {
  return { ...node, entries: new Map([...node.entries].filter(([key]) => keys.has(key))) };
}

/**
 * The options of a step or connector as a mapping: a scalar or list in their place is the main option, and a scalar in
 * place of a list is a list of one. `'*'`: the whole node is the option.
 */
export function withMain(entry: MapEntry, main: string | undefined, schema: z.core.$ZodType): ConfigNode {
  const { value, keySpan } = entry;
  if (main === undefined || main === '*' || value.kind === 'map' || value.kind === 'invalid') return value;
  const { source, start, end } = value;
  const isList = onlyList(childrenOf([schema], main));
  const option: ConfigNode = isList && value.kind === 'scalar' ? { kind: 'list', source, start, end, items: [value] } : value;
  return { kind: 'map', source, start, end, entries: new Map([[main, { key: main, keySpan, value: option }]]) };
}

function onlyList(schemas: readonly z.core.$ZodType[]): boolean {
  const types = schemas.flatMap(branchesOf).map((schema) => (schema as z.core.$ZodTypes)._zod.def.type);
  return types.includes('array') && !types.includes('string') && !types.includes('enum');
}

export const keysOfShape = (schema: { readonly shape: object }): ReadonlySet<string> => new Set(Object.keys(schema.shape));

/** Whether a kind that nobody knows may be one of a plugin that could not be loaded, which has been said. */
export function isOfFailedPlugin({ registry }: Pick<LoadContext, 'registry'>): boolean {
  return registry.plugins !== undefined && registry.plugins.problems.length > 0;
}
