import { errorMessage } from '../errors/index.ts';
import type { ExpressionScope } from '../expression/index.ts';
import type { FieldPath } from '../record/path.ts';
import { ANY, isNever, misfitOf, misfitText, NEVER, OBJECT, oneOf, type RecordType, union } from '../sdk/types/index.ts';
import { goneBehind, laterSetter, narrowedBehind } from './field-history.ts';
import { type OptionMistake, StepTyping, type Surroundings } from './step-typing.ts';
import { passStep } from './step-yield.ts';
import { declaredType } from './topic-types.ts';
import type { Pipeline, SinkNode, SourceNode, StepNode, StreamNode, TaskNode } from './types.ts';

/** A mistake, and which part of the pipeline it is in. */
export interface TypeMistake extends OptionMistake {
  readonly node: TaskNode;
  /** The step whose options they are; absent: the node's own. */
  readonly step?: StepNode;
  /** Which options of the step or node the path leads into. */
  readonly part: 'options' | 'when' | 'node';
}

/** What is known of records at a node. */
export interface NodeTypes {
  readonly kind: TaskNode['kind'];
  readonly name: string;
  /** Before the first step. */
  readonly input: RecordType;
  /** Behind each step, by its id. */
  readonly steps: ReadonlyMap<string, RecordType>;
  /** Behind the last. */
  readonly output: RecordType;
}

/** What is known of the records of a pipeline, and all that contradicts it. */
export interface PipelineTypes {
  readonly topics: ReadonlyMap<string, RecordType>;
  readonly nodes: ReadonlyMap<string, NodeTypes>;
  readonly mistakes: readonly TypeMistake[];
}

/**
 * Follows records from the sources on, topic by topic, and looks at every option with what is known at its place. `unknown`: topics that
 * somebody writes of whom nothing is known.
 */
export function typesOf(pipeline: Pipeline, scope: ExpressionScope, unknown: ReadonlySet<string> = new Set()): PipelineTypes {
  const flow = new TypeFlow(pipeline, scope, unknown);
  for (const { name } of pipeline.topics) flow.topic(name);
  for (const node of [...pipeline.sources, ...pipeline.streams, ...pipeline.sinks]) flow.node(node);
  return flow;
}

/** What is known along the steps of a node, up to one of them. */
interface Travelled {
  readonly from: RecordType;
  readonly behind: ReadonlyMap<string, RecordType>;
  readonly here: RecordType;
}

class TypeFlow implements PipelineTypes {
  readonly topics = new Map<string, RecordType>();
  readonly nodes = new Map<string, NodeTypes>();
  readonly mistakes: TypeMistake[] = [];
  readonly #pipeline: Pipeline;
  readonly #scope: ExpressionScope;
  /** What the steps of a node send to topics themselves. */
  readonly #routed = new Map<string, RecordType>();
  readonly #begun = new Set<string>();
  readonly #unknown: ReadonlySet<string>;

  constructor(pipeline: Pipeline, scope: ExpressionScope, unknown: ReadonlySet<string>) {
    this.#pipeline = pipeline;
    this.#unknown = unknown;
    this.#scope = scope;
  }

  /** What is known of the records of a topic: what it declares, or what is written to it. */
  topic(name: string): RecordType {
    const known = this.topics.get(name);
    if (known !== undefined) return known;
    // The graph has no cycle, or it would have been refused.
    if (this.#begun.has(name)) return ANY;
    this.#begun.add(name);
    const written = this.#writtenTo(name);
    const node = this.#pipeline.topics.find((topic) => topic.name === name);
    const type = node === undefined ? ANY : declaredType(node, written);
    this.topics.set(name, type);
    return type;
  }

  #writtenTo(topic: string): RecordType {
    let written = this.#unknown.has(topic) ? ANY : NEVER;
    for (const node of [...this.#pipeline.sources, ...this.#pipeline.streams]) {
      const routes = node.steps.some(({ definition, options }) => definition.topics?.(options).includes(topic));
      if (node.to === topic) written = union(written, this.node(node).output);
      else if (routes) this.node(node);
    }
    const all = union(written, this.#routed.get(topic) ?? NEVER);
    // One that nobody writes is a mistake of another kind.
    return isNever(all) ? ANY : all;
  }

  node(node: TaskNode): NodeTypes {
    const known = this.nodes.get(node.name);
    if (known !== undefined) return known;
    const input = this.#inputOf(node);
    const steps = new Map<string, RecordType>();
    let here = input;
    if (node.kind === 'stream') this.#checkTimestamp(node, input);
    for (const [i, step] of node.steps.entries()) {
      here = this.#through(node, i, { from: input, behind: steps, here });
      steps.set(step.id, here);
    }
    const types = { kind: node.kind, name: node.name, input, steps, output: here };
    this.nodes.set(node.name, types);
    if (node.kind !== 'stream') this.#checkEnd(node, here);
    if (node.kind !== 'sink' && node.to !== undefined) this.#checkWritten(node.to, here, { node, part: 'node', path: ['to'] });
    return types;
  }

  #inputOf(node: TaskNode): RecordType {
    if (node.kind === 'source') return asRecord(yieldedFrom(node));
    return asRecord(oneOf(...node.from.map((topic) => this.topic(topic))));
  }

  /** What is known behind a step of what is known before it. */
  #through(node: TaskNode, at: number, { from, behind, here: input }: Travelled): RecordType {
    const step = node.steps[at] as StepNode;
    const reporting = (part: TypeMistake['part']): Surroundings => ({
      ...silent,
      scope,
      report: (mistake) => this.mistakes.push({ ...mistake, node, step, part }),
    });
    const silent: Surroundings = { ...this.#surroundings(node), report: () => {} };
    const gone = goneBehind(from, behind);
    const set = laterSetter(node.steps.slice(at), input, silent);
    const later = (path: FieldPath): string | undefined => gone(path) ?? set(path);
    const scope = { ...this.#surroundings(node).scope, later, since: narrowedBehind(node.steps, from, behind) };
    const { typing, yielded } = passStep(step, input, { when: reporting('when'), options: reporting('options') });
    typing.checkRest();
    for (const topic of step.definition.topics?.(step.options) ?? []) {
      const sent = typing.sentTo(topic);
      this.#checkWritten(topic, sent, { node, step, part: 'options', path: [] });
      this.#routed.set(topic, union(this.#routed.get(topic) ?? NEVER, sent));
    }
    return asRecord(yielded);
  }

  #checkTimestamp(node: StreamNode, input: RecordType): void {
    const field = node.time?.timestamp;
    if (field === undefined) return;
    new StepTyping(undefined, input, this.#ofNode(node)).read(field, { at: ['timestamp'] });
  }

  /** The options of a connector see records as they leave the last step. */
  #checkEnd(node: SourceNode | SinkNode, output: RecordType): void {
    const options = node.kind === 'source' ? { partition_by: node.partitionBy } : { [node.connector.type]: node.config };
    new StepTyping(options, output, this.#ofNode(node)).checkRest();
  }

  /** What is written to a topic must be what the topic says. */
  #checkWritten(topic: string, written: RecordType, at: Pick<TypeMistake, 'node' | 'step' | 'part' | 'path'>): void {
    const schema = this.#pipeline.topics.find(({ name }) => name === topic)?.schema;
    const misfit = schema === undefined ? undefined : misfitOf(written, schema);
    if (misfit === undefined) return;
    const parameters = { topic: JSON.stringify(topic), reason: misfitText(misfit) };
    const message = errorMessage('TYPE_NOT_IN_SCHEMA', parameters);
    this.mistakes.push({ code: 'TYPE_NOT_IN_SCHEMA', message, offset: 0, length: topic.length, ...at });
  }

  #ofNode(node: TaskNode): Surroundings {
    const report = (mistake: OptionMistake): void => {
      this.mistakes.push({ ...mistake, node, part: 'node' });
    };
    return { ...this.#surroundings(node), report };
  }

  #surroundings(node: TaskNode): Omit<Surroundings, 'report'> {
    const strict = this.#pipeline.strict === true ? { strict: adviceOnStrict(node) } : {};
    return { scope: { ...this.#scope, ...strict }, topic: (name) => this.topic(name) };
  }
}

/** A record's value is an object, whatever else is known of it. */
function asRecord({ object }: RecordType): RecordType {
  return object === undefined || object === ANY.object ? OBJECT : { object };
}

/** A connector that fails to say it is as one that does not know. */
function yieldedFrom({ connector, config }: SourceNode): RecordType {
  try {
    return connector.yields?.(config) ?? ANY;
  } catch {
    return ANY;
  }
}

function adviceOnStrict(node: TaskNode): string {
  if (node.kind === 'source') return 'give the `parse` that reads it a `schema`';
  return `give the topic ${node.from.map((topic) => JSON.stringify(topic)).join(' or ')} a \`schema\`, or the \`parse\` that reads it`;
}
