import type { ConfigNode, MapEntry } from './node.ts';

/** Lays one file over another: mappings are merged key by key, everything else is replaced. Positions stay. */
export function mergeNodes(base: ConfigNode, over: ConfigNode): ConfigNode {
  if (base.kind !== 'map' || over.kind !== 'map') return over;
  const entries = new Map<string, MapEntry>(base.entries);
  for (const [key, entry] of over.entries) {
    const below = entries.get(key);
    entries.set(key, below === undefined ? entry : { ...entry, value: mergeNodes(below.value, entry.value) });
  }
  return { ...over, entries };
}
