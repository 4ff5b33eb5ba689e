/** A pipeline as plain data: nodes whose edges are topics, its checks, names in Kafka and pictures. */

export {
  describePipeline,
  type NodeDescription,
  type PipelineDescription,
  type StepDescription,
} from './describe.ts';
export type { StageDescription, StageInputDescription, StageStepDescription } from './describe-stages.ts';
export { toText } from './graph-text.ts';
export { toMermaid } from './mermaid.ts';
export type { NodeTypes, PipelineTypes } from './pipeline-types.ts';
export type { ShownValue } from './redact.ts';
export type { KafkaSecurity, Settings } from './settings.ts';
export type * from './types.ts';
export { describeTypes, type NodeTypesDescription, type TypesDescription, typesToText } from './types-text.ts';
