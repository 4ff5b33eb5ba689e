import type { JsonObject, JsonValue } from '../../record/json.ts';

/** The mean radius of the Earth in metres: (2a + b) / 3 of the ellipsoid GRS 80 (IUGG; H. Moritz, Geodetic Reference System 1980). */
const EARTH_RADIUS_M = 6_371_008.8;

const RADIANS_A_DEGREE = Math.PI / 180;
const BASE32 = '0123456789bcdefghjkmnpqrstuvwxyz';
const BITS_A_CHARACTER = 5;

/** A place on the Earth, in degrees. */
export interface Place {
  readonly lat: number;
  readonly lon: number;
}

export function isLatitude(value: unknown): value is number {
  return typeof value === 'number' && value >= -90 && value <= 90;
}

export function isLongitude(value: unknown): value is number {
  return typeof value === 'number' && value >= -180 && value <= 180;
}

/** The place that a value means: `{ lat, lon }` (a `geo_point` of ECS) or `[lon, lat]` (GeoJSON, RFC 7946); `undefined` where it is none. */
export function placeOf(value: unknown): Place | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  let lat: JsonValue | undefined;
  let lon: JsonValue | undefined;
  // RFC 7946 allows a third number, the height.
  if (Array.isArray(value)) [lon, lat] = value.length === 2 || value.length === 3 ? (value as JsonValue[]) : [];
  else ({ lat, lon } = value as JsonObject);
  return isLatitude(lat) && isLongitude(lon) ? { lat, lon } : undefined;
}

/** The distance along the surface of a sphere, in metres (the haversine formula; within 0.6% of that on the ellipsoid). */
export function distance(lat1: number, lon1: number, lat2: number, lon2: number): number {
  const [from, to] = [lat1 * RADIANS_A_DEGREE, lat2 * RADIANS_A_DEGREE];
  const halfLat = Math.sin((to - from) / 2);
  const halfLon = Math.sin(((lon2 - lon1) * RADIANS_A_DEGREE) / 2);
  const haversine = halfLat * halfLat + Math.cos(from) * Math.cos(to) * halfLon * halfLon;
  // Rounding can make it more than 1 for antipodes.
  return 2 * EARTH_RADIUS_M * Math.asin(Math.min(1, Math.sqrt(haversine)));
}

/** The direction in which the shortest way begins, in degrees clockwise from north, from 0 to less than 360. */
export function bearing(lat1: number, lon1: number, lat2: number, lon2: number): number {
  const [from, to] = [lat1 * RADIANS_A_DEGREE, lat2 * RADIANS_A_DEGREE];
  const turn = (lon2 - lon1) * RADIANS_A_DEGREE;
  const east = Math.sin(turn) * Math.cos(to);
  const north = Math.cos(from) * Math.sin(to) - Math.sin(from) * Math.cos(to) * Math.cos(turn);
  const degrees = Math.atan2(east, north) / RADIANS_A_DEGREE;
  const positive = degrees < 0 ? degrees + 360 : degrees;
  // The least negative angles round to 360, and -0 is north.
  return positive >= 360 || positive === 0 ? 0 : positive;
}

/** The geohash (G. Niemeyer, 2008) of a place, of so many characters: its bits halve longitude and latitude in turn. */
export function geohash(lat: number, lon: number, characters: number): string {
  let [west, east, south, north] = [-180, 180, -90, 90];
  let hash = '';
  let isLon = true;
  while (hash.length < characters) {
    let bits = 0;
    for (let bit = 0; bit < BITS_A_CHARACTER; bit += 1) {
      const middle = isLon ? (west + east) / 2 : (south + north) / 2;
      const isUpper = (isLon ? lon : lat) >= middle;
      if (isLon && isUpper) west = middle;
      else if (isLon) east = middle;
      else if (isUpper) south = middle;
      else north = middle;
      bits = bits * 2 + (isUpper ? 1 : 0);
      isLon = !isLon;
    }
    hash += BASE32.charAt(bits);
  }
  return hash;
}

/**
 * Whether a place is in a polygon of these corners, by how often a line to its east crosses the sides, which are straight in degrees.
 * A side itself belongs to one of the two polygons that share it.
 */
export function isInPolygon(lat: number, lon: number, corners: readonly Place[]): boolean {
  let isIn = false;
  let before = corners.at(-1);
  for (const corner of corners) {
    if (before !== undefined && corner.lat > lat !== before.lat > lat) {
      const crossing = corner.lon + ((before.lon - corner.lon) * (lat - corner.lat)) / (before.lat - corner.lat);
      if (lon < crossing) isIn = !isIn;
    }
    before = corner;
  }
  return isIn;
}
