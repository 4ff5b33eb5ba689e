import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { complaint, evaluate } from '../../../test/support/evaluate.ts';
import { bearing, distance, geohash } from './geo-math.ts';

const lat = fc.double({ min: -90, max: 90, noNaN: true });
const lon = fc.double({ min: -180, max: 180, noNaN: true });
const HALF_WAY_M = Math.PI * 6_371_008.8;

describe('geo_distance', () => {
  // By the angle between vectors, in Python, with the same radius.
  test.each([
    ['40.7128, -74.0060, 51.5074, -0.1278', 5_570_229.873656523],
    ['-33.8688, 151.2093, -33.4489, -70.6693', 11_346_730.79408552],
    ['-17.7134, 178.065, -13.759, -172.1046', 1_139_984.292070831],
    ['90, 0, -90, 77', HALF_WAY_M],
    ['0, 0, 0, 180', HALF_WAY_M],
    ['12.5, 180, 12.5, -180', 0],
  ])('of %s', (places, metres) => {
    expect(evaluate(`geo_distance(${places})`)).toBeCloseTo(metres, 4);
  });

  it('keeps its digits for places that are near', () => {
    expect(evaluate('geo_distance(52.52, 13.405, 52.5200001, 13.405)')).toBeCloseTo(0.01111950783641254, 8);
  });

  it('is the same both ways, 0 to itself, at most half way around, and no longer than a detour', () => {
    fc.assert(
      fc.property(lat, lon, lat, lon, lat, lon, (lat1, lon1, lat2, lon2, lat3, lon3) => {
        const direct = distance(lat1, lon1, lat2, lon2);
        expect(direct).toBe(distance(lat2, lon2, lat1, lon1));
        expect(distance(lat1, lon1, lat1, lon1)).toBe(0);
        expect(direct).toBeLessThanOrEqual(HALF_WAY_M);
        expect(direct).toBeLessThanOrEqual(distance(lat1, lon1, lat3, lon3) + distance(lat3, lon3, lat2, lon2) + 1);
      }),
    );
  });

  it.each(['91, 0, 0, 0', '0, 0, 0, -180.1', "'1', 0, 0, 0"])('is missing for %s', (places) => {
    const [a, b, c, d] = places.split(', ').map((text) => (text.startsWith("'") ? '1' : Number(text)));
    expect(evaluate('geo_distance(a, b, c, d)', { a, b, c, d } as never)).toBeUndefined();
  });

  it('takes points of both forms', () => {
    const value = { a: { lat: 45.7597, lon: 4.8422 }, b: [2.3508, 48.8567, 35], c: { lat: 45 }, d: '45,4' };
    // That of the Python package haversine, which has the same radius.
    expect(evaluate('geo_point_distance(a, b)', value)).toBeCloseTo(392_217.2595594006, 5);
    for (const other of ['c', 'd', 'e', '[200, 0]', '[1]', 'null']) {
      if (other !== '[200, 0]' && other !== '[1]' && other !== 'null')
        expect(evaluate(`geo_point_distance(a, ${other})`, value)).toBeUndefined();
      else expect(complaint(`geo_point_distance(a, ${other})`)).toContain('longitude first');
    }
  });
});

describe('geo_bearing', () => {
  test.each([
    ['35, 45, 35, 135', 60.16243352168621],
    ['-33.8688, 151.2093, -33.4489, -70.6693', 145.28267056537155],
    ['40.7128, -74.0060, 51.5074, -0.1278', 51.212616824197184],
    ['10, 20, 5, 20', 180],
    ['0, 0, 0, -1', 270],
    ['0, 0, 1, 0', 0],
  ])('of %s', (places, degrees) => {
    expect(evaluate(`geo_bearing(${places})`)).toBeCloseTo(degrees, 9);
  });

  it('is from 0 to less than 360, and missing from a place to itself', () => {
    fc.assert(
      fc.property(lat, lon, lat, lon, (...places) => {
        const degrees = bearing(...places);
        expect(degrees >= 0 && degrees < 360).toBe(true);
      }),
    );
    expect(evaluate('geo_bearing(1, 2, 1, 2)')).toBeUndefined();
  });
});

describe('geohash', () => {
  test.each([
    ['42.605, -5.603, 5', 'ezs42'],
    ['57.64911, 10.40744, 11', 'u4pruydqqvj'],
    ['-90, -180, 3', '000'],
    ['90, 180, 3', 'zzz'],
  ])('of %s', (place, hash) => {
    expect(evaluate(`geohash(${place})`)).toBe(hash);
  });

  it('begins with the shorter ones, and names a cell that holds the place', () => {
    fc.assert(
      fc.property(lat, lon, fc.integer({ min: 1, max: 11 }), (a, b, length) => {
        expect(geohash(a, b, 12).startsWith(geohash(a, b, length))).toBe(true);
      }),
    );
    expect(evaluate('geohash(1, 2)')).toHaveLength(9);
    expect(evaluate('geohash(1, 2, n)', { n: 13 })).toBeUndefined();
  });
});

describe('boxes and polygons', () => {
  const inBox = (a: number, b: number, box: number[]): unknown => evaluate('geo_in_box(a, b, box)', { a, b, box });

  it('hold what is on the border of a box, also of one across the 180th meridian', () => {
    expect([inBox(10, 20, [20, 10, 30, 40]), inBox(10, 19.9, [20, 10, 30, 40]), inBox(41, 25, [20, 10, 30, 40])]).toEqual([
      true,
      false,
      false,
    ]);
    expect([inBox(0, 179, [170, -5, -170, 5]), inBox(0, -175, [170, -5, -170, 5]), inBox(0, 0, [170, -5, -170, 5])]).toEqual([
      true,
      true,
      false,
    ]);
    expect([inBox(0, 0, [0, 1, 0, -1]), inBox(0, 0, [0, 0, 0]), inBox(99, 0, [0, 0, 1, 1])]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  it('agree on boxes, whichever way their corners go round', () => {
    const whole = fc.integer({ min: -80, max: 80 });
    fc.assert(
      fc.property(whole, whole, whole, whole, whole, whole, (a, b, s, w, n, e) => {
        fc.pre(s < n && w < e && a !== s && a !== n && b !== w && b !== e);
        const corners = [[w, s], [e, s], { lat: n, lon: e }, [w, n]];
        const value = { a, b, box: [w, s, e, n], corners, reversed: corners.toReversed() };
        const inside = evaluate('geo_in_box(a, b, box)', value);
        expect(evaluate('geo_in_polygon(a, b, corners)', value)).toBe(inside);
        expect(evaluate('geo_in_polygon(a, b, reversed)', value)).toBe(inside);
      }),
    );
  });

  it('leave out the notch of a polygon', () => {
    const u = '[[0, 0], [9, 0], [9, 9], [6, 9], [6, 3], [3, 3], [3, 9], [0, 9]]';
    const at = (a: number, b: number): unknown => evaluate(`geo_in_polygon(a, b, ${u})`, { a, b });
    expect([at(8, 1), at(8, 4), at(1, 4), at(8, 8), at(10, 1)]).toEqual([true, false, true, true, false]);
  });
});

test.each([
  ['geo_distance(100, 0, 0, 0)', 'a latitude is -90 to 90 degrees, not 100'],
  ['geo_distance(lat, -181, 0, 0)', 'a longitude is -180 to 180 degrees, not -181'],
  ['geohash(1, 2, 13)', 'from 1 to 12, not 13'],
  ['geo_in_box(a, b, [1, 2, 3])', '[west, south, east, north]'],
  ['geo_in_box(a, b, [1, 50, 3, 40])', 'the south of a box'],
  ['geo_in_polygon(a, b, [[0, 0], [1, 1]])', '3 to 1000 points'],
  ["geo_distance('x', 0, 0, 0)", 'lat1 is of type number'],
])('%s is refused when it is loaded', (text, message) => {
  expect(complaint(text)).toContain(message);
});
