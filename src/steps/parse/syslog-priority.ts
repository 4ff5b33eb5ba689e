import type { JsonObject } from '../../record/json.ts';

/** Names by code, as RFC 5424 (tables 1 and 2) numbers them and syslog.conf writes them. */
const FACILITIES = [
  'kern', 'user', 'mail', 'daemon', 'auth', 'syslog', 'lpr', 'news', 'uucp', 'cron', 'authpriv', 'ftp',
  'ntp', 'security', 'console', 'solaris-cron',
  'local0', 'local1', 'local2', 'local3', 'local4', 'local5', 'local6', 'local7',
];
const SEVERITIES = ['emergency', 'alert', 'critical', 'error', 'warning', 'notice', 'informational', 'debug'];

const MAX_PRIORITY = 191;

/** A priority and where the text after it begins. */
export interface Priority {
  readonly value: number;
  readonly end: number;
}

const NO_PRIORITY: Priority = { value: -1, end: 0 };

/** Reads `<PRI>` at the beginning. Without one the value is -1; `undefined` where it is malformed or above 191. */
export function readPriority(text: string): Priority | undefined {
  if (text.charCodeAt(0) !== 60) return NO_PRIORITY;
  const end = text.indexOf('>');
  if (end < 2 || end > 4) return undefined;
  const digits = text.slice(1, end);
  const value = /^\d+$/.test(digits) ? Number(digits) : Number.NaN;
  return value <= MAX_PRIORITY ? { value, end: end + 1 } : undefined;
}

/** The ECS fields of a priority, for `log.syslog`; all absent for -1. */
export function priorityFields(value: number): JsonObject {
  if (value < 0) return { priority: undefined, facility: undefined, severity: undefined };
  const facility = value >> 3;
  const severity = value & 7;
  return {
    priority: value,
    facility: { code: facility, name: FACILITIES[facility] },
    severity: { code: severity, name: SEVERITIES[severity] },
  };
}
