import { isJsonObject, type JsonObject } from '../../record/json.ts';
import { setOwn } from '../../record/path.ts';
import type { Zone } from '../../record/zone.ts';
import { parseIso8601 } from '../time/iso8601.ts';
import { addOwn } from './dotted-key.ts';
import { ParseFailure } from './parser.ts';
import { closingQuote } from './quoted-text.ts';
import { newMessage, type SyslogMessage } from './syslog-message.ts';

const SPACE = 32;
const QUOTE = 34;
const OPEN = 91;
const CLOSE = 93;

/** A version and a blank, and then a date or `-`: nothing that RFC 3164 has after the priority looks like it. */
const HEADER = /\d{1,3} (?:- |\d{4}-\d{2}-\d{2}T)/y;

/** Whether an RFC 5424 header begins at `at`, after the priority. */
export function isRfc5424(text: string, at: number): boolean {
  if (!(text.charCodeAt(at) <= 57)) return false;
  HEADER.lastIndex = at;
  return HEADER.test(text);
}

const HEADER_FIELDS = ['version', 'time', 'host name', 'application', 'process id', 'message id'] as const;

/** Reads `VERSION TIMESTAMP HOSTNAME APP-NAME PROCID MSGID STRUCTURED-DATA [MSG]`. */
export function readRfc5424(text: string, start: number, zone: Zone): SyslogMessage | ParseFailure {
  const fields: (string | undefined)[] = [];
  let at = start;
  for (const name of HEADER_FIELDS) {
    const end = text.indexOf(' ', at);
    if (end <= at) return new ParseFailure(`the RFC 5424 header has no ${name} at column ${at + 1}, or nothing after it`);
    const field = text.slice(at, end);
    fields.push(field === '-' ? undefined : field);
    at = end + 1;
  }
  const [version, stamp, hostname, appname, procid, msgid] = fields;
  const time = stamp === undefined ? undefined : parseIso8601(stamp, zone);
  if (Number.isNaN(time)) return new ParseFailure('the time of the RFC 5424 header is none');
  const data = readStructuredData(text, at);
  if (data instanceof ParseFailure) return data;
  if (data.end < text.length && text.charCodeAt(data.end) !== SPACE) {
    return new ParseFailure(`at column ${data.end + 1}, after the structured data, a blank is expected`);
  }
  const begin = data.end + 1;
  // RFC 5424, 6.4: a byte order mark says that the message is UTF-8; it is no part of it.
  const message = newMessage(text.slice(text.charCodeAt(begin) === 0xfeff ? begin + 1 : begin));
  message.time = time;
  message.version = version;
  message.hostname = hostname;
  message.appname = appname;
  message.procid = procid;
  message.msgid = msgid;
  message.structuredData = data.elements;
  return message;
}

interface StructuredData {
  readonly elements: JsonObject | undefined;
  /** Where the text after it begins. */
  readonly end: number;
}

/** Reads `-` or `[id name="value" ...][...]`. A name that repeats within an element becomes a list. */
function readStructuredData(text: string, start: number): StructuredData | ParseFailure {
  if (text.charCodeAt(start) !== OPEN) {
    if (text[start] === '-') return { elements: undefined, end: start + 1 };
    return new ParseFailure(`at column ${start + 1} structured data, "-" or "[", is expected`);
  }
  const elements: JsonObject = {};
  let at = start;
  while (text.charCodeAt(at) === OPEN) {
    const idEnd = endOfName(text, at + 1);
    const id = text.slice(at + 1, idEnd);
    const earlier = Object.hasOwn(elements, id) ? elements[id] : undefined;
    const parameters = isJsonObject(earlier) ? earlier : {};
    const end = idEnd > at + 1 ? readParameters(text, idEnd, parameters) : -1;
    if (end < 0) return new ParseFailure(`the structured data that begins at column ${at + 1} is malformed or does not end`);
    setOwn(elements, id, parameters);
    at = end;
  }
  return { elements, end: at };
}

/** Where an SD-NAME ends: at a blank, `=`, `]` or `"`. */
function endOfName(text: string, start: number): number {
  let end = start;
  for (; end < text.length; end += 1) {
    const code = text.charCodeAt(end);
    if (code <= SPACE || code === QUOTE || code === 61 || code === CLOSE) break;
  }
  return end;
}

/** Reads ` name="value"` until the `]`; returns where the text after it begins, or -1. */
function readParameters(text: string, start: number, into: JsonObject): number {
  let at = start;
  while (text.charCodeAt(at) === SPACE) {
    while (text.charCodeAt(at) === SPACE) at += 1;
    if (text.charCodeAt(at) === CLOSE) break;
    const nameEnd = endOfName(text, at);
    if (nameEnd === at || !text.startsWith('="', nameEnd)) return -1;
    const valueEnd = closingQuote(text, nameEnd + 2);
    if (valueEnd < 0) return -1;
    addOwn(into, text.slice(at, nameEnd), unescapeValue(text.slice(nameEnd + 2, valueEnd)));
    at = valueEnd + 1;
  }
  return text.charCodeAt(at) === CLOSE ? at + 1 : -1;
}

/** RFC 5424, 6.3.3: only `"`, `\` and `]` are escaped; any other backslash stands for itself. */
function unescapeValue(value: string): string {
  return value.includes('\\') ? value.replaceAll(/\\(["\\\]])/g, '$1') : value;
}
