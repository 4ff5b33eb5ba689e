import Module from 'node:module';

/**
 * CommonJS modules of plugins. Node loads them past the hooks of `import`, and `require` has none of its own, so that its loader is
 * asked here: what a plugin requires of Millrace, zod and rxjs is what the others import, one copy of each.
 */

/** The files that such modules were loaded from: their places in a stack do not say whose they are. */
export const commonJsFiles = new Set<string>();

/** What Node's loader is made of; it is what all tools hook into, and no more than that. */
interface Loader {
  _load(request: string, parent: { readonly filename?: string | null } | undefined, isMain: boolean): unknown;
  _resolveFilename(request: string, parent: unknown): string;
  readonly _cache: Record<string, { readonly filename?: string | null } | undefined>;
}

const loader = Module as unknown as Loader;
const SDK = 'millrace/sdk';
/** Packages that a plugin shares with Millrace, as in module-hooks.mjs. */
const SHARED = /^(rxjs|zod)(\/|$)/;

/**
 * `shared`: modules by the names that plugins require them by; other parts of the same packages are required from here.
 * `isEntry`: whether a file is one that a plugin imports.
 */
export function shareWithRequire(shared: ReadonlyMap<string, object>, isEntry: (file: string) => boolean): void {
  const own = Module.createRequire(import.meta.url);
  const load = loader._load;
  loader._load = (request, parent, isMain) => {
    if (request === SDK) return shared.get(SDK);
    // Node itself asks for the one that is imported, by its path.
    const from = parent === undefined ? request : parent.filename;
    if (typeof from !== 'string' || !(commonJsFiles.has(from) || isEntry(from)))
      return load.call(loader, request, parent, isMain);
    commonJsFiles.add(from);
    if (SHARED.test(request)) return shared.get(request) ?? own(request);
    if (/^\.{0,2}\//.test(request)) commonJsFiles.add(loader._resolveFilename(request, parent));
    return load.call(loader, request, parent, isMain);
  };
}

/** Lets them be loaded anew, as other modules are; those of packages stay. */
export function forgetCommonJs(): void {
  for (const file of ownFiles()) delete loader._cache[file];
}

/** The files of such modules that are loaded, packages left out. */
export function ownFiles(): string[] {
  return [...commonJsFiles].filter((file) => !file.includes('/node_modules/') && loader._cache[file] !== undefined);
}
