import { type Grouping, isStateful } from '../sdk/operator.ts';
import type { Pipeline, StreamNode } from './types.ts';

/** A plain field path: it names in a result what it named in the records. */
const PATH = /^[\w@$-]+(\.[\w@$-]+)*$/;
/** A template that is one path: `{{ user.id }}`. */
const ONE_PATH = /^\{\{\s*([\w@$-]+(?:\.[\w@$-]+)*)\s*\}\}$/;

/** By the values of which expressions records are together in a partition, as far as the pipeline says so. */
export class Keys {
  #texts: readonly string[] | undefined;
  #single: boolean;

  /** For records of these topics. */
  constructor(pipeline: Pipeline, inputs: readonly string[]) {
    const [first, ...rest] = inputs.map((topic) => textsOfTopic(topic, pipeline));
    this.#texts = rest.every((texts) => sameTexts(texts, first)) ? first : undefined;
    this.#single = inputs.length === 1 && inputs.every((name) => isSingle(name, pipeline));
  }

  /** Whether all records are in one partition. */
  get single(): boolean {
    return this.#single;
  }

  /** Whether records must be brought together anew for a step. `alone`: nothing of more partitions comes in beside them. */
  needRepartition(grouping: Grouping, alone = true): boolean {
    if ((this.#single && alone) || grouping.by === 'key') return false;
    return grouping.by === 'nothing' || !sameTexts(grouping.texts, this.#texts);
  }

  /** A step has changed values: what they were spread by may be gone. */
  valuesChanged(): void {
    this.#texts = undefined;
  }

  /** They go through a topic of as many partitions as something else has: they are in one no longer. */
  spread(): void {
    this.#single = false;
  }

  /** A step with state has brought them together, and names the group in what it emits. */
  groupedBy(grouping: Grouping): void {
    if (grouping.by === 'nothing') this.#single = true;
    if (grouping.by === 'values') this.#texts = grouping.texts.every((text) => PATH.test(text)) ? grouping.texts : undefined;
  }
}

/** Whether the pipeline says that a topic has one partition. */
export function isSingle(name: string, { topics }: Pipeline): boolean {
  return topics.some((topic) => topic.name === name && !topic.external && topic.partitions === 1);
}

/** What the records of a topic are spread by: as it says itself, or where all that write it are in this pipeline and agree. */
function textsOfTopic(name: string, pipeline: Pipeline): readonly string[] | undefined {
  const { keyedBy, external = true } = pipeline.topics.find((topic) => topic.name === name) ?? {};
  if (keyedBy !== undefined || external) return keyedBy;
  const streams = pipeline.streams.filter((stream) => writes(stream, name));
  const sources = pipeline.sources.filter((source) => source.to === name || routes(source, name));
  const all = [
    // What a step routes there is not what the stream ends with.
    ...streams.map((stream) => (routes(stream, name) ? undefined : textsOfStream(stream, pipeline))),
    ...sources.map(({ partitionBy }) => {
      const path = ONE_PATH.exec(partitionBy?.text.trim() ?? '')?.[1];
      return path === undefined ? undefined : [path];
    }),
  ];
  const [first, ...rest] = all;
  return rest.every((texts) => sameTexts(texts, first)) ? first : undefined;
}

function textsOfStream({ steps, from }: StreamNode, pipeline: Pipeline): readonly string[] | undefined {
  // Records of one partition need not be brought together: those that a step lets through keep the keys that they have.
  if (from.length === 1 && from.every((topic) => isSingle(topic, pipeline))) return undefined;
  const last = steps.findLastIndex(({ definition }) => isStateful(definition));
  const step = steps[last];
  if (step === undefined || !isStateful(step.definition)) return undefined;
  if (steps.slice(last + 1).some(({ definition }) => definition.changesValue)) return undefined;
  const grouping = step.definition.state.grouping(step.options, 'main');
  return grouping.by === 'values' && grouping.texts.every((text) => PATH.test(text)) ? grouping.texts : undefined;
}

function writes(stream: StreamNode, name: string): boolean {
  return stream.to === name || routes(stream, name);
}

function routes({ steps }: Pick<StreamNode, 'steps'>, name: string): boolean {
  return steps.some(({ definition, options }) => definition.topics?.(options).includes(name) === true);
}

function sameTexts(a: readonly string[] | undefined, b: readonly string[] | undefined): boolean {
  return a !== undefined && b !== undefined && a.length === b.length && a.every((text, i) => text === b[i]);
}
