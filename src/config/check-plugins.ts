import type { LoadContext } from './load-context.ts';
import type { MapNode } from './node.ts';

/** Says at its place in the file what has become of each plugin. */
export function checkPlugins(root: MapNode, { registry, options: { diagnostics } }: LoadContext): void {
  const plugins = root.entries.get('plugins');
  if (plugins?.value.kind !== 'list' || plugins.value.items.length === 0) return;
  if (registry.plugins === undefined) {
    diagnostics.error('PLUGINS_NOT_LOADED', plugins.keySpan);
    return;
  }
  for (const { index, code, parameters } of registry.plugins.problems) {
    diagnostics.error(code, plugins.value.items[index] ?? plugins.keySpan, parameters);
  }
}
