import { z } from 'zod';
import { copyOf } from '../record/copy.ts';
import type { JsonObject, JsonValue } from '../record/json.ts';
import { type FieldPath, getField, setField } from '../record/path.ts';
import { fieldPath, filePath } from '../sdk/schema.ts';
import { defineStep, type Rejected, rejected, type StepContext } from '../sdk/step.ts';
import { STRING, setPath } from '../sdk/types/index.ts';
import { WatchedFile } from './files/watched-file.ts';
import { addressIn, isSpecial } from './geoip/address.ts';
import { RecentCache } from './geoip/cache.ts';
import { GeoDatabase, type Located, MOST_DATABASE_BYTES } from './geoip/database.ts';
import { GEO, NETWORK } from './geoip/geo-type.ts';
import { kindOf } from './value-kind.ts';

const options = z.strictObject({
  databases: z
    .union([filePath().transform((path) => [path]), z.array(filePath()).min(1).max(4)])
    .describe(
      'A file, or several, in the format of MaxMind (`.mmdb`): City, Country or ASN. The first that knows a part gives it.',
    ),
  field: fieldPath().prefault('source.ip').describe('The field that holds the address.'),
  into: fieldPath()
    .optional()
    .describe('The object that gets `geo` and `as`. Without it the one that holds the field: `source` for `source.ip`.'),
  language: z
    .string()
    .min(2)
    .default('en')
    .describe('Of names: `de`, `fr`, `ja`, ... A name that is not there in it is English.'),
  cache_size: z.number().int().min(1).max(1_000_000).default(10_000).describe('How many addresses are remembered.'),
  on_miss: z
    .enum(['skip', 'reject'])
    .default('skip')
    .describe(
      'What becomes of a record without an address, or whose address no database knows: `skip` this step, or `reject` it.',
    ),
});

type GeoOptions = z.output<typeof options>;

export const geoip = defineStep<GeoOptions>({
  kind: 'geoip',
  summary: 'Adds the place and the network of an IP address from MaxMind databases.',
  description: [
    'Fields are those of ECS: `geo.city_name`, `geo.country_iso_code`, `geo.location`, ... and `as.number`, `as.organization.name`; they take the place of a `geo` and `as` that are there.',
    'Private and other special addresses are passed over.',
    'The files are opened when the task starts, which does not start where one is missing or broken. While it runs they are looked at every 5 seconds, and one that has changed is read anew; one that is then broken or away leaves the content read before in use, with a warning.',
  ].join(' '),
  options,
  main: 'databases',
  changesValue: true,
  readsValue: true,
  examples: [
    'geoip: ./GeoLite2-City.mmdb',
    'geoip: { databases: [ ./GeoLite2-City.mmdb, ./GeoLite2-ASN.mmdb ], field: client.ip, language: de }',
  ],
  yields({ field, into = field.slice(0, -1), on_miss: onMiss }, known) {
    known.read(field, { at: ['field'], takes: STRING, optional: onMiss === 'skip' });
    const placed = setPath(known.input, [...into, 'geo'], { type: GEO, always: false });
    return setPath(placed, [...into, 'as'], { type: NETWORK, always: false });
  },
  create(options, context) {
    const { field, into = field.slice(0, -1) } = options;
    const locator = new Locator(options, context);
    const geo = [...into, 'geo'];
    const as = [...into, 'as'];
    const reject = options.on_miss === 'reject';
    return ({ value }) => {
      const found = getField(value, field);
      const located = typeof found === 'string' ? locator.locate(found) : MISSED;
      if (located === MISSED) return reject ? missed(field, found) : undefined;
      put(value, geo, located.geo);
      put(value, as, located.as);
      return undefined;
    };
  },
});

/** An IPv6 address with a zone; longer texts are none, and are not remembered either. */
const LONGEST_ADDRESS = 100;

/** What was not found, or is no address. */
const MISSED: Located = {};
/** An address that has no place. */
const SPECIAL: Located = {};

/** Looks addresses up in several databases, and remembers the answers. */
class Locator {
  readonly #files: readonly WatchedFile<GeoDatabase>[];
  readonly #cache: RecentCache<Located>;
  #databases: readonly GeoDatabase[];

  constructor({ databases, language, cache_size: size }: GeoOptions, context: StepContext) {
    const read = (bytes: Buffer): GeoDatabase => new GeoDatabase(bytes, language);
    this.#files = databases.map(
      (path) => new WatchedFile({ path, what: 'GeoIP database', maxBytes: MOST_DATABASE_BYTES, read, context }),
    );
    this.#databases = this.#files.map((file) => file.content);
    this.#cache = new RecentCache(size);
  }

  /** The answer is shared: it is copied before it goes into a record. */
  locate(text: string): Located {
    if (text.length > LONGEST_ADDRESS) return MISSED;
    this.#forgetWhatChanged();
    const known = this.#cache.get(text);
    if (known !== undefined) return known;
    const located = this.#lookUp(text);
    this.#cache.set(text, located);
    return located;
  }

  #forgetWhatChanged(): void {
    for (let i = 0; i < this.#files.length; i += 1) {
      if ((this.#files[i] as WatchedFile<GeoDatabase>).content === this.#databases[i]) continue;
      this.#databases = this.#files.map((file) => file.content);
      this.#cache.clear();
      return;
    }
  }

  #lookUp(text: string): Located {
    const address = addressIn(text);
    if (address === undefined) return MISSED;
    if (isSpecial(address)) return SPECIAL;
    const answers = this.#databases.map((database) => database.locate(address));
    const geo = answers.find((answer) => answer?.geo !== undefined)?.geo;
    const as = answers.find((answer) => answer?.as !== undefined)?.as;
    if (geo === undefined && as === undefined) return MISSED;
    return { ...(geo === undefined ? {} : { geo }), ...(as === undefined ? {} : { as }) };
  }
}

function put(value: JsonObject, path: FieldPath, part: JsonObject | undefined): void {
  if (part !== undefined) setField(value, path, copyOf(part));
}

function missed(field: FieldPath, found: JsonValue | undefined): Rejected {
  const reason =
    found === undefined
      ? 'the record has no such field'
      : typeof found === 'string'
        ? 'it is no address, or one that no database knows'
        : `it holds ${kindOf(found)}`;
  return rejected('GEOIP_MISSED', { field: field.join('.'), reason });
}
