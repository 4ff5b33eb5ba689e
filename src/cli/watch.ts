import { type Environment, type Registry, renderDiagnostic } from '../config/index.ts';
import { isMillraceError, reasonOf } from '../errors/index.ts';
import { loadPipelineWithPlugins, type PluginFaults } from '../plugins/index.ts';
import type { Engine } from '../runtime/engine.ts';
import type { Clock } from '../sdk/clock.ts';
import type { Logger } from '../sdk/logger.ts';
import type { Pipeline } from '../topology/types.ts';
import type { FileWatch } from './file-watch.ts';

/** How long it takes until a definition that the cluster could not take for a reason that may pass is tried again, in ms. */
const RETRY_MS = 5_000;

export interface Watching {
  /** The pipeline files. */
  readonly files: readonly string[];
  /** Looks at these, and at the files of their plugins. */
  readonly watch: FileWatch;
  readonly engine: Pick<Engine, 'swap'>;
  readonly registry: Registry;
  readonly environment: Environment;
  readonly faults: PluginFaults;
  readonly clock: Clock;
  readonly log: Logger;
  /** Shows what is wrong with a file. */
  readonly show: (text: string) => void;
}

/**
 * Swaps the definitions of a run for those of its files whenever these, or the files of their plugins, have changed. What is wrong is
 * shown, and the old ones keep running. Settles when the signal is aborted.
 */
export async function watchPipelines(watching: Watching, signal: AbortSignal): Promise<void> {
  const { watch, engine, log, clock, show } = watching;
  while (await hasChanged(watch, signal)) {
    const loaded = await loadAll(watching);
    watch.add(loaded.pluginFiles);
    if (loaded.pipelines === undefined) {
      show(`${loaded.problems}\n`);
      log.warn('the files that have changed are not valid: what ran before keeps running');
      continue;
    }
    await swapUntilDone(loaded.pipelines, { engine, log, clock, signal });
  }
}

async function hasChanged(watch: FileWatch, signal: AbortSignal): Promise<boolean> {
  try {
    await watch.changed(signal);
    return true;
  } catch {
    return false;
  }
}

async function loadAll({ files, registry, environment, faults }: Watching): Promise<{
  readonly pipelines?: readonly Pipeline[];
  readonly problems: string;
  readonly pluginFiles: readonly string[];
}> {
  const pipelines: Pipeline[] = [];
  const problems: string[] = [];
  const pluginFiles: string[] = [];
  for (const file of files) {
    const plugged = await loadPipelineWithPlugins(file, registry, environment, faults);
    pluginFiles.push(...plugged.files);
    if (plugged.loaded.ok) pipelines.push(plugged.loaded.pipeline);
    else problems.push(...plugged.loaded.diagnostics.map((each) => renderDiagnostic(each)));
  }
  return { ...(problems.length === 0 ? { pipelines } : {}), problems: problems.join('\n'), pluginFiles };
}

/** Swaps; where the cluster cannot be reached, again and again until it can. */
async function swapUntilDone(
  pipelines: readonly Pipeline[],
  { engine, log, clock, signal }: Pick<Watching, 'engine' | 'log' | 'clock'> & { readonly signal: AbortSignal },
): Promise<void> {
  while (!signal.aborted) {
    try {
      const { begun, ended, kept } = await engine.swap(pipelines);
      if (begun.length === 0 && ended.length === 0) log.info('the files have changed, and the tasks have not');
      else log.info(`swapped: ${listed('new or changed', begun)}${listed('gone', gone(ended, begun))}${kept.length} as before`);
      return;
    } catch (error) {
      if (signal.aborted) return;
      const isFinal = isMillraceError(error) && error.retry === 'never';
      log.warn(`${reasonOf(error)}; what ran before keeps running${isFinal ? '' : ', and it is tried again'}`);
      if (isFinal) return;
      await clock.sleep(RETRY_MS, signal).catch(() => undefined);
    }
  }
}

function gone(ended: readonly string[], begun: readonly string[]): readonly string[] {
  return ended.filter((name) => !begun.includes(name));
}

function listed(what: string, names: readonly string[]): string {
  return names.length === 0 ? '' : `${names.join(', ')} ${what}, `;
}
