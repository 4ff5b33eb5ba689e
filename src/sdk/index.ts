/** What connectors, steps and plugins import. */

export type { ErrorCode } from '../errors/index.ts';
export { errorMessage, isMillraceError, MillraceError, reasonOf } from '../errors/index.ts';
export { Column, RecordBatch } from '../record/batch.ts';
export { BatchBuilder } from '../record/batch-builder.ts';
export { decodeHeaders, encodeHeaders, type Header } from '../record/headers.ts';
export {
  isJsonObject,
  type JsonObject,
  type JsonValue,
  type ReadonlyJsonObject,
  type ReadonlyJsonValue,
} from '../record/json.ts';
export { escapedLength, JsonEscaper, MAX_ESCAPED_BYTES } from '../record/json-escaper.ts';
export { deleteField, type FieldPath, getField, parsePath, setField, setOwn } from '../record/path.ts';
export { StreamRecord } from '../record/record.ts';
export { RESULT_ID, RESULT_VERSION } from '../record/result-header.ts';
export { type AsyncRecordStep, type AsyncStepDefinition, defineAsyncStep } from './async-step.ts';
export { type Clock, systemClock } from './clock.ts';
export {
  defineFunction,
  type FunctionDefinition,
  type FunctionParameter,
  type FunctionSpecification,
} from './function.ts';
export type { KeyedState, ListOptions, ListState, MapState, StateOptions, Timer, Timers, ValueState } from './keyed-state.ts';
export type { Logger } from './logger.ts';
export { type Counter, type Gauge, type Metrics, noMetrics } from './metrics.ts';
export { CompiledOption, type Evaluate } from './option.ts';
export { type Outcome, Outcomes } from './outcomes.ts';
export { defineParser, ParseFailure, type ParserDefinition, type ParseText, parseFailure } from './parser.ts';
export {
  defineProcessor,
  type Emitted,
  type ProcessorContext,
  type ProcessorDefinition,
  type ProcessorOperator,
  type ProcessorSpecification,
  type ProcessorWork,
} from './processor.ts';
export { type GivenHeaders, isProcessorRecord, type NewRecord, newRecord, ProcessorRecord } from './processor-record.ts';
export { checkRegExp, type RegExpCheck } from './regex.ts';
export type { RehearsalPlace, SinkRehearsal, SinkRehearsalContext, SourceInput, SourceRehearsal } from './rehearsal.ts';
export { isRetryable, RetryableError, retryable } from './retryable.ts';
export {
  duration,
  expression,
  fieldPath,
  filePath,
  mapProgram,
  parseDuration,
  parseSize,
  pathPattern,
  secret,
  size,
  template,
  topicName,
  urlTemplate,
} from './schema.ts';
export { type DeliveryError, defineSink, type Sink, type SinkBatch, type SinkContext, type SinkDefinition } from './sink.ts';
export {
  defineSource,
  type Emit,
  type EmitOptions,
  type Positions,
  type Source,
  type SourceContext,
  type SourceDefinition,
} from './source.ts';
export {
  DROPPED,
  type Dropped,
  defineStep,
  type OptionProblem,
  type RecordStep,
  type Rejected,
  type Routed,
  reject,
  rejected,
  type Split,
  type StepContext,
  type StepDefinition,
  type StepOutcome,
} from './step.ts';
export type { Against, ConditionTypes, Reading, StepTypes } from './step-types.ts';
export * as types from './types/index.ts';
export { millraceVersion } from './version.ts';
