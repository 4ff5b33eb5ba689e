import { type Document, LineCounter, parseDocument, visit, type YAMLParseError } from 'yaml';
import type { Diagnostics } from './diagnostic.ts';
import { type SourceText, type Span, spanAt } from './source-text.ts';
import { maskVariables } from './variable-mask.ts';
import { quoted } from './yaml-quoting.ts';

/** Reports of a file with very many mistakes end here; mending the first ones is enough to go on. Each costs a parse, so that large files have fewer. */
const MOST_REPAIRS = 40;
/** More open brackets than any file has. The parser recurses, and would take the process down with a few thousand. */
const MAX_OPEN = 200;
const MOST_SYNTAX_ERRORS = 10;
const MOST_PARSED = 200_000;

export interface ParsedYaml {
  readonly document: Document;
  /** Whether the tree can be used: every mistake could be cut out. Variables in it are masked. */
  readonly usable: boolean;
  /** What was cut out, already reported. */
  readonly cut: readonly Span[];
}

/**
 * Parses YAML and reports what it does not understand. Nearly always that is an expression without quotes
 * (`filter: a ? b : c`), which is said in those words and cut out, so that the rest of the file is still checked.
 */
export function parseYaml(source: SourceText, diagnostics: Diagnostics): ParsedYaml {
  const cut: Span[] = [];
  const deep = tooDeep(source.text);
  if (deep !== undefined)
    return refuse(spanAt(source, deep, deep + 1), `more than ${MAX_OPEN} brackets or dashes open`, diagnostics);
  const most = Math.min(MOST_REPAIRS, Math.floor(MOST_PARSED / source.text.length));
  let text = maskVariables(source.text);
  for (let repairs = 0; ; repairs += 1) {
    const document = parseWithinStack(text);
    if (document === undefined) return refuse(mostKeys(source), 'more keys within keys than can be read', diagnostics);
    const error = document.errors[0];
    if (error === undefined) return { document, usable: true, cut };
    const escaped = repairs < most && error.code === 'BAD_DQ_ESCAPE' ? doubleQuoted(source, text, error.pos[0]) : undefined;
    const value = escaped ?? (repairs < most ? unquotedValue(source, text, error) : undefined);
    if (value === undefined) {
      const errors = document.errors.filter((each, i) => i === 0 || !isEcho(each)).slice(0, MOST_SYNTAX_ERRORS);
      for (const each of errors) reportSyntax(source, document, each, diagnostics);
      return { document, usable: false, cut };
    }
    if (escaped === undefined) reportUnquoted(value, error, diagnostics);
    else reportEscape(escaped, text.slice(error.pos[0], error.pos[0] + 2), diagnostics);
    cut.push(value);
    text = `${text.slice(0, value.start)}${'x'.repeat(value.end - value.start)}${text.slice(value.end)}`;
  }
}

function refuse(at: Span, tooMuch: string, diagnostics: Diagnostics): ParsedYaml {
  diagnostics.error('CONFIG_YAML_SYNTAX', at, { reason: `there are ${tooMuch} here` });
  return { document: parse(''), usable: false, cut: [] };
}

/** Where nesting goes too deep; texts in quotes count too, which hardly matters where brackets come in pairs. */
function tooDeep(text: string): number | undefined {
  let open = 0;
  for (let i = 0; i < text.length; i += 1) {
    const character = text[i];
    if (character === '[' || character === '{') open += 1;
    else if (character === ']' || character === '}') open = Math.max(0, open - 1);
    if (open > MAX_OPEN) return i;
  }
  const dashes = text.search(/(?:[-?:][ \t]+){200}/);
  return dashes === -1 ? undefined : dashes;
}

function parse(text: string): Document {
  // Duplicate keys are found later, where the first one's line is known.
  return parseDocument(text, {
    lineCounter: new LineCounter(),
    prettyErrors: false,
    uniqueKeys: false,
    version: '1.2',
    schema: 'core',
  });
}

/** `undefined` where the parser, which recurses, ends the stack: a line of hundreds of keys (`"a: "a: "a: `). */
function parseWithinStack(text: string): Document | undefined {
  try {
    return parse(text);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** The line with the most signs of keys. */
function mostKeys(source: SourceText): Span {
  let most = { start: 0, end: 0, keys: -1 };
  for (let at = 0; at < source.text.length; ) {
    const { start, end } = source.lineRange(at);
    const keys = source.text.slice(start, end).split(': ').length;
    if (keys > most.keys) most = { start, end, keys };
    at = source.text.indexOf('\n', at) + 1 || source.text.length;
  }
  return spanAt(source, most.start, most.end);
}

const KEY_AND_VALUE = /^(\s*(?:-[ \t]+)*(?:[^\s'"#&*!|>%@`{}[\],:-][^\s:]*|"[^"]*"|'[^']*')[ \t]*:[ \t]+)(\S.*)$/;
const ITEM = /^(\s*(?:-[ \t]+)+)(\S.*)$/;

/** The value on the error's line, where quotes around it would mend the file. */
function unquotedValue(source: SourceText, text: string, error: YAMLParseError): Span | undefined {
  if (error.code === 'MULTIPLE_DOCS' || error.code === 'TAB_AS_INDENT') return undefined;
  const line = source.lineRange(error.pos[0]);
  const match = KEY_AND_VALUE.exec(text.slice(line.start, line.end)) ?? ITEM.exec(text.slice(line.start, line.end));
  const value = match?.[2]?.trimEnd();
  if (match === null || value === undefined) return undefined;
  const start = line.start + (match[1] as string).length;
  if (error.pos[0] < start || !needsQuotes(value)) return undefined;
  return spanAt(source, start, start + value.length);
}

/** The text in double quotes, on one line, in which `at` is. */
function doubleQuoted(source: SourceText, text: string, at: number): Span | undefined {
  const { start, end } = source.lineRange(at);
  for (const match of text.slice(start, end).matchAll(/"(?:[^"\\]|\\.)*"/g)) {
    const from = start + match.index;
    if (from <= at && at < from + match[0].length) return spanAt(source, from, from + match[0].length);
  }
  return undefined;
}

/** In double quotes a backslash begins an escape of YAML's, in single quotes it is a backslash: `'\d+'`. */
function reportEscape(value: Span, written: string, diagnostics: Diagnostics): void {
  const inside = value.source.text.slice(value.start + 1, value.end - 1).replaceAll('\\"', '"');
  const reason = `in double quotes YAML takes ${written} for an escape, and knows none of this name`;
  diagnostics.error('CONFIG_QUOTE', value, { what: 'text', quoted: `'${inside.replaceAll("'", "''")}'`, reason });
}

function needsQuotes(value: string): boolean {
  if (/^[|>][-+0-9]*(\s+#.*)?$/.test(value)) return false;
  const first = value[0] as string;
  if (first === '"' || first === "'") return closingQuote(value) !== -1;
  if (first === '[' || first === '{') return balanced(value);
  return '@`%*>|-?&!'.includes(first) || /:(\s|$)/.test(value) || value.includes('{{');
}

/** Where a quoted text ends, or -1 where it does not on this line. */
function closingQuote(value: string): number {
  return value.indexOf(value[0] as string, 1);
}

function balanced(value: string): boolean {
  let depth = 0;
  for (const character of value) {
    if (character === '[' || character === '{') depth += 1;
    if (character === ']' || character === '}') depth -= 1;
  }
  return depth === 0;
}

function reportUnquoted(value: Span, error: YAMLParseError, diagnostics: Diagnostics): void {
  const text = value.source.text.slice(value.start, value.end);
  const first = text[0] as string;
  const what = text.includes('{{') ? 'template' : /[=<>!&|?+*/()%[]/.test(text) ? 'expression' : 'text';
  const inFlow = (first === '{' && !text.startsWith('{{')) || (first === '[' && !/^\[[^\]]*\]\s*\S/.test(text));
  if (inFlow) {
    const part = flowPart(value, error.pos[0]);
    const reason = `${first === '{' ? '{ } is a YAML mapping' : '[ ] is a YAML list'}, in which commas, brackets and colons separate`;
    diagnostics.error('CONFIG_QUOTE', part, { what, quoted: quoted(part.source.text.slice(part.start, part.end)), reason });
    return;
  }
  diagnostics.error('CONFIG_QUOTE', value, { what, quoted: quoted(text), reason: reasonToQuote(text) });
}

/** The text inside `{ }` or `[ ]` in which the error at `at` is: from the last separator to the next. */
function flowPart(value: Span, at: number): Span {
  const { text } = value.source;
  let start = Math.min(at, value.end - 1);
  while (start > value.start + 1 && !/[{[,]/.test(text[start - 1] as string) && !/:\s$/.test(text.slice(start - 2, start)))
    start -= 1;
  while (/\s/.test(text[start] as string)) start += 1;
  let end = start;
  for (let depth = 0; end < value.end - 1; end += 1) {
    const character = text[end] as string;
    if (/[[{(]/.test(character)) depth += 1;
    else if (/[\]})]/.test(character)) depth -= 1;
    if (depth < 0 || (depth === 0 && character === ',')) break;
  }
  while (end > start && /\s/.test(text[end - 1] as string)) end -= 1;
  return spanAt(value.source, start, end);
}

function reasonToQuote(text: string): string {
  const first = text[0] as string;
  if (text.startsWith('{{')) return 'without quotes YAML reads {{ }} as mappings';
  if (first === '"' || first === "'") return `YAML ends the text at the second ${first}`;
  if (first === '[') return 'YAML ends the list at the ]';
  if (first === '>' || first === '|') return `${first} begins a block of text in YAML`;
  if ('@`%'.includes(first)) return `no YAML text begins with ${first}`;
  if (first === '*' || first === '&') return `${first} begins ${first === '*' ? 'an alias' : 'an anchor'} in YAML`;
  if (/:(\s|$)/.test(text)) return 'without quotes YAML takes ": " for the end of a key';
  return `${first} means something else in YAML`;
}

/** Errors that follow from the one before. */
function isEcho(error: YAMLParseError): boolean {
  return error.code === 'UNEXPECTED_TOKEN' || error.code === 'MISSING_CHAR' || error.code === 'MULTILINE_IMPLICIT_KEY';
}

function reportSyntax(source: SourceText, document: Document, error: YAMLParseError, diagnostics: Diagnostics): void {
  const opening = isUnclosed(error) ? openingOf(source, document, error.pos[0]) : undefined;
  const span = opening === undefined ? spanAt(source, ...error.pos) : spanAt(source, opening, opening + 1);
  diagnostics.error('CONFIG_YAML_SYNTAX', span, { reason: plainReason(error) });
}

function isUnclosed({ message }: YAMLParseError): boolean {
  return message.startsWith('Missing closing') || message.startsWith('Flow map') || message.startsWith('Flow sequence');
}

/** Where the last quote or bracket before `end` that is not closed begins: nearer to the mistake than where it shows. */
function openingOf(source: SourceText, document: Document, end: number): number | undefined {
  let opening: number | undefined;
  visit(document, {
    Node(_, node) {
      const [start, valueEnd] = node.range ?? [0, 0];
      const first = source.text[start] as string;
      const close = { '"': '"', "'": "'", '{': '}', '[': ']' }[first];
      const isClosed = valueEnd - 1 > start && source.text[valueEnd - 1] === close;
      if (close !== undefined && !isClosed && start < end) opening = Math.max(opening ?? 0, start);
    },
  });
  return opening;
}

function plainReason(error: YAMLParseError): string {
  switch (error.code) {
    case 'TAB_AS_INDENT':
      return 'lines are indented with spaces, not tabs';
    case 'MULTIPLE_DOCS':
      return 'a second document begins here ("---"); a file holds one';
    case 'BAD_INDENT':
      if (error.message.startsWith('All mapping items')) return 'this line is indented otherwise than the keys before it';
      if (error.message.startsWith('All sequence items')) return 'this line is indented otherwise than the list items before it';
      break;
    case 'BLOCK_AS_IMPLICIT_KEY':
      return 'a mapping cannot begin on the line of its key; perhaps the next line is indented too far';
    default:
      break;
  }
  if (error.message.startsWith('Flow map') || error.message.startsWith('Flow sequence')) {
    const [open, close] = error.message.startsWith('Flow map') ? '{}' : '[]';
    return `this ${open} is not closed by ${close}, or its lines are not indented further than its key`;
  }
  if (error.message.startsWith('Missing closing'))
    return `the text in ${error.message.slice(16, 17)} that begins here does not end`;
  if (error.message.startsWith('Implicit map keys need')) return 'a key and ":" are expected here';
  const message = error.message.replace(/\.$/, '');
  return message.charAt(0).toLowerCase() + message.slice(1);
}
