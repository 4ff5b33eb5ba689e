import type { JsonObject } from '../../record/json.ts';
import { digitsAt } from '../time/calendar.ts';

/** Names by code, as RFC 5424 (tables 1 and 2) numbers them and syslog.conf writes them. */
const FACILITIES = [
  'kern',
  'user',
  'mail',
  'daemon',
  'auth',
  'syslog',
  'lpr',
  'news',
  'uucp',
  'cron',
  'authpriv',
  'ftp',
  'ntp',
  'security',
  'console',
  'solaris-cron',
  'local0',
  'local1',
  'local2',
  'local3',
  'local4',
  'local5',
  'local6',
  'local7',
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
  const value = digitsAt(text, 1, end - 1);
  return value <= MAX_PRIORITY ? { value, end: end + 1 } : undefined;
}

/** The ECS field `log.syslog.facility` of a priority; absent for -1. */
export function facilityOf(priority: number): JsonObject | undefined {
  return priority < 0 ? undefined : { code: priority >> 3, name: FACILITIES[priority >> 3] };
}

/** The ECS field `log.syslog.severity` of a priority; absent for -1. */
export function severityOf(priority: number): JsonObject | undefined {
  return priority < 0 ? undefined : { code: priority & 7, name: SEVERITIES[priority & 7] };
}
