/** What tests of pipelines, processors and connectors import: `millrace/testing`. */

export { type ExplainedInput, type ExplainOptions, type Explanation, explain, type NodeExplanation } from './explain/explain.ts';
export type { Journey, Visit } from './explain/journeys.ts';
export type { Failure } from './pipeline/check-expectation.ts';
export { PipelineRun, type RunOptions } from './pipeline/pipeline-run.ts';
export { runTest, type TestResult } from './pipeline/run-test.ts';
export { Coverage, type StepCoverage } from './trace/coverage.ts';
export type { StepEvent, Tracer } from './trace/step-event.ts';
export { VirtualClock } from './virtual-clock.ts';
