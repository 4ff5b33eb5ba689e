import type { SyslogMessage } from './syslog-message.ts';
import { facilityCode, severityCode } from './syslog-priority.ts';

/** AIX: `auth|security:info `. */
const AIX = /([a-z0-9|]{3,20}):([a-z]{3,7}) /y;
/** FreeBSD's `syslogd -v`: `<4.6> ` and `<auth.info> `. */
const BSD = /<([a-z0-9]{1,12})\.([a-z0-9]{1,7})> /y;
/** Solaris: `[ID 800047 auth.info] `. */
const SOLARIS = /^\[ID (\d{1,10}) ([a-z0-9]{2,12})\.([a-z]{3,7})\] ?/;

/** Reads facility and severity as FreeBSD and AIX write them; returns where the text behind them begins, or `at`. */
export function readLabel(text: string, at: number, message: SyslogMessage): number {
  const pattern = text.charCodeAt(at) === 60 ? BSD : AIX;
  pattern.lastIndex = at;
  const match = pattern.exec(text);
  if (match === null) return at;
  const facility = facilityCode((match[1] as string).split('|')[0] as string);
  const severity = severityCode(match[2] as string);
  if (facility < 0 || severity < 0) return at;
  message.facility = facility;
  message.severity = severity;
  return at + match[0].length;
}

/** Takes Solaris's id, facility and severity off the content. */
export function takeSolarisId(message: SyslogMessage): void {
  const match = SOLARIS.exec(message.message);
  if (match === null) return;
  message.msgid = match[1];
  message.facility = facilityCode(match[2] as string);
  message.severity = severityCode(match[3] as string);
  message.message = message.message.slice(match[0].length);
}
