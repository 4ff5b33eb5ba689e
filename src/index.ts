/// <reference types="node" preserve="true" />
/** Millrace as a library: load pipeline files and settings, and run them in this process. */

export {
  type Diagnostic,
  type Environment,
  formatDiagnostic,
  type LoadedPipeline,
  type LoadedSettings,
  loadPipeline,
  loadSettings,
  type Registry,
} from './config/index.ts';
export { createKafka, type KafkaOptions } from './kafka/index.ts';
export type { Kafka, KafkaConnection } from './kafka/types.ts';
export { loadPipelineWithPlugins, type PluggedPipeline, PluginFaults } from './plugins/index.ts';
export { Engine, type EngineOptions } from './runtime/engine.ts';
export { Instance } from './runtime/instance.ts';
export { steps } from './steps/index.ts';
export { type ComponentState, ComponentStats } from './telemetry/stats.ts';
export type { Settings } from './topology/settings.ts';
export type * from './topology/types.ts';
