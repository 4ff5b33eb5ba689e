import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BatchBuilder } from '../../src/record/batch-builder.ts';
import type { JsonObject, JsonValue } from '../../src/record/json.ts';
import { JsonEncoder } from '../../src/record/json-encoder.ts';

function encoded(...values: JsonObject[]): string[] {
  const encoder = new JsonEncoder();
  const builder = new BatchBuilder(['t']);
  for (const value of values) {
    builder.begin(0, 0, -1);
    encoder.write(builder, value);
  }
  const batch = builder.batch();
  return values.map((_, row) => batch.valueText(row));
}

const scalar = fc.oneof(fc.string({ unit: 'binary' }), fc.string(), fc.double(), fc.integer(), fc.boolean(), fc.constant(null));
const value: fc.Arbitrary<JsonValue | undefined> = fc.letrec<{ value: JsonValue | undefined }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    scalar,
    fc.constant(undefined),
    fc.array(tie('value') as fc.Arbitrary<JsonValue>),
    fc.dictionary(fc.string({ unit: 'binary' }), tie('value')) as fc.Arbitrary<JsonValue>,
  ),
})).value;
const object = fc.dictionary(fc.string({ unit: 'binary' }), value) as fc.Arbitrary<JsonObject>;

describe('JsonEncoder', () => {
  it('writes what JSON.stringify writes', () => {
    fc.assert(
      fc.property(fc.array(object, { minLength: 1, maxLength: 5 }), (values) => {
        // UTF-8 has no lone surrogates, and neither has JSON.stringify's output: the comparison is of texts.
        expect(encoded(...values)).toEqual(values.map((one) => JSON.stringify(one)));
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    [{}],
    [{ a: undefined }],
    [{ a: undefined, b: 1 }],
    [{ a: [] }],
    [{ a: [undefined as unknown as JsonValue, 1] }],
    [{ a: -0 }],
    [{ a: 1e21, b: 0.1, c: 999_999_999, d: 1_000_000_000, e: Number.NaN, f: -7 }],
    [{ '2': 1, '1': 2, b: 3 }],
    [JSON.parse('{"__proto__":{"x":1}}') as JsonObject],
  ])('writes %j as JSON.stringify does', (one) => {
    expect(encoded(one)).toEqual([JSON.stringify(one)]);
  });

  it('makes room for values larger than it expects, between others', () => {
    const large: JsonObject = { text: 'x"é\u0001'.repeat(100_000), list: Array.from({ length: 10_000 }, (_, i) => i) };
    const small: JsonObject = { a: 1 };
    expect(encoded(small, large, small, large)).toEqual([small, large, small, large].map((one) => JSON.stringify(one)));
  });

  it('throws for nesting that no stack holds, as JSON.stringify does', () => {
    let deep: JsonObject = {};
    for (let i = 0; i < 200_000; i += 1) deep = { a: deep };
    expect(() => encoded(deep)).toThrow(RangeError);
  });
});
