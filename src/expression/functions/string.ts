import type { JsonValue } from '../../record/json.ts';
import { listOf, STRING } from '../../sdk/types/index.ts';
import { MAX_LIST, MAX_TEXT } from '../bounds.ts';
import { Pattern } from '../pattern.ts';
import { bounded, textOf } from '../text.ts';
import type { Argument, ExpressionFunction } from './definition.ts';

const TEXT = { name: 'text', type: 'string' } as const;

/** Functions of texts. Lengths and positions count UTF-16 code units, as in JavaScript. */
export const stringFunctions: readonly ExpressionFunction[] = [
  {
    name: 'lower',
    summary: 'The text in lower case.',
    parameters: [TEXT],
    returns: 'string',
    example: { text: "lower('GET')", result: 'get' },
    call: (text: Argument) => (typeof text === 'string' ? bounded(text.toLowerCase()) : undefined),
  },
  {
    name: 'upper',
    summary: 'The text in upper case.',
    parameters: [TEXT],
    returns: 'string',
    example: { text: "upper('get')", result: 'GET' },
    call: (text: Argument) => (typeof text === 'string' ? bounded(text.toUpperCase()) : undefined),
  },
  {
    name: 'trim',
    summary: 'The text without white space at its ends.',
    parameters: [TEXT],
    returns: 'string',
    example: { text: "trim('  ready ')", result: 'ready' },
    call: (text: Argument) => (typeof text === 'string' ? text.trim() : undefined),
  },
  {
    name: 'contains',
    summary: 'Whether the text has the part in it; false where either is no text.',
    parameters: [TEXT, { name: 'part', type: 'string' }],
    returns: 'boolean',
    example: { text: "contains('connection refused', 'refused')", result: true },
    call: (text: Argument, part: Argument) => typeof text === 'string' && typeof part === 'string' && text.includes(part),
  },
  {
    name: 'starts_with',
    summary: 'Whether the text begins with the part; false where either is no text.',
    parameters: [TEXT, { name: 'part', type: 'string' }],
    returns: 'boolean',
    example: { text: "starts_with('/api/users', '/api/')", result: true },
    call: (text: Argument, part: Argument) => typeof text === 'string' && typeof part === 'string' && text.startsWith(part),
  },
  {
    name: 'ends_with',
    summary: 'Whether the text ends with the part; false where either is no text.',
    parameters: [TEXT, { name: 'part', type: 'string' }],
    returns: 'boolean',
    example: { text: "ends_with('access.log', '.log')", result: true },
    call: (text: Argument, part: Argument) => typeof text === 'string' && typeof part === 'string' && text.endsWith(part),
  },
  {
    name: 'matches',
    summary:
      'Whether some part of the text matches the regular expression (write ^ and $ for the whole text); false where it is no text.',
    parameters: [TEXT, { name: 'pattern', type: 'regexp' }],
    returns: 'boolean',
    example: { text: "matches('Googlebot/2.1', /bot|crawler/i)", result: true },
    call: (text: Argument, pattern: Argument) => typeof text === 'string' && pattern instanceof Pattern && pattern.test(text),
  },
  {
    name: 'extract',
    summary:
      'The first match of the regular expression in the text: its first group where it has one, else all of it; missing where none matches.',
    parameters: [TEXT, { name: 'pattern', type: 'regexp' }],
    returns: 'string',
    example: { text: "extract('took 35 ms', /(\\d+) ms/)", result: '35' },
    call: (text: Argument, pattern: Argument) => {
      const match = typeof text === 'string' && pattern instanceof Pattern ? pattern.exec(text) : null;
      return match === null ? undefined : match.length > 1 ? match[1] : match[0];
    },
  },
  {
    name: 'replace',
    summary:
      'The text with every occurrence of the pattern replaced; after a regular expression $1 to $9 are its groups, $& the match, $$ a dollar.',
    parameters: [TEXT, { name: 'pattern', type: 'string or regexp' }, { name: 'by', type: 'string' }],
    returns: 'string',
    example: { text: "replace('card 4111-1111', /\\d/, '*')", result: 'card ****-****' },
    call: (text: Argument, pattern: Argument, by: Argument) => {
      if (typeof text !== 'string' || typeof by !== 'string') return undefined;
      if (typeof pattern === 'string') return replaceText(text, pattern, by);
      return pattern instanceof Pattern ? replacePattern(text, pattern, by) : undefined;
    },
  },
  {
    name: 'split',
    summary: 'The parts of the text between separators, as a list; missing where there are more than 10,000.',
    parameters: [TEXT, { name: 'separator', type: 'string' }],
    returns: 'array',
    yields: () => listOf(STRING),
    example: { text: "split('a,b,c', ',')", result: ['a', 'b', 'c'] },
    call: (text: Argument, separator: Argument) => {
      if (typeof text !== 'string' || typeof separator !== 'string') return undefined;
      const parts = text.split(separator, MAX_LIST + 1);
      return parts.length <= MAX_LIST ? parts : undefined;
    },
  },
  {
    name: 'join',
    summary: 'The elements of a list as one text, with the separator (a comma) between; missing and null ones are left out.',
    parameters: [
      { name: 'list', type: 'array' },
      { name: 'separator', type: 'string', optional: true },
    ],
    returns: 'string',
    example: { text: "join(['a', 'b'], '/')", result: 'a/b' },
    call: (list: Argument, separator: Argument) => {
      if (!Array.isArray(list) || (separator !== undefined && typeof separator !== 'string')) return undefined;
      return joinList(list, separator ?? ',');
    },
  },
  {
    name: 'substring',
    summary: 'The part of the text from start (0 is the first) up to, but without, end; negative positions count from the end.',
    parameters: [TEXT, { name: 'start', type: 'number' }, { name: 'end', type: 'number', optional: true }],
    returns: 'string',
    example: { text: "substring('2026-10-12', 0, 4)", result: '2026' },
    call: (text: Argument, start: Argument, end: Argument) => {
      if (typeof text !== 'string' || typeof start !== 'number') return undefined;
      if (end === undefined) return text.slice(start);
      return typeof end === 'number' ? text.slice(start, end) : undefined;
    },
  },
  {
    name: 'length',
    summary: 'The length of a text in UTF-16 code units, the number of elements of a list, or of fields of an object.',
    parameters: [{ name: 'value', type: 'any' }],
    returns: 'number',
    example: { text: "length('abc')", result: 3 },
    call: (value: Argument) => {
      if (typeof value === 'string' || Array.isArray(value)) return value.length;
      return typeof value === 'object' && value !== null ? Object.keys(value).length : undefined;
    },
  },
];

function replaceText(text: string, part: string, by: string): string | undefined {
  if (part === '') return text;
  const pieces: string[] = [];
  let from = 0;
  let length = 0;
  for (let found = text.indexOf(part); found >= 0; found = text.indexOf(part, from)) {
    pieces.push(text.slice(from, found), by);
    length += found - from + by.length;
    if (length > MAX_TEXT) return undefined;
    from = found + part.length;
  }
  if (from === 0) return text;
  pieces.push(text.slice(from));
  return bounded(pieces.join(''));
}

function replacePattern(text: string, pattern: Pattern, by: string): string | undefined {
  const plain = !by.includes('$');
  const pieces: string[] = [];
  let from = 0;
  let length = 0;
  for (const match of pattern.matches(text)) {
    const replacement = plain ? by : fillGroups(by, match);
    pieces.push(text.slice(from, match.index), replacement);
    length += match.index - from + replacement.length;
    if (length > MAX_TEXT) return undefined;
    from = match.index + match[0].length;
  }
  if (pieces.length === 0) return text;
  pieces.push(text.slice(from));
  return bounded(pieces.join(''));
}

function fillGroups(by: string, match: RegExpExecArray): string {
  return by.replaceAll(/\$([$&1-9])/g, (_, which: string) =>
    which === '$' ? '$' : which === '&' ? match[0] : (match[Number(which)] ?? ''),
  );
}

function joinList(list: readonly JsonValue[], separator: string): string | undefined {
  const parts: string[] = [];
  let length = 0;
  for (const element of list) {
    const text = textOf(element);
    if (text === undefined) continue;
    length += text.length + separator.length;
    if (length > MAX_TEXT) return undefined;
    parts.push(text);
  }
  return parts.join(separator);
}
