import { describe, expect, it } from 'vitest';
import { parseMoment } from './moment.ts';

const now = Date.UTC(2026, 0, 2);

describe('parseMoment', () => {
  it.each([
    ['2h', now - 7_200_000],
    ['1h30m', now - 5_400_000],
    ['2026-01-01', Date.UTC(2026, 0, 1)],
    ['2026-01-01T12:30Z', Date.UTC(2026, 0, 1, 12, 30)],
    ['2026-01-01T12:30:15.5+02:00', Date.UTC(2026, 0, 1, 10, 30, 15, 500)],
  ])('reads %s', (text, at) => {
    expect(parseMoment(text, now)).toBe(at);
  });

  // A time without its zone would mean another moment on every machine.
  it.each(['', '2', 'yesterday', '2026-01-01T12:30', '2026-13-01', '01/02/2026', '-2h'])('does not guess at %j', (text) => {
    expect(parseMoment(text, now)).toBeUndefined();
  });
});
