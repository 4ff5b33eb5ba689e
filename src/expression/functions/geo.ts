import type { JsonValue } from '../../record/json.ts';
import type { Argument, ExpressionFunction } from './definition.ts';
import { bearing, distance, geohash, isInPolygon, isLatitude, isLongitude, type Place, placeOf } from './geo-math.ts';

const LONGEST_GEOHASH = 12;
const USUAL_GEOHASH = 9;

/** Corners of a polygon. */
const MOST_CORNERS = 1000;

const LAT = { name: 'lat', type: 'number' } as const;
const LON = { name: 'lon', type: 'number' } as const;
const TWO_PLACES = [
  { name: 'lat1', type: 'number' },
  { name: 'lon1', type: 'number' },
  { name: 'lat2', type: 'number' },
  { name: 'lon2', type: 'number' },
] as const;

/**
 * Functions of places on the Earth. Latitudes are -90 to 90 degrees and longitudes -180 to 180 (WGS 84); where one is outside,
 * the result is missing.
 */
export const geoFunctions: readonly ExpressionFunction[] = [
  {
    name: 'geo_distance',
    summary:
      'The distance in metres between two places given in degrees, along a sphere with the mean radius of the Earth (haversine, 6,371,008.8 m); missing where one is outside -90 to 90 and -180 to 180.',
    parameters: TWO_PLACES,
    returns: 'number',
    example: { text: 'round(geo_distance(45.7597, 4.8422, 48.8567, 2.3508))', result: 392_217 },
    call: (lat1: Argument, lon1: Argument, lat2: Argument, lon2: Argument) =>
      isLatitude(lat1) && isLongitude(lon1) && isLatitude(lat2) && isLongitude(lon2)
        ? distance(lat1, lon1, lat2, lon2)
        : undefined,
    check: wrongPlaces,
  },
  {
    name: 'geo_point_distance',
    summary:
      'The same between two points, each `{ lat, lon }` (as the `geo_point` of ECS) or `[lon, lat]` (as in GeoJSON, longitude first); missing where one is no point.',
    parameters: [
      { name: 'from', type: 'any' },
      { name: 'to', type: 'any' },
    ],
    returns: 'number',
    example: { text: 'round(geo_point_distance({ lat: 45.7597, lon: 4.8422 }, [2.3508, 48.8567]))', result: 392_217 },
    call: (from: Argument, to: Argument) => {
      const [a, b] = [placeOf(from), placeOf(to)];
      return a === undefined || b === undefined ? undefined : distance(a.lat, a.lon, b.lat, b.lon);
    },
    check: (literals) => literals.map(wrongPoint).find((wrong) => wrong !== undefined),
  },
  {
    name: 'geo_bearing',
    summary:
      'The direction in which the shortest way from the first place to the second begins, in degrees clockwise from north (0 to less than 360); missing where both are the same.',
    parameters: TWO_PLACES,
    returns: 'number',
    example: { text: 'geo_bearing(0, 0, 0, 90)', result: 90 },
    call: (lat1: Argument, lon1: Argument, lat2: Argument, lon2: Argument) => {
      if (!isLatitude(lat1) || !isLongitude(lon1) || !isLatitude(lat2) || !isLongitude(lon2)) return undefined;
      return lat1 === lat2 && lon1 === lon2 ? undefined : bearing(lat1, lon1, lat2, lon2);
    },
    check: wrongPlaces,
  },
  {
    name: 'geohash',
    summary:
      'The geohash of the place, of 1 to 12 characters (9 where left out, some 5 m; 5 are 5 km): places with the same beginning are near each other.',
    parameters: [LAT, LON, { name: 'characters', type: 'number', optional: true }],
    returns: 'string',
    example: { text: 'geohash(57.64911, 10.40744, 11)', result: 'u4pruydqqvj' },
    call: (lat: Argument, lon: Argument, characters: Argument) => {
      const wanted = characters ?? USUAL_GEOHASH;
      return isLatitude(lat) && isLongitude(lon) && isGeohashLength(wanted) ? geohash(lat, lon, wanted) : undefined;
    },
    check: ([lat, lon, characters]) => {
      if (typeof characters === 'number' && !isGeohashLength(characters))
        return `characters is a whole number from 1 to ${LONGEST_GEOHASH}, not ${characters}`;
      return wrongPlaces([lat, lon]);
    },
  },
  {
    name: 'geo_in_box',
    summary:
      'Whether the place is in a box, its border included: corners is [west, south, east, north] in degrees (as `bbox` of GeoJSON); a box whose west is greater than its east crosses the 180th meridian.',
    parameters: [LAT, LON, { name: 'corners', type: 'array' }],
    returns: 'boolean',
    example: { text: 'geo_in_box(48.8567, 2.3508, [-5.2, 41.3, 9.6, 51.1])', result: true },
    call: (lat: Argument, lon: Argument, corners: Argument) => {
      if (!isLatitude(lat) || !isLongitude(lon) || wrongBox(corners) !== undefined) return undefined;
      const [west, south, east, north] = corners as [number, number, number, number];
      if (lat < south || lat > north) return false;
      return west <= east ? lon >= west && lon <= east : lon >= west || lon <= east;
    },
    check: ([lat, lon, corners]) => wrongPlaces([lat, lon]) ?? (corners === undefined ? undefined : wrongBox(corners)),
  },
  {
    name: 'geo_in_polygon',
    summary:
      'Whether the place is in the polygon with these corners (3 to 1,000 points, as for `geo_point_distance`), whose sides are straight in degrees and do not cross the 180th meridian.',
    parameters: [LAT, LON, { name: 'corners', type: 'array' }],
    returns: 'boolean',
    example: { text: 'geo_in_polygon(1, 1, [[0, 0], [4, 0], [0, 4]])', result: true },
    call: (lat: Argument, lon: Argument, corners: Argument) => {
      const polygon = polygonOf(corners);
      return polygon !== undefined && isLatitude(lat) && isLongitude(lon) ? isInPolygon(lat, lon, polygon) : undefined;
    },
    prepare: ([, , corners]) => {
      const polygon = corners === undefined ? undefined : polygonOf(corners);
      if (polygon === undefined) return undefined;
      return (lat, lon) => (isLatitude(lat) && isLongitude(lon) ? isInPolygon(lat, lon, polygon) : undefined);
    },
    check: ([lat, lon, corners]) => {
      if (corners !== undefined && polygonOf(corners) === undefined)
        return `corners is a list of 3 to ${MOST_CORNERS} points, each [lon, lat] in degrees, longitude first`;
      return wrongPlaces([lat, lon]);
    },
  },
];

function isGeohashLength(value: Argument): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= LONGEST_GEOHASH;
}

function polygonOf(corners: Argument): readonly Place[] | undefined {
  if (!Array.isArray(corners) || corners.length < 3 || corners.length > MOST_CORNERS) return undefined;
  const places = corners.map(placeOf);
  return places.every((place) => place !== undefined) ? places : undefined;
}

/** What is wrong with literals that are latitudes and longitudes in turn. */
function wrongPlaces(literals: readonly (JsonValue | undefined)[]): string | undefined {
  for (const [i, literal] of literals.entries()) {
    if (typeof literal !== 'number') continue;
    if (i % 2 === 0 && !isLatitude(literal))
      return `a latitude is -90 to 90 degrees, not ${literal} (latitudes come before longitudes)`;
    if (i % 2 === 1 && !isLongitude(literal)) return `a longitude is -180 to 180 degrees, not ${literal}`;
  }
  return undefined;
}

function wrongPoint(literal: JsonValue | undefined): string | undefined {
  if (literal === undefined || placeOf(literal) !== undefined) return undefined;
  return `a point is { lat: 48.9, lon: 2.4 } or [2.4, 48.9], longitude first, not ${JSON.stringify(literal)}`;
}

function wrongBox(corners: Argument): string | undefined {
  const form = 'corners is [west, south, east, north] in degrees';
  if (!Array.isArray(corners) || corners.length !== 4) return form;
  const [west, south, east, north] = corners;
  if (!isLongitude(west) || !isLongitude(east) || !isLatitude(south) || !isLatitude(north)) return form;
  return south > north ? `the south of a box is not greater than its north: ${form}` : undefined;
}
