import { parseIso8601 } from '../time/iso8601.ts';
import type { Zone } from '../time/zone.ts';
import type { BsdClock, Stamp } from './bsd-time.ts';
import { ParseFailure } from './parser.ts';
import type { SyslogMessage } from './syslog.ts';

const ISO_TIME = /\d{4}-\d{2}-\d{2}T[^ ]{5,30}(?= |$)/y;

const COLON = 58;
const NUMBER = /^\d+$/;

/** What a host name, IPv4 or IPv6 address is made of. */
const HOST = /^[\w.:/-]+$/;
/** A word that is longer is neither a host name (RFC 1035) nor a tag. */
const MAX_WORD_LENGTH = 255;

const NOTHING_FITS = new ParseFailure('it begins with neither a priority nor a time, so it is no syslog message');
const NO_SUCH_TIME = new ParseFailure('there is no such time as the one it begins with');

/** How to read times that say too little. */
export interface TimeContext {
  readonly zone: Zone;
  readonly clock: BsdClock;
}

/**
 * Reads `TIMESTAMP HOSTNAME TAG: CONTENT` as it occurs (RFC 3164 describes, it does not prescribe): the host may be
 * missing where the tag ends with a colon, the tag may be missing, and after a priority the time may be missing, whereupon
 * all is content (RFC 3164, 4.3.3). `arrived`: the record's Kafka timestamp in ms, or -1.
 */
export function readRfc3164(text: string, start: number, context: TimeContext, arrived: number): SyslogMessage | ParseFailure {
  const stamp = readTime(text, start, context, arrived);
  if (stamp === undefined && start === 0) return NOTHING_FITS;
  if (stamp === undefined) return content(text.slice(start), undefined);
  if (Number.isNaN(stamp.ms)) return NO_SUCH_TIME;
  // Cisco writes a colon after the time.
  const end = text.charCodeAt(stamp.end) === COLON ? stamp.end + 1 : stamp.end;
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

function readTime(text: string, start: number, { zone, clock }: TimeContext, arrived: number): Stamp | undefined {
  const stamp = clock.read(text, start, arrived);
  if (stamp !== undefined) return stamp;
  ISO_TIME.lastIndex = start;
  const iso = ISO_TIME.exec(text)?.[0];
  return iso === undefined ? undefined : { ms: parseIso8601(iso, zone), end: start + iso.length };
}

/** The place after one blank, where there is one. */
function skipBlank(text: string, at: number): number {
  return text.charCodeAt(at) === 32 ? at + 1 : at;
}

/** Reads host and tag, from the first character after the time. */
function readHeader(text: string, start: number, time: number): SyslogMessage {
  const message = content(text, time);
  const firstEnd = endOfWord(text, start);
  if (readTag(message, start, firstEnd)) return message;
  // A last word alone is what is said, not who said it.
  if (firstEnd === text.length || !isHost(text, start, firstEnd)) {
    message.message = text.slice(start);
    return message;
  }
  message.hostname = text.slice(start, firstEnd);
  if (!readTag(message, firstEnd + 1, endOfWord(text, firstEnd + 1))) message.message = text.slice(firstEnd + 1);
  return message;
}

function endOfWord(text: string, start: number): number {
  const end = text.indexOf(' ', start);
  return end < 0 ? text.length : end;
}

function isHost(text: string, start: number, end: number): boolean {
  return end > start && end - start <= MAX_WORD_LENGTH && HOST.test(text.slice(start, end));
}

/**
 * Takes the word between `start` and `end` for the tag where it is one: `name:`, `name[id]:`, or `name[1]` with a
 * numeric id. The message, which is the whole text yet, becomes what is behind it without the one blank between.
 */
function readTag(message: SyslogMessage, start: number, end: number): boolean {
  const text = message.message;
  if (end - start < 2 || end - start > MAX_WORD_LENGTH) return false;
  const colon = text.charCodeAt(end - 1) === COLON;
  const wordEnd = colon ? end - 1 : end;
  const open = text.indexOf('[', start);
  let nameEnd = wordEnd;
  if (open >= 0 && open < wordEnd) {
    // The only bracket that closes is the last character.
    if (open === start || text.indexOf(']', start) !== wordEnd - 1) return false;
    const id = text.slice(open + 1, wordEnd - 1);
    if (!colon && !NUMBER.test(id)) return false;
    nameEnd = open;
    message.procid = id;
  } else if (!colon) return false;
  message.appname = text.slice(start, nameEnd);
  message.message = text.slice(skipBlank(text, end));
  return true;
}
