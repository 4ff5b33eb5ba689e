import { asUtc, type LocalTime, monthAt } from '../time/calendar.ts';
import { parseIso8601 } from '../time/iso8601.ts';
import { inferYear } from '../time/year.ts';
import type { Zone } from '../time/zone.ts';
import { ParseFailure } from './parser.ts';
import type { SyslogMessage } from './syslog.ts';

/** `Oct 11 22:14:15`, also with a year after the day, and a fraction (Cisco, rsyslog). */
const BSD_TIME = /([A-Za-z]{3}) {1,2}(\d{1,2}) (?:(\d{4}) )?(\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,9}))?(?=[ :]|$)/y;
const ISO_TIME = /\d{4}-\d{2}-\d{2}T[^ ]{5,30}(?= |$)/y;

/** What a host name, IPv4 or IPv6 address is made of. */
const HOST = /^[\w.:/-]+$/;
/** A tag: a name, perhaps with a process id, and a colon (which is left out by some that give an id). */
const TAG = /^([^[\]]+)(?:\[([^\]]*)\])?:$|^([^[\]:]+)\[(\d+)\]$/;

/** A word that is longer is neither a host name (RFC 1035) nor a tag. */
const MAX_WORD_LENGTH = 255;

const NOTHING_FITS = new ParseFailure('it begins with neither a priority nor a time, so it is no syslog message');
const NO_SUCH_TIME = new ParseFailure('there is no such time as the one it begins with');

/** How to read a time that says too little. */
export interface TimeContext {
  readonly zone: Zone;
  /** The record's Kafka timestamp in ms, or -1. */
  readonly at: number;
}

/**
 * Reads `TIMESTAMP HOSTNAME TAG: CONTENT` as it occurs (RFC 3164 describes, it does not prescribe): the host may be
 * missing where the tag ends with a colon, the tag may be missing, and after a priority the time may be missing, whereupon
 * all is content (RFC 3164, 4.3.3).
 */
export function readRfc3164(text: string, start: number, context: TimeContext): SyslogMessage | ParseFailure {
  const stamp = readTime(text, start, context);
  if (stamp === undefined && start === 0) return NOTHING_FITS;
  if (stamp === undefined) return content(text.slice(start), undefined);
  if (Number.isNaN(stamp.ms)) return NO_SUCH_TIME;
  // Cisco writes a colon after the time.
  const end = text.charCodeAt(stamp.end) === 58 ? stamp.end + 1 : stamp.end;
  return readHeader(text, skipBlank(text, end), stamp.ms);
}

function content(message: string, time: number | undefined): SyslogMessage {
  return {
    time,
    version: undefined,
    hostname: undefined,
    appname: undefined,
    procid: undefined,
    msgid: undefined,
    structuredData: undefined,
    message,
  };
}

interface Stamp {
  readonly ms: number;
  readonly end: number;
}

function readTime(text: string, start: number, { zone, at }: TimeContext): Stamp | undefined {
  BSD_TIME.lastIndex = start;
  const match = BSD_TIME.exec(text);
  if (match === null) {
    ISO_TIME.lastIndex = start;
    const iso = ISO_TIME.exec(text)?.[0];
    return iso === undefined ? undefined : { ms: parseIso8601(iso, zone), end: start + iso.length };
  }
  const time: LocalTime = {
    year: Number(match[3] ?? 0),
    month: monthAt(match[1] as string, 0),
    day: Number(match[2]),
    hour: Number(match[4]),
    minute: Number(match[5]),
    second: Number(match[6]),
    millisecond: Number((match[7] ?? '').padEnd(3, '0').slice(0, 3)),
  };
  const ms = time.year === 0 ? inferYear(time, zone, at) : zone(asUtc(time));
  return { ms, end: BSD_TIME.lastIndex };
}

/** The place after one blank, where there is one. */
function skipBlank(text: string, at: number): number {
  return text.charCodeAt(at) === 32 ? at + 1 : at;
}

/** Reads host and tag, from the first character after the time. */
function readHeader(text: string, start: number, time: number): SyslogMessage {
  const first = wordAt(text, start);
  const firstTag = TAG.exec(first);
  if (firstTag !== null) return withTag(content(text, time), firstTag, start + first.length);
  // A last word alone is what is said, not who said it.
  if (first.length === text.length - start || !HOST.test(first)) return content(text.slice(start), time);
  const hostEnd = start + first.length + 1;
  const message = { ...content(text, time), hostname: first };
  const second = wordAt(text, hostEnd);
  const tag = TAG.exec(second);
  if (tag !== null) return withTag(message, tag, hostEnd + second.length);
  message.message = text.slice(hostEnd);
  return message;
}

/** The word at `start`; '' where it is longer than {@link MAX_WORD_LENGTH}. */
function wordAt(text: string, start: number): string {
  const end = text.indexOf(' ', start);
  const word = text.slice(start, end < 0 ? text.length : end);
  return word.length <= MAX_WORD_LENGTH ? word : '';
}

/** Puts the tag into the message, whose `message` is the whole text; the blank after the tag is no part of the content. */
function withTag(message: SyslogMessage, tag: RegExpExecArray, end: number): SyslogMessage {
  message.appname = tag[1] ?? tag[3];
  message.procid = tag[2] ?? tag[4];
  message.message = message.message.slice(skipBlank(message.message, end));
  return message;
}
