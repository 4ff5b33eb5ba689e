const MINUTE_MS = 60_000;
/** Length of `03.123Z`. */
const SECONDS_LENGTH = 7;
let minute = Number.NaN;
let minuteText = '';

/**
 * The text form of a time in records: ISO 8601 in UTC with milliseconds. Times of one minute share what is before the
 * seconds: making it all takes four times as long.
 */
export function toIso(ms: number): string {
  const asked = Math.floor(ms / MINUTE_MS);
  if (asked !== minute) {
    minuteText = new Date(asked * MINUTE_MS).toISOString().slice(0, -SECONDS_LENGTH);
    minute = asked;
  }
  const rest = Math.floor(ms) - asked * MINUTE_MS;
  return `${minuteText}${String(100_000 + rest).slice(1, 3)}.${String(1000 + (rest % 1000)).slice(1)}Z`;
}
