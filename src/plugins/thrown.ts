import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isError, reasonOf, stackOf } from '../errors/index.ts';
import { BOUNDARY } from './at-work.ts';
import { commonJsFiles } from './commonjs.ts';

const MOST_FRAMES = 4;
const LONGEST_REASON = 500;
/** How a module of a plugin is known: see module-hooks.mjs. */
const ADDRESS = /file:\/\/[^\s():]+\?millrace=\d+/;
const ADDRESSES = new RegExp(ADDRESS, 'g');
const LOAD = /\?millrace=\d+$/;
const FRAME = /^\s*at (.*)$/;
/** The file in any place, with its line and column. */
const PLACE = /(?<=^|\(|async )(file:\/\/[^\s()]+|\/[^():]+):(\d+:\d+)(?=\)?$)/;

/**
 * Whether code of a plugin was at work when an error was made, or nobody's: Millrace throws errors only, and they were made in its own
 * files, so that what has no file in its stack came by way of a plugin.
 */
export function isOfPlugin(error: unknown): boolean {
  return framesOf(error).length > 0 || isOfNobody(error);
}

export function isOfNobody(error: unknown): boolean {
  return !isError(error) || !/file:\/\/|\/node_modules\/|^\s*at .*\.c?js:\d+/m.test(stackOf(error));
}

/** Of an error that no plugin's file is in: whether code of Millrace was at work when it was made, or of Kafka's client. */
export function isOfMillrace(error: unknown): boolean {
  const files = linesOf(error).flatMap((frame) => anyFileAt(frame) ?? []);
  const called = files.indexOf(BOUNDARY);
  return files.slice(0, called < 0 ? undefined : called).some(isOwnFile);
}

/** The files of plugins that were at work when an error was made, the innermost first. */
export function filesIn(error: unknown): string[] {
  return framesOf(error).flatMap((frame) => fileAt(frame) ?? []);
}

/** What a plugin has thrown, with where in its files that was: `no such field, at score (bot-score.ts:10:5)`. */
export function thrownText(error: unknown): string {
  const reason = withPaths(reasonOf(error));
  const frames = placesOf(error)
    .slice(0, MOST_FRAMES)
    .map((frame) => `at ${frame}`);
  const cut = reason.length > LONGEST_REASON ? `${reason.slice(0, LONGEST_REASON)}...` : reason;
  return frames.length === 0 ? cut : `${cut}, ${frames.join(', ')}`;
}

/** A position that stands in front of an error of the module loader: `file:///p.ts:3` of an import of what is not there. */
export function positionOf(error: unknown): string | undefined {
  const match = /^(file:\/\/[^\s]+\?millrace=\d+):(\d+)/.exec(stackOf(error));
  return match === null ? undefined : `${pathOf(match[1] as string)}:${match[2]}`;
}

/** Where a module of plain JavaScript is no JavaScript; the engine says only that. */
export async function syntaxErrorIn(files: readonly string[]): Promise<string | undefined> {
  const { transformSync } = await import('@swc/wasm-typescript');
  for (const file of files.filter((one) => /\.[cm]?js$/.test(one))) {
    try {
      transformSync(readFileSync(file, 'utf8'), { mode: 'strip-only', module: true, filename: file });
    } catch (error) {
      const { startLine, startColumn, message } = error as { startLine?: number; startColumn?: number; message: string };
      if (startLine !== undefined) return `${shortPath(file)}:${startLine}:${(startColumn ?? 0) + 1}: ${message}`;
    }
  }
  return undefined;
}

/** A path as it is said from where the process runs. */
export function shortPath(path: string): string {
  const short = relative('', path);
  return short === '' || short.startsWith('..') ? path : short;
}

/** Where in plugins it was; or where in the package that one of them uses. */
function placesOf(error: unknown): string[] {
  const frames = framesOf(error);
  if (frames.length > 0) return frames.map(withPaths);
  const first = linesOf(error).find((frame) => anyFileAt(frame) !== undefined) ?? '';
  const file = anyFileAt(first);
  return file === undefined || isOwnFile(file) ? [] : [first.replace(PLACE, `${shortPath(file)}:$2`)];
}

function framesOf(error: unknown): string[] {
  return linesOf(error).filter((frame) => fileAt(frame) !== undefined);
}

/** The places in a stack. */
function linesOf(error: unknown): string[] {
  return stackOf(error)
    .split('\n')
    .flatMap((line) => FRAME.exec(line)?.[1] ?? []);
}

/** The file that a place in a stack is in, whoever's it is; `undefined`: it is in none. */
function anyFileAt(frame: string): string | undefined {
  const path = PLACE.exec(frame)?.[1];
  return path?.startsWith('file:') === true ? fileOf(path) : path;
}

function isOwnFile(file: string): boolean {
  ownFolders ??= findOwnFolders();
  return ownFolders.some((folder) => file.startsWith(folder));
}

/** The file of a plugin that a place in a stack is in; `undefined`: it is in none. */
function fileAt(frame: string): string | undefined {
  const [address] = ADDRESS.exec(frame) ?? [];
  if (address !== undefined) return fileOf(address);
  const path = anyFileAt(frame);
  return path !== undefined && commonJsFiles.has(path) ? path : undefined;
}

/** Where only the address of a file is to be said, its path. */
function withPaths(text: string): string {
  const path = PLACE.exec(text)?.[1];
  const short = path === undefined || !commonJsFiles.has(path) ? text : text.replace(path, shortPath(path));
  return short.replaceAll(ADDRESSES, pathOf);
}

function pathOf(address: string): string {
  return shortPath(fileOf(address));
}

/** The path of an address. A stack may be of a plugin's own making: what is no address of a file is left as it is. */
function fileOf(address: string): string {
  try {
    return fileURLToPath(address.replace(LOAD, ''));
  } catch {
    return address;
  }
}

let ownFolders: readonly string[] | undefined;

/** Where Millrace's code is, built or not, and Kafka's client. Packages may lie beside it, or in it. */
function findOwnFolders(): string[] {
  const require = createRequire(import.meta.url);
  const millrace = dirname(require.resolve('millrace/package.json'));
  const folders = ['dist', 'src', 'connectors'].map((name) => join(millrace, name));
  return [...folders, dirname(require.resolve('node-rdkafka/package.json'))].map((folder) => folder + sep);
}
