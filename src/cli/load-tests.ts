import { byPosition, checkTestFile, type Diagnostic, type Environment, loadTestFile, type TestFile } from '../config/index.ts';
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
  const found = read.ok ? [] : read.diagnostics;
  const subject = read.ok ? read.tests : read.subject;
  if (subject === undefined) return complain(found);
  const own: Environment = { ...environment, variables: subject.variables };
  const { loaded } = await loadPipelineWithPlugins(subject.pipeline, registry, own, faults);
  if (!loaded.ok) return complain([...found, ...loaded.diagnostics]);
  const wrong = [...found, ...checkTestFile(subject, loaded.pipeline)].sort(byPosition);
  return read.ok && wrong.length === 0 ? { tests: read.tests, pipeline: loaded.pipeline } : complain(wrong);
}

function complain(diagnostics: readonly Diagnostic[]): undefined {
  printDiagnostics(diagnostics);
}
