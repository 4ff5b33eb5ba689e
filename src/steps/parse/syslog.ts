import { toIso } from '../../record/iso-time.ts';
import type { JsonObject } from '../../record/json.ts';
import type { Zone } from '../../record/zone.ts';
import { BsdClock } from './bsd-time.ts';
import { ParseFailure, type TextParser } from './parser.ts';
import { ciscoFields, parseCiscoTag } from './syslog-cisco.ts';
import { takeSolarisId } from './syslog-labels.ts';
import type { SyslogMessage } from './syslog-message.ts';
import { facilityOf, readPriority, severityOf } from './syslog-priority.ts';
import { readRfc3164 } from './syslog-rfc3164.ts';
import { isRfc5424, readRfc5424 } from './syslog-rfc5424.ts';

const PERCENT = 37;
const OPEN = 91;
const BYTE_ORDER_MARK = 0xfeff;

const BAD_PRIORITY = new ParseFailure('it begins with "<" but not with a priority from <0> to <191>');

/**
 * Makes a reader of syslog messages, RFC 5424 or RFC 3164 (the BSD format, also as written to files, without priority,
 * with ISO 8601 times, and as Cisco, AIX, Solaris and relays write it), told apart by themselves. Times without a zone are
 * local to `zone`, times without a year are of the latest year that fits. ECS fields: `log.syslog.*`, and for correlation
 * `host.hostname` and `process.*`; who passed a message on is `log.source.address`.
 */
export function syslogParser(zone: Zone): TextParser {
  const context = { zone, clock: new BsdClock(zone) };
  return (whole, at) => {
    const text = trimmed(whole);
    const priority = readPriority(text);
    if (priority === undefined) return BAD_PRIORITY;
    const { value, end } = priority;
    const message = isRfc5424(text, end) ? readRfc5424(text, end, zone) : readRfc3164(text, end, context, at);
    if (message instanceof ParseFailure) return message;
    if (message.appname?.charCodeAt(0) === PERCENT) message.cisco = parseCiscoTag(message.appname);
    else if (message.message.charCodeAt(0) === OPEN) takeSolarisId(message);
    if (message.message.charCodeAt(0) === BYTE_ORDER_MARK) message.message = message.message.slice(1);
    return toFields(message, message.innerPriority < 0 ? value : message.innerPriority);
  };
}

/** Without a byte order mark before it, and what ends a message on the wire (RFC 6587, 3.4.2) behind it. */
function trimmed(text: string): string {
  const start = text.charCodeAt(0) === BYTE_ORDER_MARK ? 1 : 0;
  let end = text.length;
  for (let code = text.charCodeAt(end - 1); code === 10 || code === 13 || code === 0; code = text.charCodeAt(end - 1)) end -= 1;
  return start === 0 && end === text.length ? text : text.slice(start, end);
}

function toFields(message: SyslogMessage, priority: number): JsonObject {
  const { hostname, appname, procid, cisco, relay } = message;
  const log: JsonObject = {
    syslog: {
      priority: priority < 0 ? undefined : priority,
      facility: facilityOf(priority < 0 ? message.facility : priority >> 3),
      severity: severityOf(priority < 0 ? message.severity : priority & 7),
      version: message.version,
      hostname,
      appname,
      procid,
      msgid: message.msgid,
      structured_data: message.structuredData,
    },
  };
  const fields: JsonObject = {
    '@timestamp': message.time === undefined ? undefined : toIso(message.time),
    message: message.message,
    log,
    host: hostname === undefined ? undefined : { hostname },
    process: appname === undefined || cisco !== undefined ? undefined : { name: appname, pid: pidOf(procid) },
  };
  // Few have these: fields that are absent in the others would cost each of them.
  if (relay !== undefined) log['source'] = { address: relay };
  if (cisco !== undefined) {
    fields['event'] = { code: cisco.mnemonic, severity: cisco.severity };
    fields['cisco'] = ciscoFields(cisco, message.sequence);
  }
  return fields;
}

/** A PROCID as a number where it is a process id; it may be any text. */
function pidOf(procid: string | undefined): number | undefined {
  return procid !== undefined && /^\d{1,10}$/.test(procid) ? Number(procid) : undefined;
}
