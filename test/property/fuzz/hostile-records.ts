import { BatchBuilder } from '../../../src/record/batch-builder.ts';
import { encodeHeaders } from '../../../src/record/headers.ts';
import type { JsonObject, JsonValue } from '../../../src/record/json.ts';
import { StreamRecord } from '../../../src/record/record.ts';
import { Random } from '../../support/random.ts';
import { FIELDS, HOSTILE, TEXTS } from './words.ts';

const NUMBERS = [0, -0, 1, -1, 3, 404, 0.1, 1e21, 1.7976931348623157e308, 5e-324, 2 ** 53, -(2 ** 31), 1_760_258_400_000, -1e16];

/** Values that take long, or much memory, where something is not bounded. */
const LARGE: readonly (() => JsonValue)[] = [
  () => 'x'.repeat(1_048_576),
  () => 'x'.repeat(1_100_000),
  () => 'a,'.repeat(200_000),
  () => '9'.repeat(100_000),
  () => 'ab '.repeat(3_000),
  () => '😀'.repeat(5_000),
  () => '['.repeat(50_000),
  () => `{"a":`.repeat(120) + '1' + '}'.repeat(120),
  () => Array.from({ length: 10_001 }, (_, i) => i),
  () => Array.from({ length: 300 }, (_, i) => ({ lat: i % 90, lon: i })),
  () => Object.fromEntries(Array.from({ length: 10_001 }, (_, i) => [`f${i}`, i])),
  () => nested(900),
];

function nested(levels: number): JsonValue {
  let value: JsonValue = 1;
  for (let i = 0; i < levels; i += 1) value = i % 2 === 0 ? { a: value } : [value];
  return value;
}

/** A value of a record as it comes from outside: any JSON, with names that lead to prototypes elsewhere. */
export function hostileValue(random: Random): JsonObject {
  return objectOf(random, 0);
}

function objectOf(random: Random, depth: number): JsonObject {
  const names = Array.from({ length: random.below(depth === 0 ? 10 : 4) }, () =>
    random.of(random.chance(0.15) ? HOSTILE : FIELDS),
  );
  const members = names.map((name) => `${JSON.stringify(name)}:${JSON.stringify(anyValue(random, depth + 1))}`);
  // Parsed, as records are: `__proto__` becomes a field of the object's own.
  return JSON.parse(`{${members.join(',')}}`) as JsonObject;
}

function anyValue(random: Random, depth: number): JsonValue {
  const choice = random.next();
  if (choice < 0.02) return random.of(LARGE)();
  if (choice < 0.3) return random.of(TEXTS);
  if (choice < 0.55) return random.of(NUMBERS);
  if (choice < 0.65) return random.of([true, false, null]);
  if (depth > 3) return null;
  return choice < 0.8 ? Array.from({ length: random.below(4) }, () => anyValue(random, depth + 1)) : objectOf(random, depth);
}

/** A record with this value, and with a key and headers or without them. */
export function recordWith(value: JsonObject, random: Random): StreamRecord {
  const builder = new BatchBuilder(['in']);
  builder.begin(0, random.below(3), random.of([-1, 0, 1_760_258_400_000]));
  if (random.chance(0.7)) builder.key(random.of(TEXTS));
  builder.value('');
  if (random.chance(0.7))
    builder.headers(
      encodeHeaders([
        { name: 'x', value: random.of(TEXTS) },
        { name: '__proto__', value: 'p' },
        { name: 'trace', value: null },
      ]),
    );
  const record = new StreamRecord();
  record.moveTo(builder.batch(), 0, value);
  return record;
}

/** Makes the value unchangeable, to any depth: whoever writes to it throws. */
export function frozen<Value extends JsonValue>(value: Value): Value {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const inner of Object.values(value)) frozen(inner as JsonValue);
  }
  return value;
}

const POOL_SIZE = 400;
const pool: JsonObject[] = [];

/** One of a few hundred values, the same in every run, frozen: large ones are costly to make. */
export function pooledValue(random: Random): JsonObject {
  const number = random.below(POOL_SIZE);
  pool[number] ??= frozen(hostileValue(new Random(number)));
  return pool[number];
}
