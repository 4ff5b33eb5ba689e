import { compileExpression, defaultScope } from '../../src/expression/index.ts';
import type { JsonObject, JsonValue } from '../../src/record/json.ts';
import { StreamRecord } from '../../src/record/record.ts';

/**
 * What the heavier functions of expressions cost, in ns a call: the median of five rounds over 64 records, reading fields included. Compile
 * first (`tsc`), then run it from the project's root.
 */

const ROUNDS = 5;
const ROUND_MS = 200;

const names = ['Jonathan Smith', 'Jonathon Smyth', 'Maria Garcia Lopez', 'Müller GmbH & Co', 'ACME Corporation Ltd'];
const start = Date.UTC(2024, 2, 1);

const records = Array.from({ length: 64 }, (_, i) => {
  const record = new StreamRecord();
  record.value = JSON.parse(
    JSON.stringify({
      ip: i % 4 === 3 ? `2001:db8:${i}::${i}` : `192.168.${i}.${255 - i}`,
      networks: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'],
      lat: 48.8567 - i / 10,
      lon: 2.3508 + i / 5,
      id: `customer-${i * 7919}`,
      name: names[i % names.length],
      long: 'abcdefgh'.repeat(32),
      other: 'hgfedcbai'.repeat(28),
      // Half an hour apart: records of a day and a half.
      time: start + i * 1_800_000,
      // Spread over years, so that no day is asked for twice.
      scattered: start - i * 37 * 86_400_000,
      amounts: Array.from({ length: 20 }, (_, j) => ((i * j * 31) % 97) + 0.5),
    }),
  ) as JsonObject;
  return record;
});

const EXPRESSIONS = [
  "cidr_match(ip, '10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16')",
  'cidr_match(ip, networks)',
  'ip_is_private(ip)',
  'ip_subnet(ip, 24, 48)',
  'geo_distance(48.8567, 2.3508, lat, lon)',
  'geohash(lat, lon)',
  'geo_in_polygon(lat, lon, [[-5, 42], [8, 43], [8, 49], [2, 51], [-5, 48]])',
  "levenshtein(name, 'Jonathan Smith')",
  'levenshtein(long, other)',
  "jaro_winkler(name, 'Jonathan Smith')",
  'jaro_winkler(long, other)',
  "trigram_similarity(name, 'Jonathan Smith')",
  'soundex(name)',
  'sha256(id)',
  'crc32(id)',
  'bucket(id, 100)',
  "date_trunc(time, 'day', 'Europe/Berlin')",
  "date_trunc(time, 'hour', 'Europe/Berlin')",
  "date_trunc(scattered, 'day', 'Europe/Berlin')",
  "date_part(time, 'hour', 'Europe/Berlin')",
  "date_part(time, 'week')",
  "date_add(time, 1, 'month', 'Europe/Berlin')",
  "date_diff(scattered, time, 'day', 'Europe/Berlin')",
  'stddev(amounts)',
  'median(amounts)',
];

let kept: JsonValue | undefined;

function nanoseconds(evaluate: (record: StreamRecord) => JsonValue | undefined): number {
  const started = performance.now();
  let calls = 0;
  while (performance.now() - started < ROUND_MS) {
    for (const record of records) kept = evaluate(record);
    calls += records.length;
  }
  return ((performance.now() - started) * 1e6) / calls;
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] as number;

for (const text of EXPRESSIONS) {
  const compiled = compileExpression(text, defaultScope);
  if (!compiled.ok) throw new Error(compiled.errors.map(({ message }) => message).join('; '));
  nanoseconds(compiled.evaluate);
  const rounds = Array.from({ length: ROUNDS }, () => nanoseconds(compiled.evaluate));
  console.log(`${text.padEnd(76)} ${median(rounds).toFixed(0).padStart(7)} ns`);
}
if (kept === Symbol.iterator.description) console.log(kept);
