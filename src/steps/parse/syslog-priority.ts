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

/** The ECS field `log.syslog.facility` of a facility's code; absent for -1. */
export function facilityOf(code: number): JsonObject | undefined {
  return code < 0 ? undefined : { code, name: FACILITIES[code] };
}

/** The ECS field `log.syslog.severity` of a severity's code; absent for -1. */
export function severityOf(code: number): JsonObject | undefined {
  return code < 0 ? undefined : { code, name: SEVERITIES[code] };
}

/** Names that syslog.conf knows beside those above. */
const OTHER_FACILITIES: ReadonlyMap<string, number> = new Map([
  ['security', 4],
  ['audit', 13],
]);
const SEVERITY_WORDS: ReadonlyMap<string, number> = new Map(
  [
    ['emerg', 'emergency', 'panic'],
    ['alert'],
    ['crit', 'critical'],
    ['err', 'error'],
    ['warning', 'warn'],
    ['notice'],
    ['info', 'informational'],
    ['debug'],
  ].flatMap((words, code) => words.map((word) => [word, code] as const)),
);

/** The code of a facility's name, or of a number; -1 where there is none. */
export function facilityCode(name: string): number {
  if (/^\d{1,2}$/.test(name)) return Number(name) < FACILITIES.length ? Number(name) : -1;
  return OTHER_FACILITIES.get(name) ?? FACILITIES.indexOf(name);
}

/** The code of a severity's name, short or long, or of a number; -1 where there is none. */
export function severityCode(name: string): number {
  return /^[0-7]$/.test(name) ? Number(name) : (SEVERITY_WORDS.get(name) ?? -1);
}
