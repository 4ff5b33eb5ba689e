import type { JsonObject } from '../../record/json.ts';
import { addOwn } from './dotted-key.ts';
import { ParseFailure, type TextParser } from './parser.ts';

/** More parameters than this are no query; the bound keeps one record's work finite. */
const MAX_PARAMETERS = 10_000;

const BLANK = /\s/;
const HAS_BLANK = new ParseFailure('it holds a blank, which a query string has as "+" or "%20"');
const NO_PARAMETER = new ParseFailure('it has no name=value');
const TOO_MANY = new ParseFailure(`it has more than ${MAX_PARAMETERS} parameters`);

/**
 * Makes a reader of query strings, `q=a+b&lang=en&lang=de`, by the rules of forms (WHATWG URL, 5.1), with or without the
 * question mark: `+` and `%20` are a blank, bytes that are no UTF-8 become U+FFFD, a `%` that begins no byte stays.
 * Values stay texts, a name that repeats gets a list, names are not nested. `sure`: the text may be of another format, so
 * that it must have a `name=value`.
 */
export function queryStringParser(sure: boolean): TextParser {
  return (text) => {
    if (BLANK.test(text)) return HAS_BLANK;
    if (sure && !text.includes('=')) return NO_PARAMETER;
    let parameters = 1;
    for (let at = text.indexOf('&'); at >= 0; at = text.indexOf('&', at + 1)) {
      parameters += 1;
      if (parameters > MAX_PARAMETERS) return TOO_MANY;
    }
    const fields: JsonObject = {};
    for (const [name, value] of new URLSearchParams(text)) addOwn(fields, name, value);
    return fields;
  };
}
