import { dirname, resolve } from 'node:path';
import { bindOption, defaultScope, type ExpressionScope, scopeWith } from '../expression/index.ts';
import { builtInAggregates } from '../stream/aggregate/functions.ts';
import { checkGraph } from '../topology/graph-check.ts';
import { nodeNameProblem } from '../topology/name-rules.ts';
import type { PipelineTypes } from '../topology/pipeline-types.ts';
import type { Pipeline, TopicNode } from '../topology/types.ts';
import { checkPipeline } from './check-pipeline.ts';
import { checkPlugins } from './check-plugins.ts';
import { checkKnownTypes } from './check-types.ts';
import { type Diagnostic, Diagnostics } from './diagnostic.ts';
import { isOfFailedPlugin, type LoadContext, type PluginFunction, type Registry, withMentions } from './load-context.ts';
import { type ConfigNode, describeNode, type MapEntry, type MapNode } from './node.ts';
import { checkOptions } from './options.ts';
import { pipelineSchema, topicSchema } from './pipeline-schema.ts';
import { readSink, readSource, readStream } from './read-nodes.ts';
import { SourceText, spanAt } from './source-text.ts';
import { type Environment, readingReason } from './substitution.ts';
import { nearest } from './suggest.ts';
import { readTopicSchema } from './topic-schema.ts';
import { quoted } from './yaml-quoting.ts';
import { readYaml } from './yaml-reader.ts';

/** A pipeline is written by hand; what is larger is some other file. */
export const MAX_FILE_BYTES = 1_000_000;

export type LoadedPipeline =
  | {
      readonly ok: true;
      readonly pipeline: Pipeline;
      /** What is known of its records, at every step. */
      readonly types: PipelineTypes;
      readonly warnings: readonly Diagnostic[];
    }
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] };

/**
 * Reads and checks a pipeline file: YAML, options, expressions and the graph. Nothing is connected to. All that is wrong
 * is reported at once, by position. `file` appears in the diagnostics as it is given.
 */
export function loadPipeline(file: string, registry: Registry, environment: Environment): LoadedPipeline {
  const diagnostics = new Diagnostics();
  const read = load(file, { registry, environment, diagnostics });
  if (read === undefined || diagnostics.hasErrors) {
    const list = diagnostics.list();
    return { ok: false, diagnostics: isOfFailedPlugin({ registry }) ? list.filter((one) => !mayBeOfPlugin(one)) : list };
  }
  return { ok: true, ...read, warnings: diagnostics.list() };
}

/** A function that is like no other may be one of a plugin that could not be loaded, which is reported. */
function mayBeOfPlugin({ code, suggestion }: Diagnostic): boolean {
  return code === 'EXPRESSION_UNKNOWN_FUNCTION' && suggestion === undefined;
}

interface Loading {
  readonly registry: Registry;
  readonly environment: Environment;
  readonly diagnostics: Diagnostics;
}

interface Read {
  readonly pipeline: Pipeline;
  readonly types: PipelineTypes;
}

function load(file: string, { registry, environment, diagnostics }: Loading): Read | undefined {
  const absolute = resolve(file);
  const source = readSourceText(file, environment, diagnostics);
  if (source === undefined) return undefined;
  const resolvePath = (path: string): string => resolve(dirname(absolute), path);
  const root = readYaml({ source, environment, diagnostics, resolvePath });
  if (root === undefined) return undefined;
  if (root.kind !== 'map') {
    diagnostics.error('CONFIG_EMPTY', spanAt(source, 0));
    return undefined;
  }
  const quiet = scopeOf(registry, 'quiet');
  const throwing = scopeOf(registry, 'throwing');
  const context: LoadContext = {
    registry,
    options: { diagnostics, resolvePath, bind: (option) => bindOption(option, quiet) },
    bindForRecord: (option) => bindOption(option, throwing),
    scope: quiet,
    readFile: (path) => environment.readFile(path),
    places: { steps: new Map(), nodes: new Map() },
    draft: { topics: [], nodes: [], mentions: [] },
  };
  return readPipeline(root, absolute, context);
}

/** What expressions in pipeline files may call. */
function scopeOf({ plugins }: Registry, way: keyof PluginFunction): ExpressionScope {
  const scope = plugins === undefined ? defaultScope : scopeWith(plugins.functions.map((each) => each[way]));
  return { ...scope, aggregates: builtInAggregates };
}

/** Reads the text of a configuration file; what is wrong with it is reported at its beginning. */
export function readSourceText(file: string, environment: Environment, diagnostics: Diagnostics): SourceText | undefined {
  let text: string;
  try {
    text = environment.readFile(file);
  } catch (error) {
    diagnostics.error('CONFIG_UNREADABLE', spanAt(new SourceText(file, ''), 0), { path: file, reason: readingReason(error) });
    return undefined;
  }
  const bytes = Buffer.byteLength(text);
  const source = new SourceText(file, text.startsWith('\uFEFF') ? text.slice(1) : text);
  if (bytes <= MAX_FILE_BYTES) return source;
  diagnostics.error('CONFIG_TOO_LARGE', spanAt(new SourceText(file, ''), 0), { bytes, limit: MAX_FILE_BYTES });
  return undefined;
}

function readPipeline(root: MapNode, file: string, context: LoadContext): Read | undefined {
  const { diagnostics } = context.options;
  const start = spanAt(root.source, root.start);
  const checked = checkOptions(
    pipelineSchema,
    withoutInvalidParts(root),
    { name: 'the pipeline file', owner: start },
    withMentions(context),
  );
  checkName(root, context);
  checkPlugins(root, context);
  const topics = section(root, 'topics').map((entry) => readTopic(entry, context));
  const delivery = checked.ok ? checked.value.delivery : 'exactly_once';
  const sources = section(root, 'sources').map((entry) => readSource(entry, delivery, context));
  const streams = section(root, 'streams').map((entry) => readStream(entry, delivery, context));
  const sinks = section(root, 'sinks').map((entry) => readSink(entry, context));
  reportGraph(context);
  const { pipeline: name, description, strict } = checked.ok ? checked.value : { pipeline: '', strict: false };
  const pipeline: Pipeline = {
    name,
    ...(description === undefined ? {} : { description }),
    file,
    delivery,
    ...(strict ? { strict } : {}),
    topics: topics.filter((topic) => topic !== undefined),
    sources: sources.filter((source) => source !== undefined),
    streams: streams.filter((stream) => stream !== undefined),
    sinks: sinks.filter((sink) => sink !== undefined),
  };
  if (checked.ok && !diagnostics.hasErrors) return { pipeline, types: checkPipeline(pipeline, root, context) };
  checkKnownTypes(pipeline, context);
  return undefined;
}

/** The parts under the sections are read one by one; for the check of the sections it is enough that they are there. */
function withoutInvalidParts(root: MapNode): MapNode {
  const sections = new Set(['topics', 'sources', 'streams', 'sinks']);
  const shallow = (entry: MapEntry): MapEntry => {
    const { key, value } = entry;
    return sections.has(key) && value.kind === 'map' ? { ...entry, value: { ...value, entries: new Map() } } : entry;
  };
  return { ...root, entries: new Map([...root.entries].map(([key, entry]) => [key, shallow(entry)])) };
}

function checkName(root: MapNode, context: LoadContext): void {
  const { diagnostics } = context.options;
  const name = root.entries.get('pipeline')?.value;
  if (name?.kind === 'scalar' && typeof name.value === 'string') {
    const problem = nodeNameProblem('the pipeline', name.value);
    if (problem !== undefined) diagnostics.error(problem.code, name, problem.parameters);
    if (!mayHaveNodes(root)) diagnostics.error('GRAPH_NOTHING_TO_DO', name, { name: quoted(name.value) });
  }
}

/** Whether something is there, or was meant to be: under a misspelt key, or written in another form. */
function mayHaveNodes(root: MapNode): boolean {
  const sections = ['sources', 'streams', 'sinks'].map((key) => root.entries.get(key)?.value);
  if (sections.some((node) => node !== undefined && (node.kind !== 'map' || node.entries.size > 0))) return true;
  return [...root.entries.keys()].some((key) => !Object.hasOwn(pipelineSchema.shape, key));
}

function section(root: MapNode, key: string): MapEntry[] {
  const node: ConfigNode | undefined = root.entries.get(key)?.value;
  return node?.kind === 'map' ? [...node.entries.values()] : [];
}

/** What may be said of a topic that is somebody else's. */
const OF_EXTERNAL_TOPICS: ReadonlySet<string> = new Set(['external', 'codec', 'keyed_by', 'schema']);

function readTopic(entry: MapEntry, context: LoadContext): TopicNode | undefined {
  const { diagnostics } = context.options;
  const { key: name, keySpan, value } = entry;
  const label = `the topic "${name}"`;
  const external = value.kind === 'map' ? value.entries.get('external')?.value : undefined;
  const isExternal = external?.kind === 'scalar' && external.value === true;
  context.draft.topics.push({ name, external: isExternal, at: keySpan });
  if (value.kind === 'invalid') return undefined;
  if (value.kind !== 'map') {
    diagnostics.error('CONFIG_WRONG_TYPE', value, {
      key: label,
      expected: 'a mapping ({} for the defaults)',
      got: describeNode(value),
    });
    return undefined;
  }
  if (isExternal) {
    for (const each of value.entries.values()) {
      const known = Object.hasOwn(topicSchema.shape, each.key) && !OF_EXTERNAL_TOPICS.has(each.key);
      if (known) diagnostics.error('CONFIG_EXTERNAL_TOPIC', each.keySpan, { key: quoted(each.key) });
    }
  }
  const checked = checkOptions(topicSchema, value, { name: label, owner: keySpan }, withMentions(context));
  const schemaAt = value.entries.get('schema');
  const schema = schemaAt === undefined ? undefined : readTopicSchema(schemaAt.value, context);
  if (!checked.ok) return undefined;
  if (schemaAt !== undefined && checked.value.codec === 'text') diagnostics.error('CONFIG_TEXT_SCHEMA', schemaAt.keySpan);
  const { partitions, replication, retention, cleanup, codec, config, keyed_by: keyedBy } = checked.value;
  return {
    name,
    partitions,
    ...(replication === undefined ? {} : { replication }),
    ...(retention === undefined ? {} : { retentionMs: retention }),
    cleanup,
    external: isExternal,
    codec,
    ...(schema === undefined ? {} : { schema }),
    ...(keyedBy === undefined ? {} : { keyedBy: keyedBy.map((path) => path.join('.')) }),
    config: Object.fromEntries(Object.entries(config).map(([key, setting]) => [key, String(setting)])),
  };
}

function reportGraph(context: LoadContext): void {
  const { diagnostics } = context.options;
  for (const { code, parameters, at, severity, oneOf, other } of checkGraph(context.draft)) {
    const line = other === undefined ? {} : { line: other.source.position(other.start).line };
    const meant = oneOf === undefined ? undefined : nearest(oneOf.written, oneOf.names);
    if (severity === 'error')
      diagnostics.error(code, at, { ...parameters, ...line }, meant === undefined ? undefined : quoted(meant));
    // What could not be read may be what uses a topic: warnings wait until there are no errors.
    else if (!diagnostics.hasErrors) diagnostics.warning(code, at, parameters);
  }
}
