import { NUMBER, objectOf, type RecordType, STRING } from '../../sdk/types/index.ts';

/** What databases say of a place, and of a network, as ECS names it. */
export const GEO: RecordType = objectOf({
  'city_name?': STRING,
  'continent_code?': STRING,
  'continent_name?': STRING,
  'country_iso_code?': STRING,
  'country_name?': STRING,
  'location?': objectOf({ lat: NUMBER, lon: NUMBER }),
  'postal_code?': STRING,
  'region_iso_code?': STRING,
  'region_name?': STRING,
  'timezone?': STRING,
});

export const NETWORK: RecordType = objectOf({ 'number?': NUMBER, 'organization?': objectOf({ name: STRING }) });
