/** A pipeline as plain data: nodes whose edges are topics, its checks, names in Kafka and pictures. */

export {
  describePipeline,
  type NodeDescription,
  type PipelineDescription,
  routedTopics,
  type StepDescription,
} from './describe.ts';
export { toText } from './graph-text.ts';
export { toMermaid } from './mermaid.ts';
export { DEFAULT_NAMESPACE } from './name-rules.ts';
export { Names } from './names.ts';
export { type ShownValue, showOptions } from './redact.ts';
export type { KafkaSecurity, Settings } from './settings.ts';
export type * from './types.ts';
