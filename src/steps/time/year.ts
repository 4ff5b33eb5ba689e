import type { Zone } from '../../record/zone.ts';
import { systemClock } from '../../sdk/clock.ts';
import { asUtc, type LocalTime } from './calendar.ts';

/** How far ahead of the reference a time may be: senders' clocks are wrong, and their zones too. */
const AHEAD_MS = 86_400_000;

/** A 29 February may be up to eight years back (1896 to 1904, 2096 to 2104). */
const YEARS_BACK = 8;

/** A year less a day or two, whatever the zone: the next coming of a date is farther off than this. */
const YEAR_MS = 363 * 86_400_000;

/**
 * Whether {@link inferYear} would give `ms` again for the same time at this `reference`. False also where it only might
 * give another. Without a reference it is always asked anew.
 */
export function isStillNewest(ms: number, reference: number): boolean {
  return reference >= 0 && ms <= reference + AHEAD_MS && reference + AHEAD_MS < ms + YEAR_MS;
}

/**
 * Completes a time that came without its year: the latest one that is not more than a day after `reference` (the
 * record's Kafka timestamp in ms; -1: now). So a line of 31 December that arrives on 1 January is of the old year.
 * Returns ms since 1970, or NaN. Sets `time.year`.
 */
export function inferYear(time: LocalTime, zone: Zone, reference: number): number {
  const at = reference >= 0 ? reference : systemClock.now();
  const newest = new Date(at).getUTCFullYear() + 1;
  for (let year = newest; year >= newest - YEARS_BACK - 1; year -= 1) {
    time.year = year;
    const ms = zone(asUtc(time));
    if (ms <= at + AHEAD_MS) return ms;
  }
  return Number.NaN;
}
