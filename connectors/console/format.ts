import { getField, isJsonObject, type JsonObject, type JsonValue } from 'millrace/sdk';

export type Format = (value: string) => string;

/** What prints a record's value (JSON, or any text) as one line without line break. */
export const formats: Readonly<Record<'json' | 'text' | 'logfmt', Format>> = { json: asJson, text: asText, logfmt: asLogfmt };

/** The value as it is; spread over lines it is written anew. */
function asJson(text: string): string {
  if (!text.includes('\n')) return visible(text);
  const value = parsed(text);
  return visible(value === undefined ? text : JSON.stringify(value));
}

function asText(text: string): string {
  const value = parsed(text);
  if (!isJsonObject(value)) return visible(text);
  const message = getField(value, ['message']);
  if (typeof message !== 'string') return visible(JSON.stringify(value));
  const parts = [getField(value, ['@timestamp']), getField(value, ['log', 'level'])].filter((part) => typeof part === 'string');
  return visible([...parts, message].join(' '));
}

function asLogfmt(text: string): string {
  const value = parsed(text);
  if (!isJsonObject(value)) return visible(text);
  const pairs: string[] = [];
  collect(value, '', pairs);
  return pairs.join(' ');
}

/** Adds the fields below `value` as `path=value`; lists stand as JSON. */
function collect(value: JsonObject, prefix: string, pairs: string[]): void {
  for (const [name, field] of Object.entries(value)) {
    const path = `${prefix}${name}`;
    if (isJsonObject(field)) collect(field, `${path}.`, pairs);
    else if (field !== undefined) pairs.push(`${visible(path.replaceAll(/[\s="]/g, '_'))}=${logfmtValue(field)}`);
  }
}

function logfmtValue(value: JsonValue): string {
  const text = visible(typeof value === 'string' ? value : JSON.stringify(value));
  return text === '' || /[\s="\\]/.test(text) ? `"${text.replaceAll(/["\\]/g, '\\$&')}"` : text;
}

function parsed(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return undefined;
  }
}

/** Control characters as escapes: what a log line holds must not steer the terminal it is shown on. */
function visible(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
