import { dirname, resolve } from 'node:path';
import { Diagnostics } from './diagnostic.ts';
import { readSourceText } from './load-pipeline.ts';
import type { ConfigNode } from './node.ts';
import type { Environment } from './substitution.ts';
import { readYaml } from './yaml-reader.ts';

/**
 * What a pipeline file names under `plugins:`, by its place in that list; `undefined` for what is no text. What is wrong with the
 * file is for `loadPipeline` to say.
 */
export function pluginNames(file: string, environment: Environment): readonly (string | undefined)[] {
  const diagnostics = new Diagnostics();
  const source = readSourceText(file, environment, diagnostics);
  if (source === undefined || !/plugins\W/.test(source.text)) return [];
  const resolvePath = (path: string): string => resolve(dirname(resolve(file)), path);
  const root = readYaml({ source, environment, diagnostics, resolvePath });
  const list: ConfigNode | undefined = root?.kind === 'map' ? root.entries.get('plugins')?.value : undefined;
  if (list?.kind !== 'list') return [];
  return list.items.map((item) => (item.kind === 'scalar' && typeof item.value === 'string' ? item.value : undefined));
}
