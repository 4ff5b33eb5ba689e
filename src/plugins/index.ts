import { type Environment, type LoadedPipeline, loadPipeline, pluginNames, type Registry } from '../config/index.ts';
import { loadPlugins } from './load-plugins.ts';
import { PluginFaults } from './plugin.ts';
import { isOfPlugin, thrownText } from './thrown.ts';

/** Plugins: modules of users, loaded, contained, and put beside what is built in. */

export { loadPlugins } from './load-plugins.ts';
export { PluginFaults } from './plugin.ts';
export { type Defined, whoHas } from './registry-builder.ts';
export { thrownText } from './thrown.ts';

/** A pipeline whose plugins have been loaded. */
export interface PluggedPipeline {
  readonly loaded: LoadedPipeline;
  /** With what the plugins define. */
  readonly registry: Registry;
  /** The files that the plugins are made of. */
  readonly files: readonly string[];
}

/**
 * Loads the plugins that a pipeline file names, and then reads and checks the file by `loadPipeline`. Plugins are code: they run.
 * `faults` is told of what they do wrong later. Each call loads them anew.
 */
export async function loadPipelineWithPlugins(
  file: string,
  registry: Registry,
  environment: Environment,
  faults: PluginFaults = new PluginFaults(),
): Promise<PluggedPipeline> {
  const names = pluginNames(file, environment);
  if (names.length === 0) return { loaded: loadPipeline(file, registry, environment), registry, files: [] };
  const named = names.map((name) => ({ name, file }));
  const plugged = await loadPlugins(named, { registry, faults });
  try {
    const loaded = loadPipeline(file, plugged.registry, environment);
    return { ...plugged, loaded: loaded.ok ? { ...loaded, pipeline: { ...loaded.pipeline, code: plugged.code } } : loaded };
  } catch (error) {
    // A schema or a check of a plugin has thrown where it was asked about the file.
    if (!isOfPlugin(error)) throw error;
    const name = names.filter((each) => each !== undefined).join(', ');
    const problem = { index: 0, code: 'PLUGIN_NOT_LOADED', parameters: { name, reason: thrownText(error) } } as const;
    const plugins = { functions: [], problems: [problem] };
    return { ...plugged, loaded: loadPipeline(file, { ...registry, plugins }, environment) };
  }
}
