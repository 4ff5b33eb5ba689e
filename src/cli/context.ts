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
import { createKafka, type KafkaOptions } from '../kafka/index.ts';
import { securityProperties } from '../kafka/security.ts';
import type { Kafka, KafkaAdmin } from '../kafka/types.ts';
import { loadPipelineWithPlugins, PluginFaults } from '../plugins/index.ts';
import { systemClock } from '../sdk/clock.ts';
import type { Logger } from '../sdk/logger.ts';
import { steps } from '../steps/index.ts';
import { createLogger } from '../telemetry/logger.ts';
import type { Settings } from '../topology/settings.ts';
import type { Pipeline } from '../topology/types.ts';
import { Exit, ExitError } from './exit.ts';
import { whileLoading } from './stray-errors.ts';

export { Exit, ExitError } from './exit.ts';

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

/** The log of a command: to standard error, as text on a terminal. */
export function loggerFor(settings: Settings, write: (line: string) => void = (line) => process.stderr.write(line)): Logger {
  const { level, format } = settings.log;
  const chosen = format === 'auto' ? (process.stderr.isTTY ? 'text' : 'json') : format;
  return createLogger({ level, format: chosen, write, now: () => systemClock.now() });
}

/** Clients of the cluster that the settings name. */
export function kafkaFor(settings: Settings, log: Logger, brokers = settings.kafka.brokers): Kafka {
  const options: KafkaOptions = { batches: settings.kafka.batches, log, clock: systemClock };
  const { security, options: properties } = settings.kafka;
  return createKafka({ brokers, clientId: 'millrace', options: { ...properties, ...securityProperties(security) } }, options);
}

/** A cluster for commands that look at it and end. */
export interface Cluster {
  readonly settings: Settings;
  readonly kafka: Kafka;
  readonly admin: KafkaAdmin;
  readonly log: Logger;
}

/** The cluster that the settings name. The embedded broker lives only as long as a run, so there is nothing in it to look at. */
export function clusterFor(options: SettingsOptions): Cluster {
  const settings = loadSettingsOf(options);
  if (settings.kafka.mode === 'embedded') {
    throw new ExitError(
      Exit.usage,
      'the embedded broker ends with its run: there is nothing to look at; choose another --profile',
    );
  }
  // Such a command ends with one clear error; what the client says on the way there would only repeat it.
  const log = loggerFor({ ...settings, log: { level: 'error', format: 'text' } });
  const kafka = kafkaFor(settings, log);
  return { settings, kafka, admin: kafka.admin(), log };
}
