import { type AsyncStepDefinition, isAsync } from '../sdk/async-step.ts';
import { type Grouping, type InputSide, isStateful, type StatefulStepDefinition } from '../sdk/operator.ts';
import { isSingle, Keys } from './keyed.ts';
import type { Names } from './names.ts';
import type { Pipeline, SinkNode, SourceNode, StepNode, StreamNode } from './types.ts';

/** One input topic of a stage. */
export interface StageInput {
  readonly topic: string;
  readonly side: InputSide;
  /** The join that it goes into, past the steps before, where it is the joined side. */
  readonly step?: string;
  /** A repartition topic of ours: its records bring their time along, and markers of upstream watermarks come between them. */
  readonly repartitioned: boolean;
  /** Whose markers a repartition topic holds: see {@link StageNode.units}. */
  readonly upstream: readonly string[];
}

/** What a stage does, in order: stateless steps, compiled together, and steps with state between them. */
export type StageElement =
  | { readonly kind: 'steps'; readonly steps: readonly StepNode[] }
  | { readonly kind: 'async'; readonly step: StepNode & { readonly definition: AsyncStepDefinition } }
  | {
      readonly kind: 'operator';
      readonly step: StepNode & { readonly definition: StatefulStepDefinition };
      /** A step that is aggregated in part before a repartition is `partial` there and `final` behind it. */
      readonly part: 'whole' | 'partial' | 'final';
      /** The records' Kafka keys are the group's by what the pipeline says, and are held to it. */
      readonly checksKey: boolean;
    };

/** Where a stage's records are brought together anew for the stage behind it. */
export interface Repartition {
  readonly topic: string;
  readonly grouping: Grouping;
  /** As many partitions as the largest of these topics; one where there are none. */
  readonly like: readonly string[];
}

/**
 * The part of a stream between two repartitions: a task and a consumer group of its own. A stream without a repartition has
 * one, of its own name.
 */
export interface StageNode extends StreamNode {
  readonly stream: string;
  readonly inputs: readonly StageInput[];
  /** Topics of the tables that its joins look up. */
  readonly tables: readonly string[];
  readonly elements: readonly StageElement[];
  readonly repartition?: Repartition;
  /** Whether event time matters in it, so that it keeps watermarks. */
  readonly timed: boolean;
  /** Whether it has steps with state: then its inputs have equal partitions, and what has the same number is one unit. */
  readonly stateful: boolean;
  /** It relies on its inputs having one partition each, so that nothing has to be brought together. */
  readonly single: boolean;
  /** What keeps a watermark for each partition: the stage where it has state, else each of its inputs. */
  readonly units: readonly string[];
  /** The topic of its state and its watermarks; absent where it has none. */
  readonly changelog?: string;
}

export function isStage(node: StreamNode): node is StageNode {
  return 'elements' in node;
}

/** What runs as one task. */
export type TaskNode = SourceNode | StageNode | SinkNode;

/** The tasks of a pipeline. */
export function tasksOf(pipeline: Pipeline, names: Names): readonly TaskNode[] {
  const stages = pipeline.streams.flatMap((stream) => stagesOf(stream, pipeline, names));
  return [...pipeline.sources, ...stages, ...pipeline.sinks];
}

/** The stages of a stream: in the order of the flow, those of a joined stream's side first. */
export function stagesOf(stream: StreamNode, pipeline: Pipeline, names: Names): readonly StageNode[] {
  return new Planner(stream, pipeline, names).plan();
}

function tableOf({ step }: Extract<StageElement, { kind: 'operator' }>): string | undefined {
  return step.definition.state.table?.(step.options)?.topic;
}

/** A stage while it is being planned. */
interface Draft {
  readonly name: string;
  readonly inputs: StageInput[];
  readonly elements: StageElement[];
  steps: StepNode[];
  single?: boolean;
}

class Planner {
  readonly #stream: StreamNode;
  readonly #pipeline: Pipeline;
  readonly #names: Names;
  readonly #keys: Keys;
  readonly #done: StageNode[] = [];
  #draft: Draft;

  constructor(stream: StreamNode, pipeline: Pipeline, names: Names) {
    this.#stream = stream;
    this.#pipeline = pipeline;
    this.#names = names;
    this.#keys = new Keys(pipeline, stream.from);
    this.#draft = {
      name: stream.name,
      inputs: stream.from.map((topic) => ({ topic, side: 'main', repartitioned: false, upstream: [] })),
      elements: [],
      steps: [],
    };
  }

  plan(): readonly StageNode[] {
    for (const step of this.#stream.steps) {
      if (isAsync(step.definition)) this.#addAsync({ ...step, definition: step.definition });
      else if (isStateful(step.definition)) this.#addOperator({ ...step, definition: step.definition });
      else this.#addStep(step);
    }
    this.#end(this.#stream.to === undefined ? {} : { to: this.#stream.to });
    return this.#done;
  }

  #addStep(step: StepNode): void {
    this.#draft.steps.push(step);
    if (step.definition.changesValue) this.#keys.valuesChanged();
  }

  #addAsync(step: StepNode & { definition: AsyncStepDefinition }): void {
    this.#closeSteps();
    this.#draft.elements.push({ kind: 'async', step });
    if (step.definition.changesValue) this.#keys.valuesChanged();
  }

  #addOperator(step: StepNode & { definition: StatefulStepDefinition }): void {
    const { state } = step.definition;
    const grouping = state.grouping(step.options, 'main');
    const joined = state.joins?.(step.options);
    const table = state.table?.(step.options)?.topic;
    let part: 'whole' | 'final' = 'whole';
    const alone = [joined, table].every((topic) => topic === undefined || isSingle(topic, this.#pipeline));
    const single = this.#keys.single && alone;
    const reliesOnSingle = single && this.#keys.needRepartition(grouping, false);
    if (this.#keys.needRepartition(grouping, alone)) {
      const halves = state.preaggregate?.(step.options);
      if (halves !== undefined) {
        part = 'final';
        this.#operator(step, 'partial', false);
      }
      const like = grouping.by === 'nothing' ? [] : this.#sizes(joined, table, step);
      this.#repartition(step.id, { grouping, like });
    }
    // Behind a repartition, or another step that has grouped them so, records are where they belong.
    const checksKey =
      grouping.by === 'values' &&
      !reliesOnSingle &&
      !this.#draft.inputs.some(({ repartitioned }) => repartitioned) &&
      !this.#draft.elements.some(({ kind }) => kind === 'operator');
    if (joined !== undefined) this.#join(step, joined, single);
    if (reliesOnSingle) this.#draft.single = true;
    this.#operator(step, part, checksKey);
    this.#keys.groupedBy(grouping);
  }

  /** Which topics a repartition must equal in partitions: the other side's where that stays as it is, else the largest input. */
  #sizes(
    joined: string | undefined,
    table: string | undefined,
    step: StepNode & { definition: StatefulStepDefinition },
  ): string[] {
    if (table !== undefined) return [table];
    if (joined === undefined) return this.#sourceTopics();
    const other = new Keys(this.#pipeline, [joined]);
    return other.needRepartition(step.definition.state.grouping(step.options, 'joined'), false)
      ? [...this.#sourceTopics(), joined]
      : [joined];
  }

  #sourceTopics(): string[] {
    return [...this.#stream.from];
  }

  /** Adds the other stream of a join as an input, behind a repartition of its own where its records are not together. */
  #join(step: StepNode & { definition: StatefulStepDefinition }, joined: string, single: boolean): void {
    const grouping = step.definition.state.grouping(step.options, 'joined');
    // One partition stays as it is only beside another single one.
    if (!new Keys(this.#pipeline, [joined]).needRepartition(grouping, single)) {
      this.#draft.inputs.push({ topic: joined, side: 'joined', step: step.id, repartitioned: false, upstream: [] });
      return;
    }
    const name = `${this.#stream.name}.${step.id}-joined`;
    const topic = this.#names.repartition(this.#pipeline.name, name);
    const main = this.#draft.inputs.filter(({ side }) => side === 'main');
    const like = main.some(({ repartitioned }) => repartitioned)
      ? [...this.#sourceTopics(), joined]
      : main.map((input) => input.topic);
    const inputs: StageInput[] = [{ topic: joined, side: 'main', repartitioned: false, upstream: [] }];
    const { units } = this.#finish({ name, inputs, elements: [], steps: [] }, { repartition: { topic, grouping, like } });
    this.#draft.inputs.push({ topic, side: 'joined', step: step.id, repartitioned: true, upstream: units });
  }

  #operator(
    step: StepNode & { definition: StatefulStepDefinition },
    part: 'whole' | 'partial' | 'final',
    checksKey: boolean,
  ): void {
    this.#closeSteps();
    this.#draft.elements.push({ kind: 'operator', step, part, checksKey });
  }

  #repartition(id: string, { grouping, like }: { grouping: Grouping; like: readonly string[] }): void {
    const name = `${this.#stream.name}.${id}`;
    const topic = this.#names.repartition(this.#pipeline.name, name);
    const { units } = this.#end({ repartition: { topic, grouping, like } });
    this.#keys.spread();
    this.#draft = { name, inputs: [{ topic, side: 'main', repartitioned: true, upstream: units }], elements: [], steps: [] };
  }

  #closeSteps(): void {
    if (this.#draft.steps.length > 0) this.#draft.elements.push({ kind: 'steps', steps: this.#draft.steps });
    this.#draft.steps = [];
  }

  #end(output: { readonly to?: string; readonly repartition?: Repartition }): StageNode {
    this.#closeSteps();
    return this.#finish(this.#draft, output);
  }

  #finish(draft: Draft, { to, repartition }: { readonly to?: string; readonly repartition?: Repartition }): StageNode {
    const { name, inputs, elements } = draft;
    const stateful = elements.some(({ kind }) => kind === 'operator');
    const timed = repartition !== undefined || stateful;
    const { to: _, ...stream } = this.#stream;
    const target = repartition?.topic ?? to;
    const tables = elements.map((element) => (element.kind === 'operator' ? tableOf(element) : undefined));
    const stage: StageNode = {
      ...stream,
      tables: [...new Set(tables.filter((table) => table !== undefined))],
      name,
      stream: this.#stream.name,
      from: inputs.map(({ topic }) => topic),
      ...(target === undefined ? {} : { to: target }),
      steps: elements.flatMap((element) => (element.kind === 'steps' ? element.steps : [element.step])),
      inputs,
      elements,
      ...(repartition === undefined ? {} : { repartition }),
      timed,
      stateful,
      single: draft.single === true,
      units: stateful ? [name] : inputs.map(({ topic }) => topic),
      ...(timed ? { changelog: this.#names.changelog(this.#pipeline.name, name) } : {}),
    };
    this.#done.push(stage);
    return stage;
  }
}
