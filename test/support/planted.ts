import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Plugin } from 'vitest/config';

/** A mistake put into the source as it is imported: in `file` (from the project's root) the text `find`, which is there once, becomes `put`. */
export interface SourceFault {
  readonly file: string;
  readonly find: string;
  readonly put: string;
}

const QUERY = '?planted=';

/** What an address says: the faults, and folders that have none and are shared with the right world, for they take time to load. */
interface World {
  readonly faults: readonly SourceFault[];
  readonly shared: readonly string[];
}

/** The address of a module whose imports, and theirs, have the faults in them: a world of its own beside the right one. */
export function planted(module: string, faults: readonly SourceFault[], shared: readonly string[] = []): string {
  const world: World = { faults, shared: shared.filter((folder) => !faults.some(({ file }) => file.startsWith(`${folder}/`))) };
  return `${module}${QUERY}${Buffer.from(JSON.stringify(world)).toString('base64url')}`;
}

/**
 * Loads what {@link planted} names. A module that is imported by one with a fault is loaded with it too, so that no part of the
 * right world gets into the wrong one. A fault that does not apply exactly once is an error: it would prove nothing.
 */
export function plantedModules(): Plugin {
  return {
    name: 'planted-modules',
    enforce: 'pre',
    resolveId(source, importer) {
      const at = importer?.indexOf(QUERY) ?? -1;
      if (importer === undefined || at < 0 || !source.startsWith('.') || source.includes('?')) return undefined;
      const file = resolve(dirname(importer.slice(0, at)), source);
      const { shared } = worldOf(importer, at);
      return shared.some((folder) => file.startsWith(`${resolve(folder)}/`)) ? file : `${file}${importer.slice(at)}`;
    },
    load(id) {
      const at = id.indexOf(QUERY);
      if (at < 0) return undefined;
      const file = id.slice(0, at);
      return worldOf(id, at)
        .faults.filter((fault) => resolve(fault.file) === file)
        .reduce(withFault, readFileSync(file, 'utf8'));
    },
  };
}

function worldOf(id: string, at: number): World {
  return JSON.parse(Buffer.from(id.slice(at + QUERY.length), 'base64url').toString()) as World;
}

function withFault(text: string, { file, find, put }: SourceFault): string {
  const pieces = text.split(find);
  if (pieces.length !== 2) throw new Error(`${file} has ${JSON.stringify(find)} ${pieces.length - 1} times, not once`);
  return pieces.join(put);
}
