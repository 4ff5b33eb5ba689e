import { reasonOf } from '../../errors/index.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../record/json.ts';
import { ParseFailure } from './parser.ts';

/** Deeper documents are refused: what walks them later (encoders, Elasticsearch) recurses. */
const MAX_DEPTH = 100;

const NO_OBJECT = new ParseFailure('it does not begin with "{", so it is no JSON object');

/** Whether the text has more than {@link MAX_DEPTH} opening brackets: only then can it be too deep. */
function mayBeDeep(text: string): boolean {
  let opened = 0;
  for (const bracket of ['{', '[']) {
    for (let at = text.indexOf(bracket); at >= 0; at = text.indexOf(bracket, at + 1)) {
      opened += 1;
      if (opened > MAX_DEPTH) return true;
    }
  }
  return false;
}

/** Whether `value` nests deeper than `left` levels. */
function isDeeper(value: JsonValue | undefined, left: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (left === 0) return true;
  return Object.values(value).some((inner) => isDeeper(inner, left - 1));
}

/** The code of the first character that is no JSON white space. */
function firstCode(text: string): number {
  let at = 0;
  let code = text.charCodeAt(0);
  while (code === 32 || code === 9 || code === 10 || code === 13) {
    at += 1;
    code = text.charCodeAt(at);
  }
  return code;
}

/** Reads a JSON object (RFC 8259). A list or a scalar at the top is a failure: it has no fields. */
export function parseJson(text: string): JsonObject | ParseFailure {
  // Looked at first, because an exception costs more than a parse, and lines that are no JSON at all come in floods.
  if (firstCode(text) !== 123) return NO_OBJECT;
  let value: JsonValue;
  try {
    value = JSON.parse(text) as JsonValue;
  } catch (error) {
    return new ParseFailure(reasonOf(error));
  }
  if (!isJsonObject(value)) return new ParseFailure('it is no JSON object');
  if (mayBeDeep(text) && isDeeper(value, MAX_DEPTH)) return new ParseFailure(`it nests deeper than ${MAX_DEPTH} levels`);
  return value;
}
