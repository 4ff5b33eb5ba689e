import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it, test } from 'vitest';
import { type MmdbOptions, type MmdbValue, mmdb } from '../../test/support/mmdb.ts';
import { recordOf, stepContext } from '../../test/support/run-step.ts';
import { RecordingLog } from '../../test/support/tasks.ts';
import type { JsonObject } from '../record/json.ts';
import { VirtualClock } from '../testing/virtual-clock.ts';
import { isSpecial } from './geoip/address.ts';
import { RecentCache } from './geoip/cache.ts';
import { geoip } from './geoip.ts';

const directory = mkdtempSync(join(tmpdir(), 'millrace-geoip-'));
afterAll(() => rmSync(directory, { recursive: true }));

const london: MmdbValue = {
  city: { names: { en: 'London', de: 'London', fr: 'Londres' } },
  continent: { code: 'EU', names: { en: 'Europe', de: 'Europa' } },
  country: { iso_code: 'GB', names: { en: 'United Kingdom', de: 'Vereinigtes Königreich' } },
  location: { latitude: 51.5142, longitude: -0.0931, time_zone: 'Europe/London' },
  postal: { code: 'EC4R' },
  subdivisions: [{ iso_code: 'ENG', names: { en: 'England' } }],
};
const CITIES = { '81.2.69.0/24': london, '2001:218::/32': { country: { iso_code: 'JP', names: { en: 'Japan' } } } };
const SYSTEMS = { '81.2.0.0/16': { autonomous_system_number: 20712, autonomous_system_organization: 'Andrews & Arnold' } };

function fileOf(name: string, networks: Readonly<Record<string, MmdbValue>>, options?: MmdbOptions): string {
  const path = join(directory, name);
  writeFileSync(path, mmdb(networks, options));
  return path;
}

function setUp(options: object) {
  const clock = new VirtualClock();
  const log = new RecordingLog();
  const step = geoip.create(geoip.options.parse(options), stepContext('geo', { clock, log }));
  const run = (value: JsonObject): unknown => {
    const record = recordOf(structuredClone(value));
    const outcome = step(record);
    return outcome ?? record.value;
  };
  return { clock, log, run, locate: (ip: string): unknown => run({ source: { ip } }) };
}

const city = fileOf('city.mmdb', CITIES);
const asn = fileOf('asn.mmdb', SYSTEMS, { type: 'Test-ASN', recordSize: 24 });

describe('geoip', () => {
  it('adds the place and the network beside the address, in the fields of ECS', () => {
    expect(setUp({ databases: [city, asn] }).locate('81.2.69.160')).toEqual({
      source: {
        ip: '81.2.69.160',
        geo: {
          city_name: 'London',
          continent_code: 'EU',
          continent_name: 'Europe',
          country_iso_code: 'GB',
          country_name: 'United Kingdom',
          location: { lat: 51.5142, lon: -0.0931 },
          postal_code: 'EC4R',
          region_iso_code: 'GB-ENG',
          region_name: 'England',
          timezone: 'Europe/London',
        },
        as: { number: 20712, organization: { name: 'Andrews & Arnold' } },
      },
    });
  });

  it('gives names in a language, English where there is none', () => {
    const { locate } = setUp({ databases: city, language: 'de' });
    expect(locate('81.2.69.1')).toMatchObject({
      source: { geo: { country_name: 'Vereinigtes Königreich', continent_name: 'Europa', region_name: 'England' } },
    });
  });

  it.each([4, 6] as const)('reads trees of IPv%d, of every size of record', (ipVersion) => {
    const networks = ipVersion === 4 ? { '81.2.69.0/24': london } : CITIES;
    for (const recordSize of [24, 28, 32] as const) {
      const { locate } = setUp({
        databases: fileOf(`tree-${ipVersion}-${recordSize}.mmdb`, networks, { ipVersion, recordSize }),
      });
      expect(locate('81.2.69.255')).toMatchObject({ source: { geo: { country_iso_code: 'GB' } } });
      expect(locate('::ffff:81.2.69.1')).toMatchObject({ source: { geo: { country_iso_code: 'GB' } } });
      expect(locate('81.2.70.1')).toEqual({ source: { ip: '81.2.70.1' } });
      const japan = ipVersion === 4 ? {} : { geo: { country_iso_code: 'JP', country_name: 'Japan' } };
      expect(locate('2001:218::1%eth0')).toEqual({ source: { ip: '2001:218::1%eth0', ...japan } });
    }
  });

  it('puts it elsewhere with into, and beside a field of the top', () => {
    const options = { databases: asn, field: 'ip', into: 'x.y' };
    const as = { number: 20712, organization: { name: 'Andrews & Arnold' } };
    expect(setUp(options).run({ ip: '81.2.1.1' })).toEqual({ ip: '81.2.1.1', x: { y: { as } } });
    expect(setUp({ databases: asn, field: 'ip' }).run({ ip: '81.2.1.1' })).toEqual({ ip: '81.2.1.1', as });
  });

  test.each<[string, JsonObject, RegExp]>([
    ['no field', {}, /no such field/],
    ['an inherited field', { source: 7 }, /no such field/],
    ['no text', { source: { ip: 5 } }, /holds a number/],
    ['no address', { source: { ip: 'localhost' } }, /no address/],
    ['a very long text', { source: { ip: '1'.repeat(1_000_000) } }, /no address/],
    ['an address that nobody knows', { source: { ip: '8.8.8.8' } }, /no database knows/],
  ])('passes over %s, or rejects it', (_name, value, reason) => {
    expect(setUp({ databases: city }).run(value)).toEqual(value);
    expect(setUp({ databases: city, on_miss: 'reject' }).run(value)).toMatchObject({
      kind: 'rejected',
      code: 'GEOIP_MISSED',
      message: expect.stringMatching(reason) as string,
    });
  });

  it.each([
    '10.1.2.3',
    '192.168.0.1',
    '172.31.0.1',
    '127.0.0.1',
    '100.64.0.1',
    '::1',
    'fd00::1',
    'fe80::1%eth0',
    '::ffff:10.0.0.1',
  ])('passes over the special address %s, even where a miss is rejected', (ip) => {
    expect(setUp({ databases: city, on_miss: 'reject' }).locate(ip)).toEqual({ source: { ip } });
  });

  it('knows no public address for a special one', () => {
    for (const ip of ['8.8.8.8', '172.32.0.1', '100.128.0.1', '2001:4860:4860::8888']) expect(isSpecial(ip)).toBe(false);
  });

  it('shares nothing between records, though it remembers answers', () => {
    const { run } = setUp({ databases: city });
    const first = run({ source: { ip: '81.2.69.1' } }) as { source: { geo: { location: JsonObject } } };
    first.source.geo.location['lat'] = 0;
    expect(run({ source: { ip: '81.2.69.1' } })).toMatchObject({ source: { geo: { location: { lat: 51.5142 } } } });
  });
});

describe('the file of a database', () => {
  const whole = mmdb(CITIES);
  test.each<[string, Buffer | undefined, string, RegExp]>([
    ['missing', undefined, 'STEP_FILE_UNREADABLE', /GeoIP database \/.* for the step geo of test: there is no such file/],
    ['empty', Buffer.alloc(0), 'STEP_FILE_INVALID', /no MaxMind database/],
    ['another file', Buffer.from('some text\n'.repeat(1_000)), 'STEP_FILE_INVALID', /no MaxMind database/],
    ['cut short', whole.subarray(0, whole.length - 100), 'STEP_FILE_INVALID', /no MaxMind database/],
    ['of another version', mmdb(CITIES, { version: 3 }), 'STEP_FILE_INVALID', /version 3; 2 is read/],
  ])('%s keeps the task from starting, and says so', (name, bytes, code, message) => {
    const path = join(directory, `start-${name}.mmdb`);
    if (bytes !== undefined) writeFileSync(path, bytes);
    expect(() => setUp({ databases: path })).toThrow(
      expect.objectContaining({ code, message: expect.stringMatching(message) as string }) as Error,
    );
  });

  it('is read anew when it has changed, with all that was remembered forgotten', async () => {
    const path = fileOf('changes.mmdb', CITIES);
    const { clock, log, locate } = setUp({ databases: [path, asn] });
    expect(locate('8.8.8.8')).toEqual({ source: { ip: '8.8.8.8' } });
    fileOf('next.mmdb', { '8.8.8.0/24': { country: { iso_code: 'US' } } });
    renameSync(join(directory, 'next.mmdb'), path);
    for (const _ of [1, 2]) {
      expect(locate('8.8.8.8')).toEqual({ source: { ip: '8.8.8.8' } });
      await clock.advance(5_000);
    }
    expect(locate('8.8.8.8')).toEqual({ source: { ip: '8.8.8.8', geo: { country_iso_code: 'US' } } });
    expect(locate('81.2.69.1')).toMatchObject({ source: { as: { number: 20712 } } });
    expect(log.lines).toEqual([expect.stringMatching(/^info the GeoIP database .* is read anew/)]);
    expect(clock.sleeping).toBe(0);
  });

  it('never hangs or reaches a prototype, whatever is broken in it', () => {
    const names = { '81.2.69.0/24': { country: JSON.parse('{"__proto__":{"iso_code":"XX"},"iso_code":"GB"}') as MmdbValue } };
    expect(setUp({ databases: fileOf('proto.mmdb', names) }).locate('81.2.69.1')).toEqual({
      source: { ip: '81.2.69.1', geo: { country_iso_code: 'GB' } },
    });
    const path = join(directory, 'broken.mmdb');
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 }), (changes) => {
        const bytes = Buffer.from(whole);
        for (const [at, byte] of changes) bytes[at] = byte;
        writeFileSync(path, bytes);
        try {
          setUp({ databases: path }).locate('81.2.69.1');
        } catch (error) {
          // A record of the database that cannot be read is a dead letter's reason (STEP_THREW).
          expect(error).toBeInstanceOf(Error);
        }
        expect(({} as Record<string, unknown>)['iso_code']).toBeUndefined();
      }),
      { numRuns: 500 },
    );
  });
});

describe('RecentCache', () => {
  it('holds what is asked for, and no more than its size', () => {
    const cache = new RecentCache<number>(100);
    for (let i = 0; i < 10_000; i += 1) {
      cache.set(`k${i}`, i);
      cache.set('often', -1);
      expect(cache.get('often')).toBe(-1);
      expect(cache.size).toBeLessThanOrEqual(100);
    }
    expect(cache.get('k9999')).toBe(9999);
    expect(cache.get('k0')).toBeUndefined();
  });
});
