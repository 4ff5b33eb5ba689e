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
 * shown, and the old ones keep running. Files are looked at all the time: what is edited while a swap is tried again takes its place,
 * unless it is not valid. Settles when the signal is aborted.
 */
export async function watchPipelines(watching: Watching, signal: AbortSignal): Promise<void> {
  const { watch, log, show } = watching;
  let swapping: Promise<void> = Promise.resolve();
  let superseded = new AbortController();
  while (await hasChanged(watch, signal)) {
    const loaded = await loadAll(watching);
    watch.add(loaded.pluginFiles);
    if (loaded.told !== '') show(`${loaded.told}\n`);
    if (loaded.pipelines === undefined) {
      log.warn('the files that have changed are not valid: what ran before keeps running');
      continue;
    }
    superseded.abort(new Error('the files have changed again'));
    superseded = new AbortController();
    const either = AbortSignal.any([signal, superseded.signal]);
    const { pipelines } = loaded;
    swapping = swapping.then(() => swapUntilDone(pipelines, watching, either));
  }
  await swapping;
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
  /** Absent where any file is not valid. */
  readonly pipelines?: readonly Pipeline[];
  /** What is wrong with the files, or doubtful about them. */
  readonly told: string;
  readonly pluginFiles: readonly string[];
}> {
  const pipelines: Pipeline[] = [];
  const told: string[] = [];
  const pluginFiles: string[] = [];
  for (const file of files) {
    const { files: its, loaded } = await loadPipelineWithPlugins(file, registry, environment, faults);
    pluginFiles.push(...its);
    if (loaded.ok) pipelines.push(loaded.pipeline);
    told.push(...(loaded.ok ? loaded.warnings : loaded.diagnostics).map((each) => renderDiagnostic(each)));
  }
  return { ...(pipelines.length === files.length ? { pipelines } : {}), told: told.join('\n'), pluginFiles };
}

/** Swaps; where the cluster cannot be reached, again and again until it can, or the signal ends it. */
async function swapUntilDone(
  pipelines: readonly Pipeline[],
  { engine, log, clock }: Pick<Watching, 'engine' | 'log' | 'clock'>,
  signal: AbortSignal,
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
