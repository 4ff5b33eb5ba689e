import { checkTestFile, type Diagnostic, type Environment, loadTestFile, type TestFile } from '../config/index.ts';
import { loadPipelineWithPlugins, PluginFaults } from '../plugins/index.ts';
import type { Pipeline } from '../topology/types.ts';
import { environment, printDiagnostics, registry } from './context.ts';

/** A test file, and the pipeline that it tests. */
export interface LoadedTests {
  readonly tests: TestFile;
  readonly pipeline: Pipeline;
}

/** Whether a file holds tests, by its name. */
export function isTestFile(file: string): boolean {
  return /\.test\.ya?ml$/.test(file);
}

/** A test file with its pipeline; prints what is wrong with either. `faults`: told of what plugins do wrong later. */
export async function loadTests(file: string, faults = new PluginFaults()): Promise<LoadedTests | undefined> {
  const read = loadTestFile(file, { ...environment, variables: {} });
  if (!read.ok) return complain(read.diagnostics);
  const { tests } = read;
  const own: Environment = { ...environment, variables: tests.variables };
  const { loaded } = await loadPipelineWithPlugins(tests.pipeline, registry, own, faults);
  if (!loaded.ok) return complain(loaded.diagnostics);
  const wrong = checkTestFile(tests, loaded.pipeline);
  return wrong.length > 0 ? complain(wrong) : { tests, pipeline: loaded.pipeline };
}

function complain(diagnostics: readonly Diagnostic[]): undefined {
  printDiagnostics(diagnostics);
}
