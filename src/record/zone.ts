/** Turns a local time (ms since 1970 as if it were UTC) into ms since 1970. */
export type Zone = (localMs: number) => number;

const DAY_MS = 86_400_000;
/** Days of which the offset is remembered for one zone: eleven years. */
const MOST_DAYS = 4096;
/** The times that Intl knows, in ms to either side of 1970. */
const FURTHEST = 8.64e15;
const FIXED = /^([+-])(\d{2}):?(\d{2})$/;
/** How `longOffset` writes an offset; of UTC itself it says `GMT`. */
const LONG_OFFSET = /^GMT(?:([+-])(\d{2}):(\d{2})(?::(\d{2}))?)?$/;

/** Of a time (ms since 1970), by how many ms local time is ahead of UTC. */
export type ZoneOffset = (ms: number) => number;

/** The zone of a name: `UTC`, an offset such as `+02:00`, or a name of the IANA database such as `Europe/Madrid`. */
export function parseZone(name: string): Zone | undefined {
  const offset = zoneOffset(name);
  return offset === undefined ? undefined : zoneOf(offset);
}

/** How far local time is ahead in the zone of a name, which is one of those of {@link parseZone}. */
export function zoneOffset(name: string): ZoneOffset | undefined {
  if (name === 'UTC' || name === 'Z') return () => 0;
  const fixed = FIXED.exec(name);
  if (fixed) {
    const offset = signed(fixed[1], Number(fixed[2]) * 3600 + Number(fixed[3]) * 60);
    return () => offset;
  }
  if (!/^[A-Za-z]/.test(name)) return undefined;
  try {
    return namedOffset(new Intl.DateTimeFormat('en-US', { timeZone: name, timeZoneName: 'longOffset' }));
  } catch {
    return undefined;
  }
}

function signed(sign: string | undefined, seconds: number): number {
  return (sign === '-' ? -seconds : seconds) * 1000;
}

/** The offsets of one day of UTC: there is at most one change within it. */
interface Day {
  readonly before: number;
  /** When it changes, in ms since 1970. */
  readonly change: number;
  readonly after: number;
}

/**
 * Asking Intl costs a microsecond or two, so the offsets of days are remembered. From 1970 on no zone has changed it twice within one
 * day of UTC.
 */
function namedOffset(format: Intl.DateTimeFormat): ZoneOffset {
  const exact = exactOffset(format);
  const days = new Map<number, Day>();
  let day = Number.NaN;
  let known: Day = { before: 0, change: 0, after: 0 };
  return (ms) => {
    const asked = Math.floor(ms / DAY_MS);
    if (asked !== day) {
      known = days.get(asked) ?? remember(days, asked, exact);
      day = asked;
    }
    return ms < known.change ? known.before : known.after;
  };
}

function remember(days: Map<number, Day>, day: number, exact: ZoneOffset): Day {
  const [start, end] = [day * DAY_MS, (day + 1) * DAY_MS - 1];
  const [before, after] = [exact(start), exact(end)];
  const made = { before, change: before === after ? start : changeBetween(start, end, exact), after };
  if (days.size >= MOST_DAYS) days.clear();
  days.set(day, made);
  return made;
}

/** The first time after `from` with another offset, which `to` has. */
function changeBetween(from: number, to: number, exact: ZoneOffset): number {
  const offset = exact(from);
  let [before, after] = [from, to];
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2);
    if (exact(middle) === offset) before = middle;
    else after = middle;
  }
  return after;
}

function exactOffset(format: Intl.DateTimeFormat): ZoneOffset {
  return (ms) => {
    const text =
      format.formatToParts(Math.max(-FURTHEST, Math.min(FURTHEST, ms))).find((part) => part.type === 'timeZoneName')?.value ??
      'GMT';
    const [, sign, hours = '0', minutes = '0', seconds = '0'] = LONG_OFFSET.exec(text) ?? [];
    return signed(sign, Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds));
  };
}

/**
 * Where clocks go back, an hour comes twice: its first coming is meant. Where they go forward, an hour is missing: a
 * time in it counts on from before. (As `Temporal`'s `compatible`.)
 */
function zoneOf(offsetAt: ZoneOffset): Zone {
  const resolve = (localMs: number): number => {
    const before = offsetAt(localMs - DAY_MS);
    const after = offsetAt(localMs + DAY_MS);
    if (before === after || offsetAt(localMs - before) === before) return before;
    return offsetAt(localMs - after) === after ? after : before;
  };
  // Offsets change at full minutes, and asking for one costs microseconds: lines of one minute share the answer.
  let minute = Number.NaN;
  let offset = 0;
  return (localMs) => {
    const asked = Math.floor(localMs / 60_000);
    if (asked !== minute) {
      offset = Number.isFinite(localMs) ? resolve(localMs) : Number.NaN;
      minute = asked;
    }
    return localMs - offset;
  };
}
