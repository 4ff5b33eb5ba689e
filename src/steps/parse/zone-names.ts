import { offsetMs } from '../time/iso8601.ts';

/**
 * Abbreviations of zones in logs, with their hours from UTC. Those of North America as RFC 2822 (4.3) has them; such as
 * are used for several zones elsewhere (IST) are left out, and times with them are read as if they named none.
 */
const HOURS: ReadonlyMap<string, number> = new Map([
  ['UTC', 0],
  ['GMT', 0],
  ['UT', 0],
  ['WET', 0],
  ['WEST', 1],
  ['BST', 1],
  ['CET', 1],
  ['CEST', 2],
  ['MET', 1],
  ['MEST', 2],
  ['EET', 2],
  ['EEST', 3],
  ['MSK', 3],
  ['SGT', 8],
  ['HKT', 8],
  ['AWST', 8],
  ['JST', 9],
  ['KST', 9],
  ['AEST', 10],
  ['AEDT', 11],
  ['NZST', 12],
  ['NZDT', 13],
  ['EST', -5],
  ['EDT', -4],
  ['CST', -6],
  ['CDT', -5],
  ['MST', -7],
  ['MDT', -6],
  ['PST', -8],
  ['PDT', -7],
  ['AKST', -9],
  ['AKDT', -8],
  ['HST', -10],
]);

const HOUR_MS = 3_600_000;

/** The offset from UTC in ms of `Z`, `+0200`, `TZ-6` or an abbreviation; `undefined` where it is not known. */
export function zoneOffset(name: string): number | undefined {
  const hours = HOURS.get(name);
  if (hours !== undefined) return hours * HOUR_MS;
  if (/^TZ[+-]\d{1,2}$/.test(name)) return Number(name.slice(2)) * HOUR_MS;
  if (!/^(?:Z|[+-]\d{2}:?\d{2})$/.test(name)) return undefined;
  const ms = offsetMs(name);
  return Number.isNaN(ms) ? undefined : ms;
}
