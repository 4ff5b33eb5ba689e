import { toIso } from '../../record/iso-time.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../record/json.ts';
import { getField, setField, setOwn } from '../../record/path.ts';
import type { Zone } from '../../record/zone.ts';
import { parseIso8601 } from '../time/iso8601.ts';
import { BsdClock } from './bsd-time.ts';
import { type CefKind, ecsTargets, fullName } from './cef-keys.ts';
import { isIpAddress } from './ip-address.ts';
import { ParseFailure, type TextParser } from './parser.ts';
import { syslogParser } from './syslog.ts';

const BACKSLASH = 92;
const PIPE = 124;
const EQUALS = 61;

const HEADER_FIELDS = 7;
/** More extensions than this are no event; the bound keeps one record's work finite. */
const MAX_EXTENSIONS = 5_000;

const BEGIN = /(?:^|[^\w])CEF: ?(?=\d{1,3}(?:\.\d{1,3})?\|)/;
const NO_CEF = new ParseFailure('it holds no CEF:<version>|, with which an event of the Common Event Format begins');
const SHORT_HEADER = new ParseFailure('its header has fewer than 7 fields that end with "|"');
const TOO_MANY = new ParseFailure(`it has more than ${MAX_EXTENSIONS} extensions`);

const SEVERITIES: Readonly<Record<string, number>> = { unknown: 0, low: 0, medium: 4, high: 7, 'very-high': 9 };
const PROTOCOL_NUMBERS: ReadonlyMap<string, string> = new Map([
  ['1', 'icmp'],
  ['6', 'tcp'],
  ['17', 'udp'],
  ['58', 'ipv6-icmp'],
]);

/**
 * Makes a reader of ArcSight's Common Event Format (version 25), alone or as the content of a syslog message, whose
 * header is read too. Everything is in `cef.*`, extensions by their full names; what has an ECS field is there as well,
 * as Elastic's `decode_cef` has it. `cef.labels` holds custom fields by their labels: `cs1=x cs1Label=Reason` is
 * `cef.labels.Reason`. Times without a zone are local to `zone`.
 */
export function cefParser(zone: Zone): TextParser {
  const syslog = syslogParser(zone);
  const clock = new BsdClock(zone);
  return (text, at) => {
    const begin = BEGIN.exec(text);
    if (begin === null) return NO_CEF;
    const fields: JsonObject = {};
    const before = begin[0].startsWith('C') ? begin.index : begin.index + 1;
    if (before > 0) {
      const envelope = syslog(text.slice(0, before), at);
      if (!(envelope instanceof ParseFailure)) Object.assign(fields, envelope);
    }
    const header: string[] = [];
    const extensionsAt = readHeader(text, begin.index + begin[0].length, header);
    if (extensionsAt < 0) return SHORT_HEADER;
    const extensions = readExtensions(text, extensionsAt);
    if (extensions === undefined) return TOO_MANY;
    addEvent(fields, header, extensions);
    for (const name of Object.keys(extensions)) {
      const target = ecsTargets.get(name);
      if (target === undefined) continue;
      const value = ecsValue(extensions[name] as string, target.kind, { zone, clock, at });
      if (value !== undefined) setField(fields, target.path, value);
    }
    setAddresses(fields);
    return fields;
  };
}

/** Reads the fields before the extensions; returns where those begin, or -1. The last may end with the text. */
function readHeader(text: string, start: number, header: string[]): number {
  let from = start;
  for (let at = start; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === BACKSLASH) at += 1;
    else if (code === PIPE) {
      header.push(unescapeHeader(text.slice(from, at)));
      from = at + 1;
      if (header.length === HEADER_FIELDS) return from;
    }
  }
  if (header.length < HEADER_FIELDS - 1) return -1;
  header.push(unescapeHeader(text.slice(from)));
  return text.length;
}

/** In the header only `|` and `\` are escaped; another backslash stands for itself. */
function unescapeHeader(text: string): string {
  return text.includes('\\') ? text.replaceAll(/\\([\\|])/g, '$1') : text;
}

/** In extensions `=` and `\` are escaped, and line breaks; another backslash stands for itself. */
function unescapeExtension(text: string): string {
  if (!text.includes('\\')) return text;
  return text.replaceAll(/\\([\\=|nr])/g, (_whole, one: string) => (one === 'n' ? '\n' : one === 'r' ? '\r' : one));
}

const KEY = /^[\w.[\]-]{1,255}$/;

/**
 * Reads `key=value key=value`, where values hold blanks: a value ends before the last word in front of the next `=`. An
 * `=` without a word before it belongs to the value, which senders should have escaped. `undefined`: there are too many.
 */
function readExtensions(text: string, start: number): JsonObject | undefined {
  const extensions: JsonObject = {};
  let key: string | undefined;
  let valueAt = start;
  let wordAt = start;
  let count = 0;
  const put = (end: number): void => {
    if (key !== undefined) setOwn(extensions, fullName(key), unescapeExtension(text.slice(valueAt, end).trimEnd()));
  };
  for (let at = start; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === BACKSLASH) at += 1;
    else if (code <= 32) wordAt = at + 1;
    else if (code === EQUALS && wordAt >= valueAt && at > wordAt && (key === undefined || wordAt > valueAt)) {
      const word = text.slice(wordAt, Math.min(at, wordAt + 256));
      if (!KEY.test(word)) continue;
      put(wordAt);
      count += 1;
      if (count > MAX_EXTENSIONS) return undefined;
      key = word;
      valueAt = at + 1;
      wordAt = valueAt;
    }
  }
  put(text.length);
  return extensions;
}

function addEvent(fields: JsonObject, header: readonly string[], extensions: JsonObject): void {
  const [version, vendor, product, deviceVersion, code, name, severity = ''] = header;
  fields['cef'] = {
    version,
    device: { vendor, product, version: deviceVersion, event_class_id: code },
    name,
    severity,
    extensions,
    labels: labelsOf(extensions),
  };
  fields['observer'] = { vendor, product, version: deviceVersion };
  const word = severity.trim().toLowerCase();
  const number = /^\d{1,2}$/.test(word) ? Number(word) : Object.hasOwn(SEVERITIES, word) ? SEVERITIES[word] : undefined;
  fields['event'] = { code, severity: number };
  // The event's name, unless the device has more to say.
  fields['message'] = name;
}

function labelsOf(extensions: JsonObject): JsonObject | undefined {
  let labels: JsonObject | undefined;
  for (const name of Object.keys(extensions)) {
    if (!name.endsWith('Label')) continue;
    const label = extensions[name] as string;
    const of = name.slice(0, -'Label'.length);
    const value = Object.hasOwn(extensions, of) ? extensions[of] : undefined;
    if (value === undefined || label === '') continue;
    labels ??= {};
    setOwn(labels, label, value);
  }
  return labels;
}

interface TimeReading {
  readonly zone: Zone;
  readonly clock: BsdClock;
  readonly at: number;
}

function ecsValue(text: string, kind: CefKind, times: TimeReading): JsonValue | undefined {
  if (text === '') return undefined;
  switch (kind) {
    case 'text':
      return text;
    case 'ip':
      return isIpAddress(text) ? text : undefined;
    case 'number':
      return /^\d{1,15}$/.test(text) ? Number(text) : undefined;
    case 'direction':
      return text === '0' ? 'inbound' : text === '1' ? 'outbound' : undefined;
    case 'mac':
      return /^[0-9a-f]{2}(?:[:-][0-9a-f]{2}){5,7}$/i.test(text) ? text.toUpperCase().replaceAll(':', '-') : undefined;
    case 'time':
      return timeOf(text, times);
  }
}

/** ms since 1970, `MMM dd [yyyy] HH:mm:ss[.SSS] [zone]` (the standard's appendix A), or ISO 8601, which occurs. */
function timeOf(text: string, { zone, clock, at }: TimeReading): string | undefined {
  const ms = /^\d{11,14}$/.test(text) ? Number(text) : (clock.read(text, 0, at)?.ms ?? parseIso8601(text, zone));
  return Number.isNaN(ms) ? undefined : toIso(ms);
}

/** ECS: `address` is whatever there is; and what has rules of its own. */
function setAddresses(fields: JsonObject): void {
  for (const side of ['source', 'destination']) {
    const endpoint = fields[side];
    if (!isJsonObject(endpoint)) continue;
    const address = endpoint['ip'] ?? endpoint['domain'];
    if (address !== undefined) endpoint['address'] = address;
  }
  const transport = getField(fields, ['network', 'transport']);
  if (typeof transport === 'string') {
    setField(fields, ['network', 'transport'], PROTOCOL_NUMBERS.get(transport) ?? transport.toLowerCase());
  }
}
