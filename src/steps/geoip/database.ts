import { isIPv6 } from 'node:net';
import { Reader, type Response } from 'mmdb-lib';
import { isJsonObject, type JsonObject, type JsonValue } from '../../record/json.ts';

/** What a database says of an address, as ECS names it; a part that it says nothing of is absent. */
export interface Located {
  readonly geo?: JsonObject;
  readonly as?: JsonObject;
}

/** Databases come in some hundred MB at most; beyond that it is some other file. */
export const MOST_DATABASE_BYTES = 1_000_000_000;

/** A database of addresses in MaxMind's format, version 2 (https://maxmind.github.io/MaxMind-DB/). */
export class GeoDatabase {
  readonly #reader: Reader<Response>;
  readonly #language: string;

  /** Throws an error that says why the bytes are no such database. `language`: of names, English where there is none. */
  constructor(bytes: Buffer, language: string) {
    this.#reader = openReader(bytes);
    this.#language = language;
  }

  /** What is known of an address that was checked to be one; `undefined` where nothing is. */
  locate(address: string): Located | undefined {
    if (this.#reader.metadata.ipVersion === 4 && isIPv6(address)) return undefined;
    const found: unknown = this.#reader.get(address);
    if (!isJsonObject(found)) return undefined;
    const geo = this.#geoOf(found);
    const as = systemOf(found);
    if (geo === undefined && as === undefined) return undefined;
    return { ...(geo === undefined ? {} : { geo }), ...(as === undefined ? {} : { as }) };
  }

  #geoOf(found: JsonObject): JsonObject | undefined {
    const continent = part(found, 'continent');
    const country = part(found, 'country') ?? part(found, 'registered_country');
    const region = firstOf(found['subdivisions']);
    const location = part(found, 'location');
    const countryCode = textOf(country, 'iso_code');
    const regionCode = textOf(region, 'iso_code');
    const latitude = location?.['latitude'];
    const longitude = location?.['longitude'];
    return withoutGaps({
      city_name: this.#nameOf(part(found, 'city')),
      continent_code: textOf(continent, 'code'),
      continent_name: this.#nameOf(continent),
      country_iso_code: countryCode,
      country_name: this.#nameOf(country),
      location: typeof latitude === 'number' && typeof longitude === 'number' ? { lat: latitude, lon: longitude } : undefined,
      postal_code: textOf(part(found, 'postal'), 'code'),
      // ISO 3166-2 as ECS wants it: the country before the subdivision.
      region_iso_code: countryCode === undefined || regionCode === undefined ? undefined : `${countryCode}-${regionCode}`,
      region_name: this.#nameOf(region),
      timezone: textOf(location, 'time_zone'),
    });
  }

  #nameOf(place: JsonObject | undefined): string | undefined {
    const names = place === undefined ? undefined : part(place, 'names');
    return textOf(names, this.#language) ?? textOf(names, 'en');
  }
}

function openReader(bytes: Buffer): Reader<Response> {
  let reader: Reader<Response>;
  try {
    reader = new Reader<Response>(bytes);
  } catch {
    throw new Error('it is no MaxMind database, or only a part of one');
  }
  const { binaryFormatMajorVersion: version, ipVersion, nodeCount, searchTreeSize } = reader.metadata;
  if (version !== 2) throw new Error(`its format has the version ${version}; 2 is read`);
  const sound = (ipVersion === 4 || ipVersion === 6) && nodeCount > 0 && searchTreeSize < bytes.length;
  if (!sound) throw new Error('it is no MaxMind database, or only a part of one');
  return reader;
}

function systemOf(found: JsonObject): JsonObject | undefined {
  const number = found['autonomous_system_number'];
  const organization = textOf(found, 'autonomous_system_organization');
  return withoutGaps({
    number: typeof number === 'number' ? number : undefined,
    organization: organization === undefined ? undefined : { name: organization },
  });
}

function withoutGaps(fields: Readonly<Record<string, JsonValue | undefined>>): JsonObject | undefined {
  const known = Object.entries(fields).filter(([, value]) => value !== undefined);
  return known.length === 0 ? undefined : Object.fromEntries(known);
}

function part(of: JsonObject, name: string): JsonObject | undefined {
  const value = Object.hasOwn(of, name) ? of[name] : undefined;
  return isJsonObject(value) ? value : undefined;
}

function firstOf(list: JsonValue | undefined): JsonObject | undefined {
  const first = Array.isArray(list) ? list[0] : undefined;
  return isJsonObject(first) ? first : undefined;
}

function textOf(of: JsonObject | undefined, name: string): string | undefined {
  const value = of !== undefined && Object.hasOwn(of, name) ? of[name] : undefined;
  return typeof value === 'string' && value !== '' ? value : undefined;
}
