import { mix } from '../mix.ts';
import { distanceKm } from './great-circle.ts';

export interface City {
  readonly name: string;
  /** ISO 3166-1 alpha-2. */
  readonly country: string;
  readonly latitude: number;
  readonly longitude: number;
  /** Hours before UTC, without summer time. */
  readonly offset: number;
  readonly districts: readonly District[];
}

/** A quarter of a city. All its shops are at one place, as a postcode would tell it. */
export interface District {
  readonly latitude: number;
  readonly longitude: number;
}

export const DISTRICTS = 8;
/** How far districts are from a city's centre, in km, at most. */
const CITY_RADIUS_KM = 8;
const KM_PER_DEGREE = 111.2;

/** Where customers live: name, country, latitude, longitude, hours before UTC. */
const HOMES: readonly CityRow[] = [
  ['Berlin', 'DE', 52.52, 13.405, 1],
  ['Hamburg', 'DE', 53.551, 9.994, 1],
  ['Munich', 'DE', 48.137, 11.575, 1],
  ['Cologne', 'DE', 50.938, 6.96, 1],
  ['Paris', 'FR', 48.857, 2.352, 1],
  ['Lyon', 'FR', 45.764, 4.836, 1],
  ['Madrid', 'ES', 40.417, -3.704, 1],
  ['Barcelona', 'ES', 41.385, 2.173, 1],
  ['Rome', 'IT', 41.903, 12.496, 1],
  ['Milan', 'IT', 45.464, 9.19, 1],
  ['Amsterdam', 'NL', 52.368, 4.904, 1],
  ['Vienna', 'AT', 48.208, 16.373, 1],
  ['Lisbon', 'PT', 38.722, -9.139, 0],
  ['Dublin', 'IE', 53.35, -6.26, 0],
  ['London', 'GB', 51.507, -0.128, 0],
  ['Manchester', 'GB', 53.481, -2.242, 0],
  ['Zurich', 'CH', 47.377, 8.541, 1],
  ['Stockholm', 'SE', 59.329, 18.069, 1],
  ['Warsaw', 'PL', 52.23, 21.012, 1],
  ['New York', 'US', 40.713, -74.006, -5],
  ['Chicago', 'US', 41.878, -87.63, -6],
  ['Denver', 'US', 39.739, -104.99, -7],
  ['San Francisco', 'US', 37.775, -122.419, -8],
  ['Toronto', 'CA', 43.653, -79.383, -5],
];

/** Where they only travel to. */
const DESTINATIONS: readonly CityRow[] = [
  ['Athens', 'GR', 37.984, 23.728, 2],
  ['Istanbul', 'TR', 41.008, 28.978, 3],
  ['Cairo', 'EG', 30.044, 31.236, 2],
  ['Dubai', 'AE', 25.205, 55.271, 4],
  ['Bangkok', 'TH', 13.756, 100.502, 7],
  ['Singapore', 'SG', 1.352, 103.82, 8],
  ['Tokyo', 'JP', 35.676, 139.65, 9],
  ['Sydney', 'AU', -33.869, 151.209, 10],
  ['Cape Town', 'ZA', -33.925, 18.424, 2],
  ['Buenos Aires', 'AR', -34.604, -58.382, -3],
  ['Mexico City', 'MX', 19.433, -99.133, -6],
  ['Reykjavik', 'IS', 64.147, -21.943, 0],
];

type CityRow = readonly [name: string, country: string, latitude: number, longitude: number, offset: number];

/** The currencies of the countries that customers live in. */
const CURRENCIES: Readonly<Record<string, string>> = { GB: 'GBP', CH: 'CHF', SE: 'SEK', PL: 'PLN', US: 'USD', CA: 'CAD' };

/** What one euro is in each currency: fixed, so that amounts are the same on any day. */
const PER_EURO: Readonly<Record<string, number>> = {
  EUR: 1,
  GBP: 0.86,
  CHF: 0.95,
  SEK: 11.4,
  PLN: 4.3,
  USD: 1.08,
  CAD: 1.47,
};

/** Homes first. */
export const CITIES: readonly City[] = [...HOMES, ...DESTINATIONS].map(
  ([name, country, latitude, longitude, offset], number) => ({
    name,
    country,
    latitude,
    longitude,
    offset,
    districts: Array.from({ length: DISTRICTS }, (_, district) => districtOf(latitude, longitude, mix(number, district))),
  }),
);

export const HOME_CITIES: number = HOMES.length;

/** Kilometres from each city to each other, by `from * CITIES.length + to`. */
const DISTANCES: Float64Array = Float64Array.from(
  CITIES.flatMap((from) => CITIES.map((to) => distanceKm(from.latitude, from.longitude, to.latitude, to.longitude))),
);

export function cityAt(number: number): City {
  return CITIES[number] as City;
}

/** Kilometres between the centres of two cities. */
export function cityDistance(from: number, to: number): number {
  return DISTANCES[from * CITIES.length + to] as number;
}

/** The currency that people of a country have their cards in. */
export function currencyOf(country: string): string {
  return CURRENCIES[country] ?? 'EUR';
}

export function perEuro(currency: string): number {
  return PER_EURO[currency] as number;
}

function districtOf(latitude: number, longitude: number, hash: number): District {
  const angle = ((hash & 0xffff) / 0x10000) * 2 * Math.PI;
  const km = CITY_RADIUS_KM * Math.sqrt((hash >>> 16) / 0x10000);
  const kmPerDegreeOfLongitude = KM_PER_DEGREE * Math.cos((latitude * Math.PI) / 180);
  return {
    latitude: roundCoordinate(latitude + (km * Math.sin(angle)) / KM_PER_DEGREE),
    longitude: roundCoordinate(longitude + (km * Math.cos(angle)) / kmPerDegreeOfLongitude),
  };
}

/** To a millionth of a degree, which is 11 cm. */
export function roundCoordinate(degrees: number): number {
  return Math.round(degrees * 1e6) / 1e6;
}
