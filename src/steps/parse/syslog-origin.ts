import { isIpAddress } from './ip-address.ts';
import { isCiscoTag } from './syslog-cisco.ts';
import { readLabel } from './syslog-labels.ts';
import type { SyslogMessage } from './syslog-message.ts';
import { severityCode } from './syslog-priority.ts';

const NINE = 57;
const COLON = 58;
const OPEN = 91;
const LESS = 60;
const NUMBER = /^\d+$/;

/** What a host name, IPv4 or IPv6 address is made of; a chain of relays has `/` and `@`. */
const HOST = /^(?:(?:\w|::)[\w.:/@-]*|\[[0-9a-fA-F.:]+\])$/;
/** What the name in a tag is made of where nothing else tells a tag from content. */
const PLAIN_NAME = /^%?[\w./()-]{1,64}$/;
/** A word that is longer is neither a host name (RFC 1035) nor a tag. */
const MAX_WORD_LENGTH = 255;

/** What syslogd itself says without a tag. */
const REPEATED = /(?:--- )?(?:last )?message repeated \d/y;
/** AIX, of a message that it got from elsewhere. */
const FORWARDED = /(?:Message )?forwarded from ([\w.:-]{1,255}): /iy;

/**
 * Reads host, relay, tag and content from `start`, the first character behind the time, into `message`. The host may be
 * missing where the tag ends with a colon, and the tag may be missing.
 */
export function readOrigin(text: string, start: number, message: SyslogMessage): void {
  let at = text.charCodeAt(start) === LESS ? readLabel(text, start, message) : start;
  message.message = text.slice(at);
  if (mayRepeat(text.charCodeAt(at)) && startsAt(REPEATED, text, at)) return;
  const firstEnd = endOfWord(text, at);
  if (isHostWithColon(text, at, firstEnd)) {
    message.hostname = text.slice(at, firstEnd - 1);
    at = firstEnd + 1;
  } else {
    if (readTag(text, at, firstEnd, message)) return;
    // A last word alone is what is said, not who said it.
    if (firstEnd >= text.length || !isHost(text, at, firstEnd)) {
      readTagAt(text, readLabel(text, at, message), message);
      return;
    }
    message.hostname = unbracketed(text.slice(at, firstEnd));
    at = firstEnd + 1;
  }
  at = skipColon(text, at);
  // Nearly all messages have the tag here; what else may stand before it costs time to look for.
  if (readTag(text, at, endOfWord(text, at), message)) return;
  at = readLabel(text, at, message);
  at = readRelay(text, at, message);
  readTagAt(text, readSeverity(text, at, message), message);
}

/**
 * Reads host and tag of a text that has a priority but no time. RFC 3164 (4.3.3) takes it all for content; but an address,
 * a tag, or a host with a tag that has an id can be nothing else.
 */
export function readTimelessOrigin(text: string, start: number, message: SyslogMessage): void {
  message.message = text.slice(start);
  const firstEnd = endOfWord(text, start);
  const isName = isTag(text, start, firstEnd) && PLAIN_NAME.test(text.slice(start, scratch.nameEnd));
  if (isName && readTag(text, start, firstEnd, message)) return;
  if (firstEnd >= text.length) return;
  const host = text.slice(start, firstEnd);
  if (isIpAddress(host)) {
    message.hostname = host;
    readTagAt(text, firstEnd + 1, message);
  } else if (isHost(text, start, firstEnd) && hasIdTag(text, firstEnd + 1)) {
    message.hostname = host;
    readTagAt(text, firstEnd + 1, message);
  }
}

/** Whether {@link REPEATED} may begin so: with `l`, `m` or `-`. */
function mayRepeat(code: number): boolean {
  return code === 108 || code === 109 || code === 45;
}

function startsAt(pattern: RegExp, text: string, at: number): boolean {
  pattern.lastIndex = at;
  return pattern.test(text);
}

function endOfWord(text: string, start: number): number {
  const end = text.indexOf(' ', start);
  return end < 0 ? text.length : end;
}

function isHost(text: string, start: number, end: number): boolean {
  return end > start && end - start <= MAX_WORD_LENGTH && HOST.test(text.slice(start, end));
}

function unbracketed(host: string): string {
  return host.charCodeAt(0) === OPEN ? host.slice(1, -1) : host;
}

/** `router: %SYS-5-CONFIG_I: ...`: what looks like a tag is the host where Cisco's tag follows. */
function isHostWithColon(text: string, start: number, end: number): boolean {
  return text.charCodeAt(end + 1) === 37 && text.charCodeAt(end - 1) === COLON && isCiscoTag(text, end + 1)
    ? isHost(text, start, end - 1) && text.charCodeAt(start) !== 37
    : false;
}

/** Cisco's ASA writes `host : %ASA-...`. */
function skipColon(text: string, at: number): number {
  return text.charCodeAt(at) === COLON && text.charCodeAt(at + 1) === 32 ? at + 2 : at;
}

/**
 * Reads what a relay left behind the host: the host once more, the host that it had the message from (which only a tag
 * behind it tells from content), or AIX's words. Returns where the text behind it begins.
 */
function readRelay(text: string, at: number, message: SyslogMessage): number {
  const first = message.hostname as string;
  FORWARDED.lastIndex = at;
  const forwarded = FORWARDED.exec(text);
  if (forwarded !== null) {
    message.relay = first;
    message.hostname = forwarded[1];
    return readLabel(text, at + forwarded[0].length, message);
  }
  const end = endOfWord(text, at);
  if (end >= text.length || end - at > MAX_WORD_LENGTH || end === at) return at;
  const word = text.slice(at, end);
  if (isSameHost(first, word)) return end + 1;
  if (!isNamedLikeHost(word) || !isTag(text, end + 1, endOfWord(text, end + 1))) return at;
  if (isIpAddress(word) && !isIpAddress(first)) message.relay = word;
  else {
    message.relay = first;
    message.hostname = word;
  }
  return end + 1;
}

/** The same name, in any case, or one of them without its domain. */
function isSameHost(a: string, b: string): boolean {
  if (a.length === b.length) return a === b || a.toLowerCase() === b.toLowerCase();
  const [short, long] = a.length < b.length ? [a, b] : [b, a];
  return long.charCodeAt(short.length) === 46 && long.toLowerCase().startsWith(short.toLowerCase()) && !/^\d+$/.test(short);
}

/** Words with dots, or digits among letters, are hosts rather than content. */
function isNamedLikeHost(word: string): boolean {
  return HOST.test(word) && (/\w\.\w/.test(word) || (/\d/.test(word) && /[A-Za-z]/.test(word)) || isIpAddress(word));
}

/** F5 and others write the severity before the tag. */
function readSeverity(text: string, at: number, message: SyslogMessage): number {
  const end = endOfWord(text, at);
  if (end - at > 13 || end >= text.length) return at;
  const severity = severityCode(text.slice(at, end));
  if (severity < 0 || !isTag(text, end + 1, endOfWord(text, end + 1))) return at;
  message.severity = severity;
  return end + 1;
}

/** Reads the tag at `at` where there is one; the content becomes what is behind it. */
function readTagAt(text: string, at: number, message: SyslogMessage): void {
  if (!readTag(text, at, endOfWord(text, at), message)) message.message = text.slice(at);
}

const scratch = { nameEnd: 0, idEnd: 0, end: 0 };

/**
 * Takes the word between `start` and `end` for the tag where it is one: `name:`, `name[id]:`, or `name[1]` with a
 * numeric id; behind `name[1]:` no blank is needed. The message becomes what is behind it without the one blank between.
 */
function readTag(text: string, start: number, end: number, message: SyslogMessage): boolean {
  if (!isTag(text, start, end)) return false;
  const { nameEnd, idEnd, end: tagEnd } = scratch;
  message.appname = text.slice(start, nameEnd);
  if (idEnd > 0) message.procid = text.slice(nameEnd + 1, idEnd);
  message.message = text.slice(text.charCodeAt(tagEnd) === 32 ? tagEnd + 1 : tagEnd);
  return true;
}

/** Whether the word is a tag; leaves in `scratch` where its parts end. */
function isTag(text: string, start: number, end: number): boolean {
  if (end - start < 2 || end - start > 4 * MAX_WORD_LENGTH) return false;
  const open = text.indexOf('[', start);
  if (open < 0 || open >= end) {
    scratch.nameEnd = end - 1;
    scratch.idEnd = 0;
    scratch.end = end;
    if (end - start > MAX_WORD_LENGTH) return false;
    // `%ASA-6-302013 : text` occurs too.
    if (text.charCodeAt(end - 1) !== COLON) return isSpacedCiscoTag(text, start, end);
    // A number and a colon is how Cisco counts its messages.
    return text.charCodeAt(start) > NINE || !NUMBER.test(text.slice(start, end - 1));
  }
  if (open === start) return false;
  const close = text.indexOf(']', open);
  if (close < 0 || close >= end || close - start > MAX_WORD_LENGTH) return false;
  const colon = text.charCodeAt(close + 1) === COLON;
  const last = colon ? close + 2 : close + 1;
  if (last !== end && !colon) return false;
  if (!(colon && last === end) && !NUMBER.test(text.slice(open + 1, close))) return false;
  scratch.nameEnd = open;
  scratch.idEnd = close;
  scratch.end = last;
  return true;
}

function isSpacedCiscoTag(text: string, start: number, end: number): boolean {
  if (text.charCodeAt(start) !== 37 || !text.startsWith(' :', end) || !isCiscoTag(text, start)) return false;
  scratch.nameEnd = end;
  scratch.end = end + 2;
  return true;
}

/** Whether a tag with a numeric id and a colon begins at `at`. */
function hasIdTag(text: string, at: number): boolean {
  if (!isTag(text, at, endOfWord(text, at)) || scratch.idEnd === 0) return false;
  return text.charCodeAt(scratch.idEnd + 1) === COLON && NUMBER.test(text.slice(scratch.nameEnd + 1, scratch.idEnd));
}
