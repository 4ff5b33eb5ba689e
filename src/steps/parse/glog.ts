import { toIso } from '../../record/iso-time.ts';
import type { JsonObject, JsonValue } from '../../record/json.ts';
import { setOwn } from '../../record/path.ts';
import type { Zone } from '../../record/zone.ts';
import { asUtc, type LocalTime } from '../time/calendar.ts';
import { inferYear } from '../time/year.ts';
import { ParseFailure, type TextParser } from './parser.ts';
import { closingQuote, unescapeText } from './quoted-text.ts';

const HEADER =
  /^([IWEF])(\d{4})?(\d{2})(\d{2}) (\d{2}):(\d{2}):(\d{2})\.(\d{1,9}) +(\d{1,15}) ([^\s:\]]{1,255}):(\d{1,9})\](?: |$)/;
const LEVELS: Readonly<Record<string, string>> = { I: 'info', W: 'warning', E: 'error', F: 'fatal' };

const NO_HEADER = new ParseFailure('it does not begin with a header such as I0517 10:05:03.123456 12345 main.go:42] ');
const NO_SUCH_TIME = new ParseFailure('there is no such time as the one it begins with');

/** More keys than this are no log line; the bound keeps one record's work finite. */
const MAX_KEYS = 10_000;

/**
 * Makes a reader of the lines of Google's glog, `Lmmdd hh:mm:ss.uuuuuu thread file:line] message`, also with a year
 * (`Lyyyymmdd`). Times are local to `zone`; one without a year is of the latest that fits. `structured`: as Kubernetes's
 * klog writes, where a message in quotes has `key="value"` pairs behind it: they go to `klog`.
 */
export function glogParser(zone: Zone, structured: boolean): TextParser {
  return (text, at) => {
    const header = HEADER.exec(text);
    if (header === null) return NO_HEADER;
    const ms = timeOf(header, zone, at);
    if (Number.isNaN(ms)) return NO_SUCH_TIME;
    const content = text.slice(header[0].length);
    const pairs: JsonObject | undefined = structured && content.startsWith('"') ? {} : undefined;
    const said = pairs === undefined ? undefined : readStructured(content, pairs);
    return {
      '@timestamp': toIso(ms),
      message: said ?? content,
      log: {
        level: LEVELS[header[1] as string],
        origin: { file: { name: header[10], line: Number(header[11]) } },
      },
      process: { thread: { id: Number(header[9]) } },
      klog: said === undefined || pairs === undefined || Object.keys(pairs).length === 0 ? undefined : pairs,
    };
  };
}

function timeOf(header: RegExpExecArray, zone: Zone, at: number): number {
  const time: LocalTime = {
    year: Number(header[2] ?? 0),
    month: Number(header[3]) - 1,
    day: Number(header[4]),
    hour: Number(header[5]),
    minute: Number(header[6]),
    second: Number(header[7]),
    millisecond: Number((header[8] as string).padEnd(3, '0').slice(0, 3)),
  };
  return header[2] === undefined ? inferYear(time, zone, at) : zone(asUtc(time));
}

const KEY = /\s+([^\s="]{1,255})=/y;

/** Reads `"message" key=value ...`; returns the message, or `undefined` where the text is not written so. */
function readStructured(text: string, pairs: JsonObject): string | undefined {
  const close = closingQuote(text, 1);
  if (close < 0) return undefined;
  let at = close + 1;
  for (let keys = 0; at < text.length; keys += 1) {
    KEY.lastIndex = at;
    const key = KEY.exec(text);
    if (key === null || keys >= MAX_KEYS) return text.slice(at).trim() === '' ? unescapeText(text.slice(1, close)) : undefined;
    at += key[0].length;
    const end = endOfValue(text, at);
    if (end < 0) return undefined;
    setOwn(pairs, key[1] as string, readValue(text, at, end));
    at = end;
  }
  return unescapeText(text.slice(1, close));
}

/** Where the value that begins at `at` ends, or -1. Klog writes texts in quotes, or of several lines between `<` and `>`. */
function endOfValue(text: string, at: number): number {
  if (text.charCodeAt(at) === 34) return closingQuote(text, at + 1) + 1 || -1;
  if (text.startsWith('<\n', at)) {
    const end = text.indexOf('\n >', at);
    return end < 0 ? -1 : end + 3;
  }
  let depth = 0;
  for (let i = at; i < text.length; i += 1) {
    const character = text.charAt(i);
    if ('[{('.includes(character)) depth += 1;
    else if (')}]'.includes(character)) depth -= 1;
    else if (character === '"' && depth > 0) {
      i = closingQuote(text, i + 1);
      if (i < 0) return -1;
    } else if (depth <= 0 && text.charCodeAt(i) <= 32) return i;
  }
  return text.length;
}

/** What has no quotes is no text: a number, a boolean, nil; or what Go's `%+v` made of something else. */
function readValue(text: string, at: number, end: number): JsonValue {
  if (text.charCodeAt(at) === 34) return unescapeText(text.slice(at + 1, end - 1));
  if (text.startsWith('<\n', at)) return text.slice(at + 2, end - 3).replaceAll(/^\t/gm, '');
  const bare = text.slice(at, end);
  if (bare === 'true' || bare === 'false') return bare === 'true';
  if (bare === 'null' || bare === 'nil' || bare === '<nil>') return null;
  return /^-?\d{1,15}(?:\.\d{1,15})?$/.test(bare) ? Number(bare) : bare;
}
