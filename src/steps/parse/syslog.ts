import type { JsonObject } from '../../record/json.ts';
import { toIso } from '../time/calendar.ts';
import type { Zone } from '../time/zone.ts';
import { BsdClock } from './bsd-time.ts';
import { ParseFailure, type TextParser } from './parser.ts';
import { facilityOf, readPriority, severityOf } from './syslog-priority.ts';
import { readRfc3164 } from './syslog-rfc3164.ts';
import { isRfc5424, readRfc5424 } from './syslog-rfc5424.ts';

/** What both kinds of syslog message hold. */
export interface SyslogMessage {
  /** ms since 1970; `undefined` where the message has none. */
  time: number | undefined;
  /** Only in RFC 5424. */
  version: string | undefined;
  hostname: string | undefined;
  appname: string | undefined;
  procid: string | undefined;
  msgid: string | undefined;
  structuredData: JsonObject | undefined;
  message: string;
}

const BAD_PRIORITY = new ParseFailure('it begins with "<" but not with a priority from <0> to <191>');

/**
 * Makes a reader of syslog messages, RFC 5424 or RFC 3164 (the BSD format, also as written to files, without priority,
 * and with ISO 8601 times), told apart by themselves. Times without a zone are local to `zone`, times without a year are
 * of the latest year that fits. ECS fields: `log.syslog.*`, and for correlation `host.hostname` and `process.*`.
 */
export function syslogParser(zone: Zone): TextParser {
  const context = { zone, clock: new BsdClock(zone) };
  return (text, at) => {
    const priority = readPriority(text);
    if (priority === undefined) return BAD_PRIORITY;
    const { value, end } = priority;
    const message = value >= 0 && isRfc5424(text, end) ? readRfc5424(text, end, zone) : readRfc3164(text, end, context, at);
    return message instanceof ParseFailure ? message : toFields(message, value);
  };
}

function toFields(message: SyslogMessage, priority: number): JsonObject {
  const { hostname, appname, procid } = message;
  return {
    '@timestamp': message.time === undefined ? undefined : toIso(message.time),
    message: message.message,
    log: {
      syslog: {
        priority: priority < 0 ? undefined : priority,
        facility: facilityOf(priority),
        severity: severityOf(priority),
        version: message.version,
        hostname,
        appname,
        procid,
        msgid: message.msgid,
        structured_data: message.structuredData,
      },
    },
    host: hostname === undefined ? undefined : { hostname },
    process: appname === undefined ? undefined : { name: appname, pid: pidOf(procid) },
  };
}

/** A PROCID as a number where it is a process id; it may be any text. */
function pidOf(procid: string | undefined): number | undefined {
  return procid !== undefined && /^\d{1,10}$/.test(procid) ? Number(procid) : undefined;
}
