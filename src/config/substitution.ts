import type { ErrorCode, ErrorParameters } from '../errors/index.ts';

/** What surrounds a pipeline: nothing but the command line reads the process's own environment. */
export interface Environment {
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** The text of a file; throws where it cannot be read. */
  readFile(path: string): string;
}

export interface SubstitutionProblem {
  readonly code: ErrorCode;
  readonly parameters: ErrorParameters;
  /** Where in the text before substitution. */
  readonly index: number;
  readonly length: number;
}

export interface Substituted {
  readonly text: string;
  /** Texts that came from secret files or variables, which are never shown. */
  readonly secrets: readonly string[];
  readonly problems: readonly SubstitutionProblem[];
  /** The index in the text before substitution of a character after it. */
  originOf(index: number): number;
}

interface Piece {
  readonly index: number;
  readonly length: number;
  readonly text: string;
  readonly verbatim: boolean;
}

const VARIABLE = /^([A-Z_][A-Z0-9_]*)(?::-([^]*))?$/;
/** A value that probably is a secret, wherever it is put. */
const SECRET_NAME = /PASS|SECRET|TOKEN|KEY|CREDENTIAL/;
const FILE = /^file:([^]+)$/;

/**
 * Fills in `${NAME}`, `${NAME:-default}` and `${file:/path}`; `$${` gives `${`. `:-` as in a POSIX shell: the default
 * also stands for a variable that is empty.
 */
export function substitute(text: string, environment: Environment, resolvePath: (path: string) => string): Substituted {
  const pieces: Piece[] = [];
  const problems: SubstitutionProblem[] = [];
  const secrets: string[] = [];
  let done = 0;
  for (let at = text.indexOf('${'); at !== -1; at = text.indexOf('${', done)) {
    const escaped = at > 0 && text[at - 1] === '$' && at - 1 >= done;
    const close = text.indexOf('}', at);
    pieces.push({ index: done, length: at - done, text: text.slice(done, escaped ? at - 1 : at), verbatim: true });
    if (escaped) {
      pieces.push({ index: at, length: 2, text: '${', verbatim: true });
      done = at + 2;
      continue;
    }
    const end = close === -1 ? text.length : close + 1;
    const found = close === -1 ? wrong(text.slice(at, end)) : lookUp(text.slice(at + 2, close), environment, resolvePath);
    if ('code' in found) problems.push({ ...found, index: at, length: end - at });
    else if (found.secret) secrets.push(found.text);
    pieces.push({ index: at, length: end - at, text: 'code' in found ? '' : found.text, verbatim: false });
    done = end;
  }
  pieces.push({ index: done, length: text.length - done, text: text.slice(done), verbatim: true });
  return { text: pieces.map((piece) => piece.text).join(''), secrets, problems, originOf: (index) => origin(pieces, index) };
}

type Found = { text: string; secret: boolean } | { code: ErrorCode; parameters: ErrorParameters };

function lookUp(reference: string, environment: Environment, resolvePath: (path: string) => string): Found {
  const file = FILE.exec(reference)?.[1];
  if (file !== undefined) return readSecret(file, environment, resolvePath);
  const variable = VARIABLE.exec(reference);
  if (variable === null) return wrong(`\${${reference}}`);
  const [, name = '', fallback] = variable;
  const value = Object.hasOwn(environment.variables, name) ? environment.variables[name] : undefined;
  if (value === undefined || (value === '' && fallback !== undefined)) {
    return fallback === undefined ? { code: 'CONFIG_VARIABLE_MISSING', parameters: { name } } : { text: fallback, secret: false };
  }
  return { text: value, secret: SECRET_NAME.test(name) };
}

function wrong(text: string): Found {
  return { code: 'CONFIG_VARIABLE_SYNTAX', parameters: { text: text.length > 40 ? `${text.slice(0, 40)}...` : text } };
}

/** The line break that editors and `kubectl` leave at the end of a secret is not a part of it. */
function readSecret(file: string, environment: Environment, resolvePath: (path: string) => string): Found {
  const path = resolvePath(file);
  try {
    return { text: environment.readFile(path).replace(/\r?\n$/, ''), secret: true };
  } catch (error) {
    return { code: 'CONFIG_SECRET_UNREADABLE', parameters: { path, reason: readingReason(error) } };
  }
}

function origin(pieces: readonly Piece[], index: number): number {
  let passed = 0;
  for (const piece of pieces) {
    if (index < passed + piece.text.length) return piece.verbatim ? piece.index + index - passed : piece.index;
    passed += piece.text.length;
  }
  const last = pieces.at(-1);
  return last === undefined ? 0 : last.index + last.length;
}

/** Why a file could not be read, in plain words. */
export function readingReason(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT') return 'there is no such file';
  if (code === 'EACCES' || code === 'EPERM') return 'permission denied';
  if (code === 'EISDIR') return 'it is a directory';
  return error instanceof Error ? error.message : String(error);
}

const INTEGER = /^[-+]?[0-9]+$/;
const FLOAT = /^[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?$/;

/** Reads a text as YAML 1.2's core schema reads a plain scalar (chapter 10.3.2); an empty one stays text. */
export function resolvePlain(text: string): string | number | boolean | null {
  if (/^(?:~|null|Null|NULL)$/.test(text)) return null;
  if (/^(?:true|True|TRUE)$/.test(text)) return true;
  if (/^(?:false|False|FALSE)$/.test(text)) return false;
  const number = INTEGER.test(text) || FLOAT.test(text) || /^0(?:o[0-7]+|x[0-9a-fA-F]+)$/.test(text) ? Number(text) : undefined;
  if (number === undefined || !Number.isFinite(number) || (INTEGER.test(text) && !Number.isSafeInteger(number))) return text;
  return number;
}
