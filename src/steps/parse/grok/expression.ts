import { toRegExp } from 'oniguruma-to-es';
import { PatternError } from './pattern-error.ts';

/**
 * What Oniguruma has and JavaScript lacks or reads otherwise: atomic groups, flags, comments and absent groups;
 * possessive and doubled repetitions; escapes; classes in classes and their intersections; repetitions without a least number.
 */
const ONIGURUMA_ONLY = [
  /^\(\?(?![:=!<])/,
  /^(?:[*+?]|\{\d*,?\d*\})[*+]/,
  /^\\(?:[hHAzZGRXKOyYaepP]|x\{|[CM]-|c.|o\{)/,
  /^\{,\d+\}/,
];

/**
 * Makes the JavaScript expression of a source in Oniguruma's syntax, with the options of Ruby and Logstash: `.` matches
 * line ends, `^` and `$` match at each line, and \w, \d and \s are ASCII. What both languages read alike is taken as it
 * is, since V8 is faster without its Unicode mode; the rest goes through oniguruma-to-es. Throws a {@link PatternError}.
 */
export function toExpression(source: string): RegExp {
  try {
    return needsOniguruma(source) ? translated(source) : new RegExp(source, 'ms');
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    throw new PatternError(`is malformed: ${text.replace(/^Invalid regular expression: \/.*\/\w*: /s, '')}`);
  }
}

function translated(source: string): RegExp {
  return toRegExp(source, { flags: 'mDSW', rules: { captureGroup: true, asciiWordBoundaries: true } });
}

function needsOniguruma(source: string): boolean {
  for (let at = 0; at < source.length; ) {
    const character = source[at] as string;
    if (character === '[') {
      const end = endOfPlainClass(source, at);
      if (end < 0) return true;
      at = end;
    } else {
      if ('(*+?{\\'.includes(character)) {
        const rest = source.slice(at, at + 12);
        if (ONIGURUMA_ONLY.some((form) => form.test(rest))) return true;
      }
      at += character === '\\' ? 2 : 1;
    }
  }
  return false;
}

/** Where a character class that both languages read alike ends; -1 for one that they do not. */
function endOfPlainClass(source: string, start: number): number {
  let at = start + 1;
  if (source[at] === '^') at += 1;
  if (source[at] === ']') return -1;
  for (; at < source.length; at += 1) {
    const character = source[at];
    if (character === ']') return at + 1;
    if (character === '[' || source.startsWith('&&', at)) return -1;
    if (character === '\\') {
      if (/[hHpPRXO]/.test(source[at + 1] ?? '')) return -1;
      at += 1;
    }
  }
  return -1;
}
