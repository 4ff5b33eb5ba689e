import { readFileSync } from 'node:fs';
import { type Diagnostic, type Environment, type Registry, renderDiagnostic } from '../config/index.ts';
import { loadPipelineWithPlugins } from '../plugins/index.ts';
import { steps } from '../steps/index.ts';
import type { Pipeline } from '../topology/types.ts';

const readFile = (path: string): string => readFileSync(path, 'utf8');

/** Loads a pipeline file with its plugins and the built-in connectors, for tests in code. Throws with all that is wrong. */
export async function loadForTests(file: string, variables: Readonly<Record<string, string>>): Promise<Pipeline> {
  // Loaded here: who only wants the clock needs no connectors.
  const { connectors } = await import('../../connectors/index.ts');
  const registry: Registry = { steps, sources: connectors.sources, sinks: connectors.sinks };
  const environment: Environment = { variables, readFile };
  const { loaded } = await loadPipelineWithPlugins(file, registry, environment);
  if (!loaded.ok) throw new Error(diagnosticsText(loaded.diagnostics));
  return loaded.pipeline;
}

/** What is wrong with a file, as one text. */
export function diagnosticsText(diagnostics: readonly Diagnostic[]): string {
  return diagnostics.map((diagnostic) => renderDiagnostic(diagnostic)).join('\n');
}
