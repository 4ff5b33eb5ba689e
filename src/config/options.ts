import type { z } from 'zod';
import type { ErrorCode } from '../errors/index.ts';
import { foreignFields } from '../expression/index.ts';
import type { ScalarKind } from '../sdk/introspect.ts';
import { CompiledOption } from '../sdk/option.ts';
import type { OptionProblem } from '../sdk/step.ts';
import type { Diagnostics } from './diagnostic.ts';
import { type ConfigNode, locate, type ScalarNode, toPlain } from './node.ts';
import { reportIssues, reportUnknownKey } from './schema-issues.ts';
import { walkSchema } from './schema-walk.ts';
import { type SourceText, type Span, spanAt } from './source-text.ts';
import { quoted } from './yaml-quoting.ts';

/** What is wrong with an expression; offsets are in its text. */
export interface TextProblem {
  readonly code: ErrorCode;
  readonly message: string;
  readonly offset: number;
  readonly length: number;
  readonly suggestion?: string | undefined;
  /** Absent: it is an error. */
  readonly severity?: 'warning' | undefined;
}

export interface OptionsContext {
  readonly diagnostics: Diagnostics;
  /** Makes a path that stands in this file absolute. */
  resolvePath(path: string, source: SourceText): string;
  /** Compiles an expression, template or `map` program, and says what is wrong with it. */
  bind(option: CompiledOption): readonly TextProblem[];
  /** Called for every value that names a topic. */
  topic(node: ScalarNode): void;
}

export interface OptionsPlace {
  /** `the step "parse"` */
  readonly name: string;
  /** Where something missing is reported. */
  readonly owner: Span;
}

/** What a definition finds wrong with options that its schema accepts. */
export type CheckOptions<T> = (options: T) => readonly OptionProblem[];

export type Checked<T> = { readonly ok: true; readonly value: T } | { readonly ok: false };

/**
 * Checks options by their schema, makes paths absolute and compiles the expressions in them. Everything wrong is
 * reported, also the expressions of options that the schema refuses.
 */
export function checkOptions<T>(
  schema: z.ZodType<T>,
  node: ConfigNode,
  place: OptionsPlace,
  context: OptionsContext,
  check?: CheckOptions<T>,
): Checked<T> {
  if (node.kind === 'invalid') return { ok: false };
  const { diagnostics } = context;
  let ok = true;
  const paths = new Map<ScalarNode, string>();
  const texts: [ScalarKind, ScalarNode][] = [];
  walkSchema([schema], node, {
    scalar: (kind, scalar) => {
      if (kind === 'secret') diagnostics.hide(String(scalar.value), scalar);
      if (typeof scalar.value !== 'string') return;
      if ((kind === 'path' || kind === 'path_pattern') && scalar.value !== '') {
        const anywhere = kind === 'path_pattern' && scalar.value.startsWith('**/');
        paths.set(scalar, anywhere ? `/${scalar.value}` : context.resolvePath(scalar.value, scalar.source));
      } else if (kind === 'topic') context.topic(scalar);
      else texts.push([kind, scalar]);
    },
    unknownKey: (entry, schemas, path) => {
      ok = false;
      reportUnknownKey(entry, schemas, { path, place: place.name, diagnostics });
    },
  });
  const result = schema.safeParse(toPlain(node, (scalar) => paths.get(scalar) ?? scalar.value));
  if (!result.success) {
    reportIssues(result.error.issues, { schema, node, place: place.name, owner: place.owner, diagnostics });
    for (const [kind, scalar] of texts) checkText(kind, scalar, context);
    return { ok: false };
  }
  const bound = bindAll(result.data, node, [], context);
  if (!ok || !bound || hasInvalid(node)) return { ok: false };
  const found = check?.(result.data) ?? [];
  for (const problem of found) reportProblems([problem], locate(node, [...problem.path]).node, diagnostics);
  return found.length === 0 ? { ok: true, value: result.data } : { ok: false };
}

/** Compiles an expression of options that are refused as a whole, only to report what is wrong with it too. */
function checkText(kind: ScalarKind, scalar: ScalarNode, context: OptionsContext): void {
  // What an expression over a match may ask is known only of options that are right.
  if (kind !== 'expression' && kind !== 'template' && kind !== 'url' && kind !== 'map' && kind !== 'aggregate') return;
  const option = new CompiledOption(kind, String(scalar.value));
  reportProblems(context.bind(option), scalar, context.diagnostics);
}

/** Binds every compiled option in a validated value. A path in the value is the path in the file. */
function bindAll(value: unknown, root: ConfigNode, path: PropertyKey[], context: OptionsContext): boolean {
  if (value instanceof CompiledOption) {
    const { node } = locate(root, path);
    const problems = context.bind(value);
    reportProblems(problems, node, context.diagnostics);
    if (problems.length === 0) doubtTemplate(value, node, context.diagnostics);
    return problems.length === 0;
  }
  if (typeof value !== 'object' || value === null) return true;
  let ok = true;
  const entries: Iterable<[PropertyKey, unknown]> = Array.isArray(value)
    ? value.entries()
    : value instanceof Map
      ? value
      : Object.entries(value);
  for (const [key, item] of entries) ok = bindAll(item, root, [...path, key], context) && ok;
  return ok;
}

/** Warns of fields as other tools write them, unless the file says by `$${` that it means the text. */
function doubtTemplate({ language, text }: CompiledOption, node: ConfigNode, diagnostics: Diagnostics): void {
  if (language !== 'template' && language !== 'url') return;
  const found = foreignFields(text);
  if (found.length > 0 && !node.source.text.slice(node.start, node.end).includes('$${')) reportProblems(found, node, diagnostics);
}

export function reportProblems(problems: readonly TextProblem[], node: ConfigNode, diagnostics: Diagnostics): void {
  if (problems.length > 0 && node.kind === 'scalar' && node.cutBy !== undefined) {
    const whole = spanAt(node.source, node.start, node.source.lineRange(node.start).end);
    const text = node.source.text.slice(whole.start, whole.end).trimEnd();
    diagnostics.error('CONFIG_QUOTE', whole, {
      what: 'expression',
      quoted: quoted(text),
      reason: `YAML takes "${node.cutBy}" for a comment`,
    });
    return;
  }
  for (const { code, message, offset, length, suggestion, severity } of problems)
    diagnostics.report(code, spanOf(node, offset, length), message, suggestion, severity);
}

export function spanOf(node: ConfigNode, offset: number, length: number): Span {
  if (node.kind !== 'scalar') return node;
  const start = node.offsetOf(offset);
  return spanAt(node.source, start, length > 0 ? node.offsetOf(offset + length - 1) + 1 : start);
}

function hasInvalid(node: ConfigNode): boolean {
  if (node.kind === 'list') return node.items.some(hasInvalid);
  if (node.kind === 'map') return [...node.entries.values()].some(({ value }) => hasInvalid(value));
  return node.kind === 'invalid';
}
