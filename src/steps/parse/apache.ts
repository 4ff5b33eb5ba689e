import type { JsonObject, JsonValue } from '../../record/json.ts';
import { ApacheLine, MALFORMED } from './apache-line.ts';
import { CLF_TIME_LENGTH, ClfClock } from './clf-time.ts';
import { isIpAddress } from './ip-address.ts';
import { ParseFailure, type TextParser } from './parser.ts';

/** Apache's two predefined formats: `combined` is `common` with the referrer and the user agent behind. */
export type ApacheLayout = 'common' | 'combined';

const SLASH = 47;
const DASH = 45;

const NO_HOST = new ParseFailure('the line does not begin with a host, an identity and a user');
const NO_TIME = new ParseFailure('no time such as [17/May/2015:10:05:03 +0000] stands after the user');
const NO_REQUEST = new ParseFailure('no request in quotes stands after the time');
const OPEN_REQUEST = new ParseFailure('the quote that begins the request does not end');
const NO_STATUS = new ParseFailure('no status, a number or "-", stands after the request');
const NO_BYTES = new ParseFailure('no size, a number or "-", stands after the status');
const NO_REFERRER = new ParseFailure('no referrer in quotes stands after the size, or its quote does not end');
const NO_AGENT = new ParseFailure('no user agent in quotes stands after the referrer, or its quote does not end');

/**
 * Makes a reader of access-log lines (`%h %l %u %t "%r" %>s %b`, for combined also `"%{Referer}i" "%{User-agent}i"`;
 * Apache httpd and nginx) into ECS fields. It takes what the grok patterns of Logstash take: `-` is an absent field, a
 * request that is no HTTP (binary data, `-`) gives no method and URL, and what stands after the last field is left
 * alone. Scanned by hand, because it is the hot path: a regular expression costs three times as much.
 */
export function apacheParser(layout: ApacheLayout): TextParser {
  const combined = layout === 'combined';
  const clock = new ClfClock();
  const line = new ApacheLine();
  return (text) => {
    line.text = text;
    const hostEnd = text.indexOf(' ');
    const identityEnd = text.indexOf(' ', hostEnd + 1);
    const userEnd = text.indexOf(' [', identityEnd + 1);
    if (hostEnd <= 0 || identityEnd <= hostEnd + 1 || userEnd <= identityEnd + 1) return NO_HOST;
    const time = clock.read(text, userEnd + 2);
    const timeEnd = userEnd + 2 + CLF_TIME_LENGTH;
    if (time === undefined) return NO_TIME;
    if (!text.startsWith('] "', timeEnd)) return NO_REQUEST;
    const requestEnd = line.closingQuote(timeEnd + 3);
    if (requestEnd < 0) return OPEN_REQUEST;
    line.readRequest(timeEnd + 3, requestEnd);
    line.at = requestEnd + 2;
    const failure = readResponse(line) ?? (combined ? readHeaders(line) : undefined);
    if (failure !== undefined) return failure;
    const address = text.slice(0, hostEnd);
    return {
      '@timestamp': time,
      source: { address, ip: isIpAddress(address) ? address : undefined },
      apache: identityOf(fieldAt(text, hostEnd + 1, identityEnd)),
      user: nameOf(fieldAt(text, identityEnd + 1, userEnd)),
      http: {
        request: requestOf(line.method, line.referrer),
        version: line.version,
        response: responseOf(line.status, line.bytes),
      },
      url: urlOf(line.url),
      user_agent: line.agent === undefined ? undefined : { original: line.agent },
    };
  };
}

/** Reads status and size, from the status on. */
function readResponse(line: ApacheLine): ParseFailure | undefined {
  line.status = line.number();
  if (line.status === MALFORMED) return NO_STATUS;
  line.at += 1;
  line.bytes = line.number();
  return line.bytes === MALFORMED ? NO_BYTES : undefined;
}

/** Reads referrer and user agent, from the blank before them on. */
function readHeaders(line: ApacheLine): ParseFailure | undefined {
  line.at += 1;
  const referrer = line.quoted();
  if (referrer === MALFORMED) return NO_REFERRER;
  line.at += 1;
  const agent = line.quoted();
  if (agent === MALFORMED) return NO_AGENT;
  line.referrer = referrer;
  line.agent = agent;
  return undefined;
}

/** The text of a field, or `undefined` for `-`. */
function fieldAt(text: string, start: number, end: number): string | undefined {
  return end === start + 1 && text.charCodeAt(start) === DASH ? undefined : text.slice(start, end);
}

function identityOf(identity: string | undefined): JsonValue | undefined {
  return identity === undefined ? undefined : { access: { user: { identity } } };
}

function nameOf(name: string | undefined): JsonValue | undefined {
  return name === undefined ? undefined : { name };
}

function requestOf(method: string | undefined, referrer: string | undefined): JsonObject | undefined {
  return method === undefined && referrer === undefined ? undefined : { method, referrer };
}

function responseOf(status: number, bytes: number): JsonObject | undefined {
  if (status < 0 && bytes < 0) return undefined;
  return { status_code: status < 0 ? undefined : status, body: bytes < 0 ? undefined : { bytes } };
}

/** The URL as written, and its path and query where it is an absolute path (a proxy's requests hold whole URLs). */
function urlOf(original: string | undefined): JsonObject | undefined {
  if (original === undefined) return undefined;
  if (original.charCodeAt(0) !== SLASH) return { original, path: undefined, query: undefined };
  const mark = original.indexOf('?');
  if (mark < 0) return { original, path: original, query: undefined };
  return { original, path: original.slice(0, mark), query: original.slice(mark + 1) };
}
