/** Pipeline files and settings: from text to checked, plain data, or to diagnostics with positions. */

export { byPosition, type Diagnostic, formatDiagnostic, renderDiagnostic, type Severity } from './diagnostic.ts';
export { generateAll } from './generate.ts';
export { pipelineJsonSchema, testJsonSchema } from './json-schema.ts';
export type { Registry } from './load-context.ts';
export { type LoadedPipeline, loadPipeline } from './load-pipeline.ts';
export { type LoadedSettings, loadSettings, type SettingsRequest } from './load-settings.ts';
export { checkTestFile, type LoadedTestFile, loadTestFile } from './load-test-file.ts';
export { pluginNames } from './plugin-names.ts';
export { readTextFile } from './read-text-file.ts';
export { type Environment, readingReason } from './substitution.ts';
export type { Expectation, ExpectedLetter, ExpectedValue, GivenStep, TestCase, TestFile } from './test-case.ts';
