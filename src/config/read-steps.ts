import { isAsync } from '../sdk/async-step.ts';
import { keysOf } from '../sdk/introspect.ts';
import { isStateful } from '../sdk/operator.ts';
import { isProcessor } from '../sdk/processor.ts';
import type { StepDefinition } from '../sdk/step.ts';
import type { TopicRef } from '../topology/graph-check.ts';
import { stepIdProblem } from '../topology/name-rules.ts';
import type { StepNode } from '../topology/types.ts';
import { FOREIGN_STEPS } from './foreign-words.ts';
import {
  isOfFailedPlugin,
  keysOfShape,
  type LoadContext,
  type OptionPlaces,
  pick,
  refOf,
  withMain,
  withMentions,
} from './load-context.ts';
import { type ConfigNode, describeNode, type MapEntry, type MapNode } from './node.ts';
import { checkOptions } from './options.ts';
import { stepSchema } from './pipeline-schema.ts';
import type { Span } from './source-text.ts';
import { checkPlaces, type StepsOwner } from './step-places.ts';
import { nearest } from './suggest.ts';
import { quoted } from './yaml-quoting.ts';

export interface ReadSteps {
  readonly steps: readonly StepNode[];
  readonly routes: readonly TopicRef<Span>[];
  /** The topics that joins read, and their tables. */
  readonly joined: readonly TopicRef<Span>[];
  /** False where some step could not be read, so that its routes are unknown. */
  readonly complete: boolean;
  /** Whether no record leaves the last step but by a route. */
  readonly routesAll: boolean;
}

const COMMON = keysOfShape(stepSchema);
const COMMON_TEXT = [...COMMON].map((key) => `"${key}"`).join(', ');

interface ReadStep {
  readonly definition: StepDefinition;
  readonly node: Omit<StepNode, 'id'>;
  readonly id: { readonly text: string; readonly at: Span; readonly given: boolean };
  readonly kindAt: Span;
  readonly whenAt: Span | undefined;
  readonly place: OptionPlaces;
  readonly routes: readonly TopicRef<Span>[];
  readonly joined: readonly TopicRef<Span>[];
  readonly routesAll: boolean;
}

/** Reads the steps of the node that is called `owner` in messages. */
export function readSteps(
  list: ConfigNode | undefined,
  owner: { label: string; kind: StepsOwner },
  context: LoadContext,
): ReadSteps {
  if (list?.kind !== 'list') return { steps: [], routes: [], joined: [], complete: list === undefined, routesAll: false };
  const ordinals = new Map<string, number>();
  const read = list.items.map((item) => readStep(item, { ordinals, isSink: owner.kind === 'sink' }, context));
  const good = read.filter((step) => step !== undefined);
  checkIds(good, owner.label, context);
  checkPlaces(good, owner.kind, context.options.diagnostics);
  const steps = good.map(({ node, id, place }): StepNode => {
    const step = { ...node, id: id.text };
    context.places.steps.set(step, place);
    return step;
  });
  return {
    steps,
    routes: good.flatMap((step) => step.routes),
    joined: good.flatMap((step) => step.joined),
    complete: good.length === read.length,
    routesAll: read.length > 0 && read.at(-1)?.routesAll === true,
  };
}

interface StepPlace {
  readonly ordinals: Map<string, number>;
  readonly isSink: boolean;
}

function readStep(item: ConfigNode, place: StepPlace, context: LoadContext): ReadStep | undefined {
  const { diagnostics } = context.options;
  if (item.kind === 'invalid') return undefined;
  if (item.kind !== 'map') {
    diagnostics.error('CONFIG_NOT_A_STEP', item, { common: COMMON_TEXT, got: describeNode(item) });
    return undefined;
  }
  const kind = findKind(item, context);
  if (kind === undefined) return undefined;
  const { definition, entry } = kind;
  const ordinal = (place.ordinals.get(definition.kind) ?? 0) + 1;
  place.ordinals.set(definition.kind, ordinal);
  // A step with state is refused as a whole there.
  if (place.isSink && definition.topics !== undefined && !isStateful(definition)) {
    diagnostics.error('GRAPH_ROUTE_IN_SINK', entry.keySpan, { kind: quoted(definition.kind) });
  }
  if (place.isSink && definition.splits === true) {
    diagnostics.error('GRAPH_SPLIT_IN_SINK', entry.keySpan, { kind: quoted(definition.kind) });
  }
  const topics: TopicRef<Span>[] = [];
  const bind = looksAtOneRecord(definition) ? context.bindForRecord : context.options.bind;
  const commonContext = { ...withMentions(context), bind };
  const common = checkOptions(stepSchema, pick(item, COMMON), { name: 'the step', owner: entry.keySpan }, commonContext);
  const given = withMain(entry, definition.main, definition.options);
  const options = checkOptions(
    definition.options,
    given,
    { name: `the step "${definition.kind}"`, owner: entry.keySpan },
    { ...context.options, bind, topic: (node) => topics.push(refOf(node)) },
    (value) => definition.check?.(value) ?? [],
  );
  context.draft.mentions.push(...topics);
  if (!common.ok || !options.ok) return undefined;
  const { id, when, on_error: onError } = common.value;
  const refTo = (topic: string): TopicRef<Span> => topics.find((ref) => ref.topic === topic) ?? { topic, at: entry.keySpan };
  return {
    definition,
    node: {
      definition,
      options: options.value,
      ...(when === undefined ? {} : { when }),
      ...(onError === undefined ? {} : { onError }),
    },
    id: {
      text: id ?? `${definition.kind}-${ordinal}`,
      at: item.entries.get('id')?.value ?? entry.keySpan,
      given: id !== undefined,
    },
    kindAt: entry.keySpan,
    whenAt: item.entries.get('when')?.keySpan,
    place: { options: given, kindAt: entry.keySpan, when: item.entries.get('when')?.value },
    routes: (definition.topics?.(options.value) ?? []).map(refTo),
    joined: joinedTopics(definition, options.value).map(refTo),
    routesAll: when === undefined && definition.topics !== undefined && (definition.routesAll?.(options.value) ?? true),
  };
}

/** Whether what it throws costs the record that it is at, and nothing else. */
function looksAtOneRecord(definition: StepDefinition): boolean {
  return !isStateful(definition) && !isAsync(definition) && !isProcessor(definition);
}

function joinedTopics(definition: StepDefinition, options: unknown): string[] {
  if (!isStateful(definition)) return [];
  const { joins, table } = definition.state;
  return [joins?.(options), table?.(options)?.topic].filter((topic) => topic !== undefined);
}

function findKind(item: MapNode, context: LoadContext): { definition: StepDefinition; entry: MapEntry } | undefined {
  const {
    registry,
    options: { diagnostics },
  } = context;
  const others = [...item.entries.values()].filter(({ key }) => !COMMON.has(key));
  const [first, second] = others.filter(({ key }) => registry.steps.has(key));
  if (first !== undefined && second === undefined) {
    const definition = registry.steps.get(first.key) as StepDefinition;
    for (const entry of others) if (entry !== first) reportStray(entry, { definition, first }, context);
    return { definition, entry: first };
  }
  if (first !== undefined && second !== undefined) {
    diagnostics.error('CONFIG_TWO_KINDS', second.keySpan, {
      node: 'a step',
      first: quoted(first.key),
      second: quoted(second.key),
    });
    return undefined;
  }
  for (const entry of others) reportUnknownStep(entry, context);
  if (others.length === 0) diagnostics.error('CONFIG_NOT_A_STEP', item, { common: COMMON_TEXT, got: 'a mapping without a step' });
  return undefined;
}

/** All steps are named only where nothing else can be said. */
function reportUnknownStep({ key, keySpan }: MapEntry, context: LoadContext): void {
  const { registry, options } = context;
  const known = [...registry.steps.keys()].toSorted();
  const advice = FOREIGN_STEPS.get(key);
  const meant = advice === undefined ? nearest(key, [...known, ...COMMON]) : undefined;
  if (meant === undefined && advice === undefined && isOfFailedPlugin(context)) return;
  const list = meant === undefined ? `; there are ${known.join(', ')}` : '';
  const parameters = { key: quoted(key), instead: advice === undefined ? list : `: ${advice}` };
  options.diagnostics.error('CONFIG_UNKNOWN_STEP', keySpan, parameters, meant === undefined ? undefined : quoted(meant));
}

/** A key beside a step's kind is often an option of the step that was not indented. */
function reportStray(entry: MapEntry, step: { definition: StepDefinition; first: MapEntry }, context: LoadContext): void {
  const { kind, options, main } = step.definition;
  const isOption = main !== '*' && (keysOf([options]) ?? []).includes(entry.key);
  const meant = nearest(entry.key, COMMON);
  const suggestion = isOption ? `to indent it further, under "${kind}:"` : meant === undefined ? undefined : quoted(meant);
  const place = `a step, beside ${quoted(step.first.key)}`;
  context.options.diagnostics.error('CONFIG_UNKNOWN_KEY', entry.keySpan, { key: quoted(entry.key), place }, suggestion);
}

function checkIds(steps: readonly ReadStep[], node: string, context: LoadContext): void {
  const { diagnostics } = context.options;
  const byId = new Map<string, Span>();
  for (const { id } of steps) {
    const problem = id.given ? stepIdProblem(id.text) : undefined;
    if (problem !== undefined) diagnostics.error(problem.code, id.at, problem.parameters);
    const other = byId.get(id.text);
    if (other === undefined) byId.set(id.text, id.at);
    else
      diagnostics.error('GRAPH_DUPLICATE_STEP_ID', id.at, {
        id: quoted(id.text),
        node,
        line: other.source.position(other.start).line,
      });
  }
}
