import { readFileSync } from 'node:fs';
import { connectors } from '../../connectors/index.ts';
import {
  type Diagnostic,
  type Environment,
  type LoadedPipeline,
  loadSettings,
  type Registry,
  renderDiagnostic,
} from '../config/index.ts';
import { loadPipelineWithPlugins, PluginFaults } from '../plugins/index.ts';
import { steps } from '../steps/index.ts';
import type { Settings } from '../topology/settings.ts';
import type { Pipeline } from '../topology/types.ts';
import { Exit, ExitError } from './exit.ts';
import { whileLoading } from './stray-errors.ts';

/** The options that every command which needs settings has. */
export interface SettingsOptions {
  readonly profile?: string;
  readonly config?: readonly string[];
  readonly set?: readonly string[];
}

export const environment: Environment = {
  variables: process.env,
  readFile: (path) => readFileSync(path, 'utf8'),
};

export const registry: Registry = { steps, sources: connectors.sources, sinks: connectors.sinks };

type CheckedPipeline = Pick<Extract<LoadedPipeline, { ok: true }>, 'pipeline' | 'types'>;

/**
 * Loads pipeline files, with the plugins that they name; prints what is wrong with any of them and ends the command with 1.
 * `faults`: told of what plugins do wrong later.
 */
export async function loadPipelines(files: readonly string[], faults = new PluginFaults()): Promise<Pipeline[]> {
  return (await loadChecked(files, faults)).map(({ pipeline }) => pipeline);
}

/** The same, with what is known of their records. */
export function loadChecked(files: readonly string[], faults = new PluginFaults()): Promise<CheckedPipeline[]> {
  return whileLoading(faults, () => loadAll(files, faults));
}

async function loadAll(files: readonly string[], faults: PluginFaults): Promise<CheckedPipeline[]> {
  const pipelines: CheckedPipeline[] = [];
  let failed = false;
  for (const file of files) {
    const { loaded } = await loadPipelineWithPlugins(file, registry, environment, faults);
    printDiagnostics(loaded.ok ? loaded.warnings : loaded.diagnostics);
    if (loaded.ok) pipelines.push(loaded);
    else failed = true;
  }
  if (failed) throw new ExitError(Exit.invalid);
  return pipelines;
}

/** Prints what is wrong with a file, for people at a terminal. */
export function printDiagnostics(diagnostics: readonly Diagnostic[]): void {
  for (const diagnostic of diagnostics)
    process.stderr.write(`${renderDiagnostic(diagnostic, { color: process.stderr.isTTY })}\n`);
}

export function loadSettingsOf(options: SettingsOptions): Settings {
  const overrides: Record<string, string> = {};
  for (const text of options.set ?? []) {
    const at = text.indexOf('=');
    if (at < 1) throw new ExitError(Exit.usage, `--set ${text}: write it as setting=value, such as kafka.brokers=127.0.0.1:9092`);
    overrides[text.slice(0, at)] = text.slice(at + 1);
  }
  const loaded = loadSettings({
    environment,
    overrides,
    ...(options.profile === undefined ? {} : { profile: options.profile }),
    ...(options.config === undefined ? {} : { configFiles: options.config }),
  });
  if (loaded.ok) return loaded.settings;
  printDiagnostics(loaded.diagnostics);
  throw new ExitError(Exit.invalid);
}
