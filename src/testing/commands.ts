/** What the commands `test` and `explain` use of the test kit, beside what it publishes. */
export { type ExplainedInput, type ExplainOptions, type Explanation, explain, type NodeExplanation } from './explain/explain.ts';
export type { Journey, Visit } from './explain/journeys.ts';
export { failureText } from './pipeline/failure-text.ts';
export { runTest, type TestResult } from './pipeline/run-test.ts';
export { Coverage, type StepCoverage } from './trace/coverage.ts';
export type { Tracer } from './trace/step-event.ts';
