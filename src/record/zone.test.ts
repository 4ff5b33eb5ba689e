import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { parseZone, zoneOffset } from './zone.ts';

const HOUR_MS = 3_600_000;

describe('zoneOffset', () => {
  test.each<[string, string, number]>([
    ['UTC', '2024-07-01T00:00:00Z', 0],
    ['-03:30', '2024-07-01T00:00:00Z', -3.5],
    ['Europe/Berlin', '2024-03-31T00:59:59.999Z', 1],
    ['Europe/Berlin', '2024-03-31T01:00:00Z', 2],
    ['Europe/Berlin', '2024-10-27T00:59:59.999Z', 2],
    ['Europe/Berlin', '2024-10-27T01:00:00Z', 1],
    ['Australia/Lord_Howe', '2024-04-06T14:59:59Z', 11],
    ['Australia/Lord_Howe', '2024-04-06T15:00:00Z', 10.5],
    ['Asia/Kathmandu', '2024-01-01T00:00:00Z', 5.75],
  ])('of %s at %s is %d hours', (zone, time, hours) => {
    expect(zoneOffset(zone)?.(Date.parse(time))).toBe(hours * HOUR_MS);
  });

  it('is what Intl says, whatever was asked before', () => {
    const zones = ['Europe/Berlin', 'America/St_Johns', 'Australia/Lord_Howe', 'Pacific/Apia', 'Africa/Casablanca'];
    const near = fc.constantFrom('2024-03-31T01:00:00Z', '2011-12-30T10:00:00Z', '2024-04-06T15:00:00Z', '2005-10-30T02:31:00Z');
    const times = fc.array(
      fc.tuple(near, fc.integer({ min: -2 * 24 * HOUR_MS, max: 2 * 24 * HOUR_MS })).map(([at, by]) => Date.parse(at) + by),
      { minLength: 1, maxLength: 10 },
    );
    const offsets = new Map(zones.map((zone) => [zone, zoneOffset(zone)]));
    fc.assert(
      fc.property(fc.constantFrom(...zones), times, (zone, asked) => {
        const parts = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'medium' });
        for (const time of asked) {
          const local = Date.parse(`${parts.format(time).replace(' ', 'T')}Z`);
          expect(offsets.get(zone)?.(time)).toBe(local - Math.floor(time / 1000) * 1000);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('ends with the times that there are', () => {
    for (const time of [8.64e15, -8.64e15]) expect(zoneOffset('Europe/Berlin')?.(time)).toBeTypeOf('number');
    expect(parseZone('Europe/Nowhere')).toBeUndefined();
  });
});
