import { dirname, resolve } from 'node:path';
import { pipelineJsonSchema, pluginNames, testJsonSchema } from '../config/index.ts';
import { errorMessage } from '../errors/index.ts';
import { loadPlugins, PluginFaults } from '../plugins/index.ts';
import { environment, registry } from './context.ts';
import { Exit } from './exit.ts';
import { whileLoading } from './stray-errors.ts';

/** `millrace schema`: the JSON Schema of pipeline files, with what the plugins of these files define. */
export async function schema(files: readonly string[]): Promise<number> {
  const named = new Map<string, { readonly name: string | undefined; readonly file: string }>();
  for (const file of files)
    for (const name of pluginNames(file, environment)) named.set(`${dirname(resolve(file))} ${name}`, { name, file });
  const faults = new PluginFaults();
  const plugged = await whileLoading(faults, () => loadPlugins([...named.values()], { registry, faults }));
  for (const { code, parameters } of plugged.registry.plugins?.problems ?? [])
    process.stderr.write(`millrace: warning ${code}: ${errorMessage(code, parameters)}; it is left out of the schema\n`);
  process.stdout.write(`${JSON.stringify(pipelineJsonSchema(plugged.registry), null, 2)}\n`);
  return Exit.done;
}

/** `millrace schema --tests`: the JSON Schema of test files, which is the same whatever plugins there are. */
export async function testSchema(): Promise<number> {
  process.stdout.write(`${JSON.stringify(testJsonSchema(), null, 2)}\n`);
  return Promise.resolve(Exit.done);
}
