import { readdir } from 'node:fs/promises';
import { resolve, sep } from 'node:path';

/** Directories that `**` goes down, so that a mount of a file system into itself ends. */
const MAX_DEPTH = 64;
/** Patterns that one pattern's braces may become. */
const MAX_ALTERNATIVES = 1000;

/** What a search found, and the directories that it could not look into. */
export interface GlobResult {
  readonly paths: readonly string[];
  readonly problems: ReadonlyMap<string, NodeJS.ErrnoException>;
}

/**
 * Searches files by globs. `*` and `?` match no leading dot and no separator, as in a shell. A last part without wildcard
 * is not looked up: the path is found whether it exists or not.
 */
export class Glob {
  readonly #includes: readonly (readonly string[])[];
  readonly #excludes: readonly RegExp[];
  readonly #names = new Map<string, RegExp>();

  constructor(include: readonly string[], exclude: readonly string[]) {
    this.#includes = include.flatMap(expandBraces).map((pattern) => resolve(pattern).split(sep).slice(1));
    this.#excludes = exclude.flatMap(expandBraces).map((pattern) => wholePath(resolve(pattern)));
  }

  /** Walks the patterns' directories. Paths come sorted and once. Symbolic links to directories are not entered by `**`. */
  async search(): Promise<GlobResult> {
    const found = new Set<string>();
    const problems = new Map<string, NodeJS.ErrnoException>();
    for (const segments of this.#includes) await this.#walk('', segments, { found, problems, depth: 0, guessed: false });
    const paths = [...found].filter((path) => !this.#excludes.some((exclude) => exclude.test(path)));
    return { paths: paths.sort(), problems };
  }

  async #walk(directory: string, segments: readonly string[], search: Search): Promise<void> {
    const [segment, ...rest] = segments;
    if (segment === undefined) return;
    if (segment === '**') {
      await this.#walkDeep(directory, rest.length > 0 ? rest : ['*'], { ...search, guessed: true });
    } else if (!isMagic(segment)) {
      const path = `${directory}${sep}${segment}`;
      if (rest.length === 0) search.found.add(path);
      else await this.#walk(path, rest, search);
    } else {
      const name = this.#nameOf(segment);
      for (const entry of await list(directory, search)) {
        if (!name.test(entry.name)) continue;
        const path = `${directory}${sep}${entry.name}`;
        if (rest.length === 0) {
          if (!entry.isDirectory()) search.found.add(path);
        } else if (entry.isDirectory() || entry.isSymbolicLink()) {
          await this.#walk(path, rest, { ...search, guessed: true });
        }
      }
    }
  }

  /** `**`: here, and in every directory below. */
  async #walkDeep(directory: string, rest: readonly string[], search: Search): Promise<void> {
    await this.#walk(directory, rest, search);
    if (search.depth >= MAX_DEPTH) return;
    for (const entry of await list(directory, search)) {
      if (!entry.isDirectory() || entry.name.startsWith('.')) continue;
      await this.#walkDeep(`${directory}${sep}${entry.name}`, rest, { ...search, depth: search.depth + 1 });
    }
  }

  #nameOf(segment: string): RegExp {
    let name = this.#names.get(segment);
    if (name === undefined) {
      name = new RegExp(`^${nameSource(segment)}$`, 's');
      this.#names.set(segment, name);
    }
    return name;
  }
}

interface Search {
  readonly found: Set<string>;
  readonly problems: Map<string, NodeJS.ErrnoException>;
  readonly depth: number;
  /** Whether a glob chose the directory: then nobody said that what the pattern names below it is there. */
  readonly guessed: boolean;
}

async function list(directory: string, search: Search) {
  try {
    return await readdir(directory === '' ? sep : directory, { withFileTypes: true });
  } catch (error) {
    const problem = error as NodeJS.ErrnoException;
    const absent = problem.code === 'ENOENT' || problem.code === 'ENOTDIR';
    if (!absent || !search.guessed) search.problems.set(directory, problem);
    return [];
  }
}

export function isMagic(segment: string): boolean {
  return /[*?[]/.test(segment);
}

/** `a{b,c}d` as `abd` and `acd`; braces may nest. One without its partner, or without a comma, is itself. */
export function expandBraces(pattern: string): string[] {
  const pending = [pattern];
  const done = new Set<string>();
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const braces = innermostBraces(next);
    if (braces === undefined || pending.length + done.size > MAX_ALTERNATIVES) {
      done.add(next);
      continue;
    }
    const [before, choices, after] = braces;
    for (const choice of choices.toReversed()) pending.push(before + choice + after);
  }
  return [...done];
}

function innermostBraces(pattern: string): [before: string, choices: string[], after: string] | undefined {
  const match = /\{([^{}]*,[^{}]*)\}/.exec(pattern);
  if (match === null) return undefined;
  const [whole, inside] = match;
  return [pattern.slice(0, match.index), (inside as string).split(','), pattern.slice(match.index + whole.length)];
}

/** A regular expression of a whole path's glob. */
export function wholePath(pattern: string): RegExp {
  const segments = pattern.split(sep).slice(1);
  const source = segments.map((segment, i) => {
    const last = i === segments.length - 1;
    if (segment === '**') return last ? '(?:/[^/]+)+' : '(?:/[^/]+)*';
    return `/${nameSource(segment)}`;
  });
  return new RegExp(`^${source.join('')}$`, 's');
}

/** The source of a regular expression for one level of a path. */
export function nameSource(segment: string): string {
  let source = /^[*?]/.test(segment) ? '(?!\\.)' : '';
  for (let i = 0; i < segment.length; i += 1) {
    const character = segment[i] as string;
    if (character === '*') {
      while (segment[i + 1] === '*') i += 1;
      source += '[^/]*';
    } else if (character === '?') {
      source += '[^/]';
    } else if (character === '[') {
      const close = segment.indexOf(']', i + 2);
      if (close < 0) {
        source += '\\[';
      } else {
        source += classSource(segment.slice(i + 1, close));
        i = close;
      }
    } else {
      source += character.replace(/[\\^$.|+(){}\]]/g, '\\$&');
    }
  }
  return source;
}

function classSource(inside: string): string {
  const negated = inside.startsWith('!') || inside.startsWith('^');
  const members = (negated ? inside.slice(1) : inside).replace(/[\\\]^[]/g, '\\$&');
  return negated ? `[^/${members}]` : `[${members}]`;
}
