import type { Pipeline } from '../topology/types.ts';
import type { Ending } from './ending.ts';
import type { Instance } from './instance.ts';
import type { PreparedTopics } from './prepare-topics.ts';
import type { TaskEnvironment } from './task.ts';
import { topicMissing } from './topics.ts';

/** What all tasks of an engine share. */
export interface Shared
  extends Pick<
    TaskEnvironment,
    'settings' | 'names' | 'kafka' | 'lookup' | 'restores' | 'clock' | 'random' | 'log' | 'pass' | 'gate'
  > {
  readonly instance: Instance;
  readonly ending: Ending | undefined;
  /** A topic that a task needs is not known. */
  readonly lookForTopics: () => void;
}

/** What the tasks of a pipeline work in. */
export function environmentOf(pipeline: Pipeline, topics: PreparedTopics, shared: Shared): TaskEnvironment {
  const { settings, names, kafka, lookup, restores, clock, random, log, pass, instance, gate, ending, lookForTopics } = shared;
  return {
    pipeline,
    settings,
    names,
    kafka,
    lookup,
    restores,
    clock,
    random,
    log,
    pass,
    place: { instance: instance.id, slot: instance.slot },
    incarnationOf: topics.incarnationOf,
    generationOf: (stream) => topics.states.generationOf(pipeline, stream),
    partitionsOf: (topic) => {
      const count = topics.partitions.get(topic);
      if (count !== undefined) return count;
      lookForTopics();
      throw topicMissing(topic, pipeline, topics.missing);
    },
    stampedByBroker: (topic) => topics.stamped.has(topic),
    gate,
    ...(ending === undefined ? {} : { inputEnded: (ended: readonly string[]) => ending.ended(ended) }),
  };
}
