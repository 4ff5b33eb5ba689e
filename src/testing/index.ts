/// <reference types="node" preserve="true" />
/** What tests of pipelines, processors and connectors import: `millrace/testing`. */
export type { DeadLetter } from './pipeline/dead-letters.ts';
export type { MockedReply } from './pipeline/mocked-http.ts';
export type { TopicRecord } from './pipeline/topic-records.ts';
export { type PipelineTestCase, pipelineTests } from './pipeline-tests.ts';
export { type GivenInput, type GivenTopicRecord, PipelineTest, type PipelineTestOptions, testPipeline } from './test-pipeline.ts';
export { VirtualClock } from './virtual-clock.ts';
