import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, isAbsolute, resolve } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { types } from 'node:util';
import type { PluginProblem, Registry } from '../config/load-context.ts';
import type { ErrorCode, ErrorParameters } from '../errors/index.ts';
import { isError, ownField, reasonOf } from '../errors/index.ts';
import { type Clock, systemClock } from '../sdk/clock.ts';
import { definitionKindOf } from '../sdk/definition.ts';
import type { PluginCode } from '../topology/types.ts';
import { importModule } from './module-loader.ts';
import { Plugin, type PluginFaults } from './plugin.ts';
import { RegistryBuilder } from './registry-builder.ts';
import { positionOf, shortPath, syntaxErrorIn, thrownText } from './thrown.ts';

export interface PluginsOfFile {
  /** The registry with what the plugins define, and what is wrong with them. */
  readonly registry: Registry;
  /** The files that the plugins are made of, for whoever watches them. */
  readonly files: readonly string[];
  readonly code: PluginCode;
}

/** A plugin as a file names it; what is no text has no name. */
export interface NamedPlugin {
  readonly name: string | undefined;
  /** The pipeline file. */
  readonly file: string;
}

/** Loads plugins, one after the other. Does not reject: what is wrong is told by the registry, by their place in the list. */
export async function loadPlugins(
  named: readonly NamedPlugin[],
  {
    registry,
    faults,
    clock = systemClock,
  }: { readonly registry: Registry; readonly faults: PluginFaults; readonly clock?: Clock },
): Promise<PluginsOfFile> {
  const builder = new RegistryBuilder(registry);
  const problems: PluginProblem[] = [];
  const files: string[] = [];
  for (const [index, { name, file }] of named.entries()) {
    // What is no text has been reported by the schema of the file.
    if (name === undefined) continue;
    const report = (code: ErrorCode, parameters: ErrorParameters): void => {
      problems.push({ index, code, parameters: { name: JSON.stringify(name), ...parameters } });
    };
    const plugin = new Plugin(name, faults);
    faults.loading(name);
    const loaded = await plugin.run(() => load(name, file, { report, clock }));
    // What its module has thrown where nobody waits for it comes now, while it is known whose it is.
    await setImmediate();
    files.push(...loaded.files);
    faults.loaded(name, loaded.files);
    for (const definition of loaded.definitions) builder.add(definition, plugin, report);
  }
  const code = { version: versionOf(files), isEverywhere: builder.isEverywhere };
  return { registry: builder.registry(problems), files, code };
}

/** A text for what is in the files. Packages have files that are not among them; those change with a new start. */
function versionOf(files: readonly string[]): string {
  const hash = createHash('sha256');
  for (const file of files.toSorted()) hash.update(`${file}\n`).update(existsSync(file) ? readFileSync(file) : '');
  return hash.digest('base64url');
}

type Report = (code: ErrorCode, parameters: ErrorParameters) => void;

async function load(
  name: string,
  file: string,
  { report, clock }: { readonly report: Report; readonly clock: Clock },
): Promise<{ readonly definitions: readonly object[]; readonly files: readonly string[] }> {
  const path = pathOf(name, file);
  if (path !== undefined && !existsSync(path)) {
    report('PLUGIN_NOT_FOUND', { reason: `there is no file ${shortPath(path)}` });
    // It may come: then it is loaded.
    return { definitions: [], files: [path] };
  }
  const { exports, error, files } = await importModule(name, resolve(file), clock);
  const all = path === undefined ? files : [...new Set([path, ...files])];
  if (exports === undefined) {
    await reportFailure(error, { name, file, files, report });
    return { definitions: [], files: all };
  }
  const definitions = definitionsIn(exports);
  if (definitions.length === 0) report('PLUGIN_EMPTY', { exports: Object.keys(exports).join(', ') || 'nothing' });
  return { definitions, files: all };
}

/** What is exported by its own name, or in a list of the default export; each once. */
function definitionsIn(exports: Readonly<Record<string, unknown>>): object[] {
  // What a CommonJS module exports is its default too, and Node does not know all of the names in it.
  const values = [...valuesOf(exports), ...valuesOf(exports['default'])].flatMap((value) => (isList(value) ? value : [value]));
  const definitions = values.filter((value): value is object => definitionKindOf(value) !== undefined);
  return [...new Set(definitions)];
}

/** A module may export anything: a proxy is not asked what it is, and fields may throw. */
function valuesOf(exported: unknown): unknown[] {
  if (typeof exported !== 'object' || exported === null || types.isProxy(exported)) return [];
  try {
    return Object.values(exported);
  } catch {
    return [];
  }
}

function isList(value: unknown): value is unknown[] {
  return !types.isProxy(value) && Array.isArray(value);
}

/** The path that a plugin's name is; `undefined` where it is that of a package. */
function pathOf(name: string, file: string): string | undefined {
  return name.startsWith('./') || name.startsWith('../') || isAbsolute(name) ? resolve(dirname(resolve(file)), name) : undefined;
}

async function reportFailure(
  error: unknown,
  { name, file, files, report }: { name: string; file: string; files: readonly string[]; report: Report },
): Promise<void> {
  const isMissing = ownField(error, 'code') === 'ERR_MODULE_NOT_FOUND';
  if (isMissing && files.length === 0) {
    report('PLUGIN_NOT_FOUND', { reason: notFound(name, file) });
    return;
  }
  if (isError(error) && error instanceof SyntaxError) {
    const text = reasonOf(error);
    const position = positionOf(error);
    const reason = position === undefined ? ((await syntaxErrorIn(files)) ?? text) : `${position}: ${text}`;
    report('PLUGIN_NOT_LOADED', { reason });
    return;
  }
  report('PLUGIN_NOT_LOADED', { reason: thrownText(error) });
}

function notFound(name: string, file: string): string {
  const directory = dirname(resolve(file));
  const beside = existsSync(resolve(directory, name)) ? `; the file beside the pipeline is "./${name}"` : '';
  return `there is no package ${name} that can be imported from ${shortPath(directory)} (install it there: npm install ${name})${beside}`;
}
