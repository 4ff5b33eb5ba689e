import { isStateful } from '../sdk/operator.ts';
import type { Names } from './names.ts';
import { type Repartition, type StageElement, type StageNode, stagesOf } from './stages.ts';
import type { Pipeline, StreamNode } from './types.ts';

/** One stage of a stream, as plain JSON. */
export interface StageDescription {
  readonly name: string;
  /** Its consumer group. */
  readonly group: string;
  readonly inputs: readonly StageInputDescription[];
  /** The tables that its joins look up. */
  readonly tables?: readonly string[];
  readonly steps: readonly StageStepDescription[];
  /** All topics that it writes, those that its steps route to among them; the first is that of the next stage, where there is one. */
  readonly to: readonly string[];
  /** Where the first of `to` brings records together anew: by what, and as many partitions as the largest of which topics (one, where none). */
  readonly repartition?: { readonly by: readonly string[]; readonly like: readonly string[] };
  /** The topic of its state and its watermarks. */
  readonly changelog?: string;
}

export interface StageInputDescription {
  readonly topic: string;
  /** The join whose other side it is. */
  readonly joinedBy?: string;
}

export interface StageStepDescription {
  readonly id: string;
  /** A step that is done in two halves: `partial` before a repartition, `final` behind it. */
  readonly part?: 'partial' | 'final';
}

/** The stages of a stream, where it has steps with state; else there is nothing to say. */
export function describeStages(stream: StreamNode, pipeline: Pipeline, names: Names): { stages?: readonly StageDescription[] } {
  if (!stream.steps.some(({ definition }) => isStateful(definition))) return {};
  return { stages: stagesOf(stream, pipeline, names).map((stage) => describeStage(stage, pipeline.name, names)) };
}

function describeStage(stage: StageNode, pipeline: string, names: Names): StageDescription {
  const { name, inputs, elements, to, repartition, changelog } = stage;
  const tables = elements.flatMap(tableOf);
  return {
    name,
    group: names.group(pipeline, name),
    inputs: inputs.map(({ topic, step }) => ({ topic, ...(step === undefined ? {} : { joinedBy: step }) })),
    ...(tables.length === 0 ? {} : { tables }),
    steps: elements.flatMap(stepsOf),
    to: [...new Set([...(to === undefined ? [] : [to]), ...elements.flatMap(routedBy)])],
    ...(repartition === undefined ? {} : { repartition: describeRepartition(repartition) }),
    ...(changelog === undefined ? {} : { changelog }),
  };
}

function describeRepartition({ grouping, like }: Repartition): NonNullable<StageDescription['repartition']> {
  return { by: grouping.by === 'values' ? grouping.texts : grouping.by === 'key' ? ['$key'] : [], like };
}

function stepsOf(element: StageElement): StageStepDescription[] {
  if (element.kind === 'steps') return element.steps.map(({ id }) => ({ id }));
  const { id } = element.step;
  return [element.kind === 'async' || element.part === 'whole' ? { id } : { id, part: element.part }];
}

/** What is late for a step in two halves is late for the first of them. */
function routedBy(element: StageElement): readonly string[] {
  if (element.kind === 'operator' && element.part === 'final') return [];
  const steps = element.kind === 'steps' ? element.steps : [element.step];
  return steps.flatMap(({ definition, options }) => definition.topics?.(options) ?? []);
}

function tableOf(element: StageElement): string[] {
  if (element.kind !== 'operator') return [];
  const table = element.step.definition.state.table?.(element.step.options)?.topic;
  return table === undefined ? [] : [table];
}
