import { isAlias, isMap, isScalar, type Node, type Pair, type Scalar, type YAMLMap, type YAMLSeq } from 'yaml';
import type { Diagnostics } from './diagnostic.ts';
import type { ConfigNode, InvalidNode, ListNode, MapEntry, MapNode, ScalarNode } from './node.ts';
import { scalarOffsets } from './scalar-offsets.ts';
import { type SourceText, type Span, spanAt } from './source-text.ts';
import { type Environment, resolvePlain, substitute } from './substitution.ts';
import { unmaskVariables } from './variable-mask.ts';
import { isUnquotedTemplate, quoted, splitTexts } from './yaml-quoting.ts';
import { type ParsedYaml, parseYaml } from './yaml-recovery.ts';

/** Deeper nesting than any pipeline needs; a bound for the recursion. */
const MAX_DEPTH = 64;

export interface ReadContext {
  readonly source: SourceText;
  readonly environment: Environment;
  /** Makes a path in the file absolute. */
  resolvePath(path: string): string;
  readonly diagnostics: Diagnostics;
}

/**
 * Reads a configuration file: YAML, strictly. `undefined` where it cannot be used at all. Reports what YAML would
 * silently read as something else (tags, anchors, keys without value, expressions split or cut), and fills in variables.
 */
export function readYaml(context: ReadContext): ConfigNode | undefined {
  const parsed = parseYaml(context.source, context.diagnostics);
  if (!parsed.usable) return undefined;
  const { contents } = parsed.document;
  const { length } = context.source.text;
  if (contents === null || (isScalar(contents) && contents.value === null && contents.source === ''))
    return invalid(spanAt(context.source, 0, length));
  return new Reader(context, parsed).node(contents, 0);
}

class Reader {
  readonly #context: ReadContext;
  readonly #parsed: ParsedYaml;

  constructor(context: ReadContext, parsed: ParsedYaml) {
    this.#context = context;
    this.#parsed = parsed;
  }

  node(node: Node, depth: number): ConfigNode {
    const span = this.#span(node);
    if (depth > MAX_DEPTH)
      return this.#refuse(span, 'CONFIG_YAML_SYNTAX', { reason: `more than ${MAX_DEPTH} levels of nesting` });
    if (this.#isCut(span)) return invalid(span);
    const text = this.#textToEnd(span, node);
    if (isAlias(node)) return this.#refuse(span, 'CONFIG_ANCHOR', { text: text, quoted: quoted(text) });
    if (node.tag !== undefined) return this.#refuseTag(node, span);
    if (node.anchor !== undefined) return this.#refuseAnchor(node.anchor, span);
    if (isUnquotedTemplate(node)) {
      return this.#refuse(span, 'CONFIG_QUOTE', {
        what: 'template',
        quoted: quoted(text),
        reason: 'without quotes YAML reads {{ }} as mappings',
      });
    }
    if (isScalar(node)) return this.#scalar(node, span);
    return isMap(node)
      ? this.#map(node as YAMLMap<Node, Node | null>, span, depth)
      : this.#list(node as YAMLSeq<Node>, span, depth);
  }

  #map(map: YAMLMap<Node, Node | null>, span: Span, depth: number): MapNode {
    const splits = this.#reportSplits(map);
    const entries = new Map<string, MapEntry>();
    for (const pair of map.items) {
      const entry = this.#entry(pair, splits, depth);
      if (entry === undefined) continue;
      const first = entries.get(entry.key);
      if (first === undefined) entries.set(entry.key, entry);
      else this.#reportDuplicate(entry, first);
    }
    return { kind: 'map', ...span, entries };
  }

  #entry(pair: Pair<Node, Node | null>, splits: readonly Span[], depth: number): MapEntry | undefined {
    const keySpan = this.#span(pair.key);
    const key = this.#key(pair.key, keySpan);
    const inSplit = splits.find((split) => keySpan.start >= split.start && keySpan.end <= split.end);
    if (key === undefined || inSplit !== undefined) return undefined;
    const { value } = pair;
    const split = value !== null && splits.find((each) => each.start === value.range?.[0]);
    if (split) return { key, keySpan, value: invalid(split) };
    if (value === null || this.#isEmpty(value)) {
      const hint = 'write {} for no options, "" for an empty text, or take the key away';
      return { key, keySpan, value: this.#refuse(keySpan, 'CONFIG_MISSING_VALUE', { key: quoted(key), hint }) };
    }
    return { key, keySpan, value: this.node(value, depth + 1) };
  }

  #key(key: Node, span: Span): string | undefined {
    const { diagnostics } = this.#context;
    if (isScalar(key) && key.tag === undefined && key.anchor === undefined) {
      const text = unmaskVariables(typeof key.value === 'string' ? key.value : String(key.source ?? ''));
      if (text !== '__proto__' && text !== '') return text;
      diagnostics.error('CONFIG_INVALID_KEY', span, {
        key: quoted(text),
        reason: text === '' ? 'it is empty' : 'the name is refused for safety',
      });
      return undefined;
    }
    // A tag or an anchor stands before the key, and may be all there is on the line.
    const from = isScalar(key) ? span.source.lineRange(span.start).start : span.start;
    const text = span.source.text.slice(from, span.end).trim() || '""';
    diagnostics.error('CONFIG_INVALID_KEY', span, {
      key: text.length > 40 ? `${text.slice(0, 40)}...` : text,
      reason: 'keys are plain names; quote it if it is meant as text',
    });
    return undefined;
  }

  #list(list: YAMLSeq<Node>, span: Span, depth: number): ListNode {
    const splits = this.#reportSplits(list);
    const items: ConfigNode[] = [];
    for (const item of list.items) {
      const at = this.#span(item);
      const split = splits.find((each) => at.start >= each.start && at.end <= each.end);
      if (split !== undefined) {
        if (split.start === at.start) items.push(invalid(split));
      } else if (this.#isEmpty(item)) {
        items.push(
          this.#refuse(at, 'CONFIG_MISSING_VALUE', {
            key: 'the list item',
            hint: 'write a value after the "-", or take it away',
          }),
        );
      } else {
        items.push(this.node(item, depth + 1));
      }
    }
    return { kind: 'list', ...span, items };
  }

  #scalar(node: Scalar, span: Span): ConfigNode {
    const plain = node.type === 'PLAIN';
    const text = unmaskVariables(typeof node.value === 'string' ? node.value : String(node.source ?? ''));
    const offsetOf = scalarOffsets(span.source.text, node, text);
    const cutBy = plain ? commentAfter(span) : undefined;
    const base = { kind: 'scalar' as const, ...span, plain, ...(cutBy === undefined ? {} : { cutBy }) };
    if (!text.includes('${')) {
      if (typeof node.value === 'number' && tooLarge(text, node.value))
        return this.#refuse(span, 'CONFIG_NUMBER_TOO_LARGE', { text });
      return {
        ...base,
        value: typeof node.value === 'string' ? text : (node.value as ScalarNode['value']),
        secret: false,
        offsetOf,
      };
    }
    return this.#substituted(text, { ...base, offsetOf });
  }

  #substituted(text: string, base: Omit<ScalarNode, 'value' | 'secret'>): ConfigNode {
    const { environment, diagnostics, resolvePath } = this.#context;
    const filled = substitute(text, environment, (path) => resolvePath(path));
    for (const { code, parameters, index, length } of filled.problems) {
      diagnostics.error(code, spanAt(base.source, base.offsetOf(index), base.offsetOf(index + length - 1) + 1), parameters);
    }
    if (filled.problems.length > 0) return invalid(base);
    for (const secret of filled.secrets) diagnostics.hide(secret);
    const value = base.plain ? resolvePlain(filled.text) : filled.text;
    return { ...base, value, secret: filled.secrets.length > 0, offsetOf: (index) => base.offsetOf(filled.originOf(index)) };
  }

  /** A tag hides what follows it from the value: `!success` is the tag `!success` of an empty text. */
  #refuseTag(node: Node, span: Span): InvalidNode {
    const line = span.source.lineRange(Math.max(0, span.start - 1));
    const bang = span.source.text.lastIndexOf('!', span.start - 1);
    const whole = spanAt(
      span.source,
      Math.max(bang === -1 ? span.start : startOfTag(span, bang), line.start),
      Math.max(span.end, span.start),
    );
    const text = this.#textToEnd(whole, node);
    return this.#refuse(whole, 'CONFIG_QUOTE', { what: 'expression', quoted: quoted(text), reason: '! begins a tag in YAML' });
  }

  #refuseAnchor(anchor: string, span: Span): InvalidNode {
    const start = span.source.text.lastIndexOf(`&${anchor}`, span.start);
    const whole = spanAt(span.source, start === -1 ? span.start : start, start === -1 ? span.end : start + anchor.length + 1);
    return this.#refuse(whole, 'CONFIG_ANCHOR', { text: `&${anchor}`, quoted: quoted(`&${anchor}`) });
  }

  #refuse(span: Span, code: Parameters<Diagnostics['error']>[0], parameters: Record<string, string | number>): InvalidNode {
    this.#context.diagnostics.error(code, span, parameters);
    return invalid(span);
  }

  #reportDuplicate(entry: MapEntry, first: MapEntry): void {
    const { line } = first.keySpan.source.position(first.keySpan.start);
    this.#context.diagnostics.error('CONFIG_DUPLICATE_KEY', entry.keySpan, { key: quoted(entry.key), line });
  }

  #reportSplits(node: Node): Span[] {
    const { source, diagnostics } = this.#context;
    return splitTexts(node, source.text).map(([start, end]) => {
      const span = spanAt(source, start, end);
      const reason = 'without quotes YAML splits it at the comma';
      diagnostics.error('CONFIG_QUOTE', span, { what: 'expression', quoted: quoted(source.text.slice(start, end)), reason });
      return span;
    });
  }

  #isEmpty(node: Node): boolean {
    return isScalar(node) && node.value === null && node.source === '' && node.tag === undefined && node.anchor === undefined;
  }

  #isCut(span: Span): boolean {
    return this.#parsed.cut.some((cut) => cut.start <= span.start && span.end <= cut.end);
  }

  #span(node: Node): Span {
    const [start, end] = node.range ?? [0, 0];
    return spanAt(this.#context.source, start, end);
  }

  /** A node's text as the file has it. */
  #textToEnd(span: Span, node: Node): string {
    const end = isScalar(node) ? span.source.lineRange(span.start).end : span.end;
    return span.source.text.slice(span.start, Math.max(end, span.end)).trimEnd();
  }
}

function invalid(span: Span): InvalidNode {
  return { kind: 'invalid', source: span.source, start: span.start, end: span.end };
}

/** `!x`, `!!x` and `!<x>` begin at their first `!`. */
function startOfTag(span: Span, bang: number): number {
  let start = bang;
  while (start > 0 && /[^\s]/.test(span.source.text[start - 1] as string)) start -= 1;
  return start;
}

/** The comment that follows a plain scalar on its line. */
function commentAfter(span: Span): string | undefined {
  const rest = span.source.text.slice(span.end, span.source.lineRange(span.end).end);
  return /^[ \t]+(#.*)$/.exec(rest)?.[1]?.trimEnd();
}

function tooLarge(text: string, value: number): boolean {
  return Number.isInteger(value) && !Number.isSafeInteger(value) && /^[-+]?\d+$/.test(text);
}
