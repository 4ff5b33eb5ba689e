import { type ErrorCode, type ErrorParameters, errorMessage } from '../errors/index.ts';
import type { Span } from './source-text.ts';

export type Severity = 'error' | 'warning';

/** One thing to mend in a file, and where. Never holds a secret. */
export interface Diagnostic {
  readonly file: string;
  /** From 1; 0 where the file as a whole is meant. */
  readonly line: number;
  readonly column: number;
  /** How many characters are meant, on this line. */
  readonly length: number;
  readonly severity: Severity;
  readonly code: ErrorCode;
  readonly message: string;
  /** What was probably meant. */
  readonly suggestion?: string;
  /** The line as it stands in the file, secrets masked. */
  readonly sourceLine?: string;
}

const MASK = '******';

/** `https://user:password@host`: what stands before the `@`. */
const URL_CREDENTIALS = /(?<=\b[a-z][a-z0-9+.-]*:\/\/)[^\s/@"']+(?=@)/gi;

interface Entry {
  readonly span: Span;
  readonly severity: Severity;
  readonly code: ErrorCode;
  readonly message: string;
  readonly suggestion: string | undefined;
}

/** Collects what is wrong with a set of files, so that all of it is said at once. */
export class Diagnostics {
  readonly #entries = new Map<string, Entry>();
  readonly #secrets = new Set<string>();
  readonly #secretSpans: Span[] = [];

  error(code: ErrorCode, span: Span, parameters: ErrorParameters = {}, suggestion?: string): void {
    this.#add({ span, severity: 'error', code, message: errorMessage(code, parameters), suggestion });
  }

  warning(code: ErrorCode, span: Span, parameters: ErrorParameters = {}): void {
    this.#add({ span, severity: 'warning', code, message: errorMessage(code, parameters), suggestion: undefined });
  }

  /** For messages made elsewhere (the compiler of expressions). */
  report(code: ErrorCode, span: Span, message: string, suggestion?: string, severity: Severity = 'error'): void {
    this.#add({ span, severity, code, message, suggestion });
  }

  /** Makes sure that this text, and what stands there in the file, is in no message. */
  hide(secret: string, span?: Span): void {
    if (secret.length >= 3) this.#secrets.add(secret);
    if (span !== undefined) this.#secretSpans.push(span);
  }

  get hasErrors(): boolean {
    for (const entry of this.#entries.values()) if (entry.severity === 'error') return true;
    return false;
  }

  /** All of them by position, secrets masked. */
  list(): Diagnostic[] {
    const entries = [...this.#entries.values()];
    return entries.map((entry) => this.#render(entry)).sort(byPosition);
  }

  #add(entry: Entry): void {
    const { span, code, message } = entry;
    const key = `${span.source.file}\n${span.start}\n${code}\n${message}`;
    if (!this.#entries.has(key)) this.#entries.set(key, entry);
  }

  #render({ span, severity, code, message, suggestion }: Entry): Diagnostic {
    const { source, start, end } = span;
    const line = source.lineRange(start);
    return {
      file: source.file,
      ...source.position(start),
      length: Math.max(1, Math.min(end, line.end) - start),
      severity,
      code,
      message: this.#mask(message),
      ...(suggestion === undefined ? {} : { suggestion: this.#mask(suggestion) }),
      sourceLine: this.#mask(this.#withoutSecrets(span, line)),
    };
  }

  /** Secrets are masked character by character, so that the caret under the line stays in place. */
  #withoutSecrets(span: Span, line: { start: number; end: number }): string {
    let text = span.source.text.slice(line.start, line.end);
    for (const secret of this.#secretSpans) {
      const from = Math.max(secret.start, line.start) - line.start;
      const to = Math.min(secret.end, line.end) - line.start;
      if (secret.source === span.source && from < to) text = text.slice(0, from) + '*'.repeat(to - from) + text.slice(to);
    }
    return text.replaceAll(URL_CREDENTIALS, (credentials) => '*'.repeat(credentials.length));
  }

  #mask(text: string): string {
    let masked = text.replaceAll(URL_CREDENTIALS, MASK);
    for (const secret of this.#secrets) masked = masked.replaceAll(secret, MASK);
    return masked;
  }
}

/** The order in which diagnostics are told. */
export function byPosition(a: Diagnostic, b: Diagnostic): number {
  if (a.file !== b.file) return a.file < b.file ? -1 : 1;
  return a.line - b.line || a.column - b.column || (a.code < b.code ? -1 : a.code > b.code ? 1 : 0);
}

/** `file:line:column: error CODE: message`, as editors and CI read it. */
export function formatDiagnostic(diagnostic: Diagnostic): string {
  const { file, line, column, severity, code, message, suggestion } = diagnostic;
  // The compiler of expressions often says in its message what to write.
  const meant = suggestion === undefined || message.includes(suggestion) ? '' : `; did you mean ${suggestion}?`;
  return `${file}:${line}:${column}: ${severity} ${code}: ${oneLine(message)}${oneLine(meant)}`;
}

/** For people at a terminal: the formatted line, then the line of the file with a caret under what is meant. */
export function renderDiagnostic(diagnostic: Diagnostic, options: { color?: boolean } = {}): string {
  const { severity, line } = diagnostic;
  const paint = (code: number, text: string): string => (options.color === true ? `\u001b[${code}m${text}\u001b[0m` : text);
  const hue = severity === 'error' ? 31 : 33;
  const first = formatDiagnostic(diagnostic).replace(`: ${severity} `, `: ${paint(hue, severity)} `);
  const shown = windowOf(diagnostic);
  if (shown === undefined) return first;
  const gutter = ' '.repeat(String(line).length);
  const indent = shown.text.slice(0, shown.at).replaceAll(/[^\t]/g, ' ');
  return `${first}\n  ${line} | ${shown.text}\n  ${gutter} | ${indent}${paint(hue, '^'.repeat(shown.carets))}`;
}

const WIDEST = 160;

/** Control characters, which could drive a terminal. */
const CONTROL = /\p{Cc}/gu;

/** The part of a line around what is meant; `undefined` where there is nothing to show. */
function windowOf({ sourceLine = '', column, length }: Diagnostic): { text: string; at: number; carets: number } | undefined {
  const text = sourceLine.replaceAll(CONTROL, (character) => (character === '\t' ? character : '\uFFFD'));
  if (text.trim() === '') return undefined;
  const from = text.length <= WIDEST ? 0 : Math.max(0, Math.min(column - 1 - WIDEST / 2, text.length - WIDEST));
  const part = text.slice(from, from + WIDEST);
  const at = column - 1 - from;
  return { text: part, at, carets: Math.max(1, Math.min(length, part.length - at)) };
}

/** Text from a file must neither break the line nor drive the terminal. */
function oneLine(text: string): string {
  return text.replaceAll(/\s*\n\s*/g, ' ').replaceAll(CONTROL, '\uFFFD');
}
