import type { z } from 'zod';
import { keysOf } from '../sdk/introspect.ts';
import { isProcessor } from '../sdk/processor.ts';
import type { SinkDefinition } from '../sdk/sink.ts';
import type { SourceDefinition } from '../sdk/source.ts';
import type { TopicRef } from '../topology/graph-check.ts';
import { DEFAULT_TIME } from '../topology/stream-time.ts';
import type { Delivery, SinkNode, SourceNode, StreamNode, StreamTime } from '../topology/types.ts';
import { isOfFailedPlugin, keysOfShape, type LoadContext, pick, refOf, withMain, withMentions } from './load-context.ts';
import { type ConfigNode, describeNode, locate, type MapEntry, type MapNode, type ScalarNode } from './node.ts';
import { checkOptions } from './options.ts';
import { RETRY_DEFAULTS, sinkSchema, sourceSchema, streamSchema } from './pipeline-schema.ts';
import { type ReadSteps, readSteps } from './read-steps.ts';
import { keyInValue } from './schema-issues.ts';
import type { Span } from './source-text.ts';
import { nearest } from './suggest.ts';
import { quoted } from './yaml-quoting.ts';

const SOURCE_KEYS = keysOfShape(sourceSchema);
const SINK_KEYS = keysOfShape(sinkSchema);

/** Reads one source; `undefined` where something in it is wrong, which is reported. */
export function readSource(entry: MapEntry, delivery: Delivery, context: LoadContext): SourceNode | undefined {
  const label = `the source "${entry.key}"`;
  const body = bodyOf(entry, label, context);
  if (body === undefined) return undefined;
  const common = checkOptions(sourceSchema, pick(body, SOURCE_KEYS), { name: label, owner: entry.keySpan }, quiet(context));
  const steps = readSteps(body.entries.get('steps')?.value, { label, kind: 'source' }, context);
  const connector = readConnector(
    body,
    { kind: 'source', label, entry, known: context.registry.sources, common: SOURCE_KEYS },
    context,
  );
  addDraft({ kind: 'source', entry, body, steps, needsTo: false }, context);
  if (!common.ok || !steps.complete || connector === undefined) return undefined;
  for (const { path, code, parameters } of connector.definition.doubts?.(connector.config) ?? []) {
    context.options.diagnostics.warning(code, locate(connector.options, path).node, parameters);
  }
  const { to, partition_by: partitionBy, description, on_error: onError } = common.value;
  if (partitionBy?.constant !== undefined) {
    const at = body.entries.get('partition_by')?.value ?? entry.keySpan;
    context.options.diagnostics.error('CONFIG_CONSTANT_KEY', at, { quoted: quoted(`{{ ${partitionBy.text} }}`) });
  }
  const node: SourceNode = {
    kind: 'source',
    name: entry.key,
    ...(description === undefined ? {} : { description }),
    connector: connector.definition,
    config: connector.config,
    to,
    ...(partitionBy === undefined ? {} : { partitionBy }),
    steps: steps.steps,
    delivery: common.value.delivery ?? delivery,
    onError,
  };
  context.places.nodes.set(node, entry);
  return node;
}

/** Reads one stream. */
export function readStream(entry: MapEntry, delivery: Delivery, context: LoadContext): StreamNode | undefined {
  const label = `the stream "${entry.key}"`;
  const body = bodyOf(entry, label, context);
  if (body === undefined) return undefined;
  const common = checkOptions(streamSchema, body, { name: label, owner: entry.keySpan }, quiet(context));
  const steps = readSteps(body.entries.get('steps')?.value, { label, kind: 'stream' }, context);
  addDraft(
    { kind: 'stream', entry, body, steps, needsTo: !body.entries.has('to') && steps.complete && !steps.routesAll },
    context,
  );
  if (!common.ok || !steps.complete) return undefined;
  if ((common.value.delivery ?? delivery) === 'exactly_once') checkContinuous(steps, { label, entry, body }, context);
  const { from, to, description, on_error: onError } = common.value;
  const time = timeOf(common.value);
  const node: StreamNode = {
    kind: 'stream',
    name: entry.key,
    ...(description === undefined ? {} : { description }),
    from: typeof from === 'string' ? [from] : from,
    ...(to === undefined ? {} : { to }),
    steps: steps.steps,
    delivery: common.value.delivery ?? delivery,
    ...(time === undefined ? {} : { time }),
    onError,
  };
  context.places.nodes.set(node, entry);
  return node;
}

/** A processor that keeps records across micro-batches cannot have its outputs and offsets in one transaction. */
function checkContinuous(
  { steps }: ReadSteps,
  { label, entry, body }: { label: string; entry: MapEntry; body: MapNode },
  { options: { diagnostics } }: LoadContext,
): void {
  for (const { definition } of steps) {
    if (!isProcessor(definition) || definition.processor.continuous === undefined) continue;
    const at = body.entries.get('delivery')?.value ?? entry.keySpan;
    diagnostics.error('GRAPH_CONTINUOUS_EXACTLY_ONCE', at, { kind: quoted(definition.kind), node: label });
  }
}

/** Reads one sink. */
export function readSink(entry: MapEntry, context: LoadContext): SinkNode | undefined {
  const label = `the sink "${entry.key}"`;
  const body = bodyOf(entry, label, context);
  if (body === undefined) return undefined;
  const common = checkOptions(sinkSchema, pick(body, SINK_KEYS), { name: label, owner: entry.keySpan }, quiet(context));
  const steps = readSteps(body.entries.get('steps')?.value, { label, kind: 'sink' }, context);
  const connector = readConnector(
    body,
    { kind: 'sink', label, entry, known: context.registry.sinks, common: SINK_KEYS },
    context,
  );
  addDraft({ kind: 'sink', entry, body, steps, needsTo: false }, context);
  if (!common.ok || !steps.complete || connector === undefined) return undefined;
  const { from, batch, concurrency, rate_limit: rateLimit, retry, description, on_error: onError } = common.value;
  const { definition } = connector;
  const node: SinkNode = {
    kind: 'sink',
    name: entry.key,
    ...(description === undefined ? {} : { description }),
    from: typeof from === 'string' ? [from] : from,
    connector: definition,
    config: connector.config,
    steps: steps.steps,
    batch: { records: batch.records ?? definition.batch.records, bytes: batch.bytes ?? definition.batch.bytes },
    concurrency: concurrency ?? definition.concurrency,
    ...(rateLimit === undefined ? {} : { rateLimit }),
    retry: {
      initialMs: retry.initial ?? RETRY_DEFAULTS.initialMs,
      maxMs: retry.max ?? Math.max(RETRY_DEFAULTS.maxMs, retry.initial ?? 0),
    },
    onError,
  };
  context.places.nodes.set(node, entry);
  return node;
}

/** Topics in `from` and `to` are the graph's edges, which are drafted on their own. */
function quiet(context: LoadContext): ReturnType<typeof withMentions> {
  return { ...context.options, topic: () => {} };
}

function bodyOf({ value }: MapEntry, label: string, context: LoadContext): MapNode | undefined {
  if (value.kind === 'map') return value;
  if (value.kind !== 'invalid')
    context.options.diagnostics.error('CONFIG_WRONG_TYPE', value, {
      key: label,
      expected: 'a mapping',
      got: describeNode(value),
    });
  return undefined;
}

interface DraftInput {
  readonly kind: 'source' | 'stream' | 'sink';
  readonly entry: MapEntry;
  readonly body: MapNode;
  readonly steps: ReadSteps;
  readonly needsTo: boolean;
}

function addDraft({ kind, entry, body, steps, needsTo }: DraftInput, context: LoadContext): void {
  const to = kind === 'sink' ? undefined : body.entries.get('to')?.value;
  context.draft.nodes.push({
    kind,
    name: entry.key,
    at: entry.keySpan,
    from: kind === 'source' ? [] : topicRefs(body.entries.get('from')?.value),
    joined: steps.joined,
    to: [...topicRefs(to), ...steps.routes],
    complete: steps.complete && to?.kind !== 'invalid',
    needsTo,
  });
}

function topicRefs(node: ConfigNode | undefined): TopicRef<Span>[] {
  const nodes = node?.kind === 'list' ? node.items : [node];
  return nodes.filter((each): each is ScalarNode => each?.kind === 'scalar' && typeof each.value === 'string').map(refOf);
}

interface ConnectorPlace<Definition> {
  readonly kind: 'source' | 'sink';
  readonly label: string;
  readonly entry: MapEntry;
  readonly known: ReadonlyMap<string, Definition>;
  readonly common: ReadonlySet<string>;
}

interface ReadConnector<Definition> {
  readonly definition: Definition;
  readonly config: unknown;
  /** Where the config stands. */
  readonly options: ConfigNode;
}

/** Reads the one key beside the common options: the connector. */
function readConnector<Definition extends (SourceDefinition | SinkDefinition) & { config: z.ZodType }>(
  body: MapNode,
  place: ConnectorPlace<Definition>,
  context: LoadContext,
): ReadConnector<Definition> | undefined {
  const { diagnostics } = context.options;
  const { kind, label, known, common } = place;
  const names = [...known.keys()].toSorted();
  const others = [...body.entries.values()].filter(({ key }) => !common.has(key));
  const connectors = others.filter(({ key }) => known.has(key));
  for (const other of others) if (!known.has(other.key)) reportUnknown(other, place, context);
  const [first, second] = connectors;
  if (second !== undefined && first !== undefined) {
    diagnostics.error('CONFIG_TWO_KINDS', second.keySpan, { node: label, first: quoted(first.key), second: quoted(second.key) });
  }
  if (first === undefined) {
    if (others.length === 0)
      diagnostics.error('CONFIG_NO_CONNECTOR', place.entry.keySpan, { node: label, known: names.join(', ') });
    return undefined;
  }
  const definition = known.get(first.key) as Definition;
  const optionsPlace = { name: `the ${kind} connector "${first.key}"`, owner: first.keySpan };
  const options = withMain(first, definition.main, definition.config);
  const checked = checkOptions(definition.config, options, optionsPlace, withMentions(context));
  return checked.ok && second === undefined ? { definition, config: checked.value, options } : undefined;
}

/** A key of a source or sink that is none of its own: perhaps an option of a connector, which stands further in. */
function reportUnknown<Definition extends { config: z.ZodType }>(
  entry: MapEntry,
  { kind, known, common }: ConnectorPlace<Definition>,
  context: LoadContext,
): void {
  const { key, keySpan } = entry;
  const names = [...known.keys()].toSorted();
  const meant = keyInValue(entry, names) ?? nearest(key, [...common, ...names]);
  const owners = names.filter((name) => (keysOf([(known.get(name) as Definition).config]) ?? []).includes(key));
  const inside = owners.length === 1 ? `to indent it further, under "${owners[0]}:"` : undefined;
  const suggestion = inside ?? (meant === undefined ? undefined : quoted(meant));
  if (suggestion === undefined && isOfFailedPlugin(context)) return;
  context.options.diagnostics.error(
    'CONFIG_UNKNOWN_CONNECTOR',
    keySpan,
    { kind, key: quoted(key), known: names.join(', ') },
    suggestion,
  );
}

function timeOf(options: z.infer<typeof streamSchema>): StreamTime | undefined {
  const { timestamp, wait, max_ahead: maxAhead, idle_timeout: idleTimeout, when_idle: whenIdle } = options;
  if ([timestamp, wait, maxAhead, idleTimeout, whenIdle].every((option) => option === undefined)) return undefined;
  return {
    ...(timestamp === undefined ? {} : { timestamp }),
    waitMs: wait ?? DEFAULT_TIME.waitMs,
    maxAheadMs: maxAhead ?? DEFAULT_TIME.maxAheadMs,
    ...(idleTimeout === undefined ? {} : { idleTimeoutMs: idleTimeout }),
    whenIdle: whenIdle ?? DEFAULT_TIME.whenIdle,
  };
}
