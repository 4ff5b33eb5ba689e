import type { Zone } from '../../record/zone.ts';
import { parseIso8601 } from '../time/iso8601.ts';
import type { BsdClock, Stamp } from './bsd-time.ts';
import { ParseFailure } from './parser.ts';
import { type CiscoPrefix, isCiscoTag, readCiscoPrefix, skipUptime } from './syslog-cisco.ts';
import { newMessage, type SyslogMessage } from './syslog-message.ts';
import { readOrigin, readTimelessOrigin } from './syslog-origin.ts';
import { readPriority } from './syslog-priority.ts';
import { isRfc5424, readRfc5424 } from './syslog-rfc5424.ts';

const ISO_TIME = /\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(?:[.,]\d{1,9})?(?: ?(?:[Zz]|[+-]\d{2}(?::?\d{2})?))?(?=[ :]|$)/y;
/** Seconds since 1970 behind the version, as Cisco's Meraki writes. */
const EPOCH = /(?:1 )?(\d{9,10}\.\d{1,9})(?= )/y;

const SPACE = 32;
const COLON = 58;
const LESS = 60;

const NOTHING_FITS = new ParseFailure('it begins with neither a priority nor a time, so it is no syslog message');
const NO_SUCH_TIME = new ParseFailure('there is no such time as the one it begins with');
const PLAIN_LOG = new ParseFailure('it begins with a date, but no program stands behind it, so it is no syslog message');

/** How to read times that say too little. */
export interface TimeContext {
  readonly zone: Zone;
  readonly clock: BsdClock;
}

/**
 * Reads `TIMESTAMP HOSTNAME TAG: CONTENT` as it occurs (RFC 3164 describes, it does not prescribe), and what Cisco, AIX,
 * Solaris and relays make of it. `arrived`: the record's Kafka timestamp in ms, or -1.
 */
export function readRfc3164(text: string, start: number, context: TimeContext, arrived: number): SyslogMessage | ParseFailure {
  const message = readMessage(text, start, context, arrived);
  if (message instanceof ParseFailure || message.hostname === undefined || message.appname !== undefined) return message;
  return readInner(message, context, arrived) ?? message;
}

function readMessage(text: string, start: number, context: TimeContext, arrived: number): SyslogMessage | ParseFailure {
  let at = start;
  while (start > 0 && text.charCodeAt(at) === SPACE) at += 1;
  let stamp = readTime(text, at, context, arrived, start > 0);
  let prefix: CiscoPrefix | undefined;
  if (stamp === undefined) {
    prefix = readCiscoPrefix(text, at);
    const end = skipUptime(text, prefix?.end ?? at);
    stamp = prefix === undefined ? undefined : (context.clock.read(text, end, arrived) ?? readIso(text, end, context.zone));
    if (stamp === undefined && !isCiscoTag(text, end)) {
      if (start === 0) return NOTHING_FITS;
      const message = newMessage('');
      readTimelessOrigin(text, start, message);
      return message;
    }
    stamp ??= { ms: -1, end };
  }
  if (Number.isNaN(stamp.ms)) return NO_SUCH_TIME;
  const message = newMessage('');
  if (stamp.ms !== -1) message.time = stamp.ms;
  readOrigin(text, endOfStamp(text, stamp.end), message);
  if (prefix !== undefined) {
    message.sequence = prefix.sequence;
    message.clockUnset = prefix.unset;
    message.hostname ??= prefix.hostname;
  }
  // A date with a blank in place of the T begins many logs that are no syslog.
  if (start === 0 && text.charCodeAt(10) === SPACE && text.charCodeAt(4) === 45 && message.appname === undefined)
    return PLAIN_LOG;
  return message;
}

/** Cisco writes a colon after the time, and sometimes a blank before that. */
function endOfStamp(text: string, end: number): number {
  let at = end;
  if (text.charCodeAt(at) === SPACE && text.charCodeAt(at + 1) === COLON && text.charCodeAt(at + 2) === SPACE) at += 1;
  if (text.charCodeAt(at) === COLON) at += 1;
  return text.charCodeAt(at) === SPACE ? at + 1 : at;
}

function readTime(
  text: string,
  start: number,
  { zone, clock }: TimeContext,
  arrived: number,
  hasPriority: boolean,
): Stamp | undefined {
  return clock.read(text, start, arrived) ?? readIso(text, start, zone) ?? (hasPriority ? readEpoch(text, start) : undefined);
}

function readIso(text: string, start: number, zone: Zone): Stamp | undefined {
  ISO_TIME.lastIndex = start;
  const iso = ISO_TIME.exec(text)?.[0];
  return iso === undefined ? undefined : { ms: parseIso8601(iso, zone), end: start + iso.length };
}

function readEpoch(text: string, start: number): Stamp | undefined {
  EPOCH.lastIndex = start;
  const match = EPOCH.exec(text);
  return match === null ? undefined : { ms: Math.floor(Number(match[1]) * 1000 + 1e-3), end: start + match[0].length };
}

/**
 * Reads a whole message in the place of the content: relays put their own header before the one that was there. Without a
 * priority it must have a time and a tag, since content may begin with a time as well.
 */
function readInner(outer: SyslogMessage, context: TimeContext, arrived: number): SyslogMessage | undefined {
  const text = outer.message;
  const first = text.charCodeAt(0);
  const priority = first === LESS ? readPriority(text) : undefined;
  if (first === LESS && priority === undefined) return undefined;
  const start = priority?.end ?? 0;
  const inner =
    priority !== undefined && isRfc5424(text, start)
      ? readRfc5424(text, start, context.zone)
      : readInnerBsd(text, start, context, arrived);
  if (inner === undefined || inner instanceof ParseFailure) return undefined;
  inner.innerPriority = priority?.value ?? -1;
  if (inner.clockUnset || inner.time === undefined) inner.time = outer.time;
  if (inner.hostname === undefined) inner.hostname = outer.hostname;
  else if (inner.hostname !== outer.hostname) inner.relay ??= outer.hostname;
  if (outer.severity >= 0 && inner.severity < 0) inner.severity = outer.severity;
  return inner;
}

function readInnerBsd(text: string, start: number, context: TimeContext, arrived: number): SyslogMessage | undefined {
  const { clock } = context;
  const prefix = clock.read(text, start, arrived) === undefined ? readCiscoPrefix(text, start) : undefined;
  const at = skipUptime(text, prefix?.end ?? start);
  if (clock.read(text, at, arrived) === undefined && !isCiscoTag(text, at)) return undefined;
  const inner = readMessage(text, start, context, arrived);
  if (inner instanceof ParseFailure || (start === 0 && inner.appname === undefined)) return undefined;
  return inner;
}
