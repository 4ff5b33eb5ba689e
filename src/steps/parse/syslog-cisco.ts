import type { JsonObject } from '../../record/json.ts';

/** What a tag such as `%SYS-5-CONFIG_I` says. */
export interface CiscoTag {
  readonly facility: string;
  readonly severity: number;
  readonly mnemonic: string;
}

/** What Cisco's devices write before the time. */
export interface CiscoPrefix {
  readonly sequence: string | undefined;
  readonly hostname: string | undefined;
  /** The clock is not set (`*`), so that the time means little. */
  readonly unset: boolean;
  readonly end: number;
}

/** `29: `, `router: `, `29: router: 000123: `, and then `*` (not set) or `.` (not in step with NTP) before the time. */
const PREFIX = /:? ?(?:(\d{1,10}): )?(?:([A-Za-z][\w.-]{0,254}): )?(?:(\d{1,10}): )?([*.]?)/y;
/** The time since the device's start, `00:00:46: ` or `1w2d: `, which is no time of ours. */
const UPTIME = /(?:\d{1,3}:\d{2}:\d{2}|(?:\d{1,5}[ywdhms]){1,3}): (?=%)/y;
const TAG = /%(?:[A-Z0-9_]{1,60}-){1,4}-?(?:[a-z]{1,20}-)?[0-7]-[A-Z0-9_]{1,60}(?= ?:)/y;
const PARTS = /^%(.+?)-{1,2}(?:[a-z]+-)?([0-7])-([A-Z0-9_]+)$/;

/** Reads what stands before the time; `undefined` where nothing does. */
export function readCiscoPrefix(text: string, start: number): CiscoPrefix | undefined {
  PREFIX.lastIndex = start;
  const match = PREFIX.exec(text);
  if (match === null || match[0] === '') return undefined;
  const end = start + match[0].length;
  return { sequence: match[3] ?? match[1], hostname: match[2], unset: match[4] === '*', end };
}

/** Where the text behind a time since the start begins; `at` where there is none. */
export function skipUptime(text: string, at: number): number {
  UPTIME.lastIndex = at;
  return at + (UPTIME.exec(text)?.[0].length ?? 0);
}

/** Whether a tag of Cisco's kind begins at `at`. */
export function isCiscoTag(text: string, at: number): boolean {
  if (text.charCodeAt(at) !== 37) return false;
  TAG.lastIndex = at;
  return TAG.test(text);
}

/** Takes `%FACILITY-SEVERITY-MNEMONIC` apart; `undefined` where it is not written so. */
export function parseCiscoTag(tag: string): CiscoTag | undefined {
  const match = PARTS.exec(tag);
  if (match === null) return undefined;
  return { facility: match[1] as string, severity: Number(match[2]), mnemonic: match[3] as string };
}

const FIREWALLS: ReadonlyMap<string, string> = new Map([
  ['ASA', 'asa'],
  ['FTD', 'ftd'],
  ['PIX', 'asa'],
  ['FWSM', 'asa'],
]);

/** The fields of a tag, as Elastic's integrations of the devices name them. */
export function ciscoFields({ facility, mnemonic }: CiscoTag, sequence: string | undefined): JsonObject {
  const firewall = FIREWALLS.get(facility);
  if (firewall !== undefined) return { [firewall]: { message_id: mnemonic } };
  return { ios: { facility, sequence } };
}
