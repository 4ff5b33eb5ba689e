import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { runStep } from '../../test/support/run-step.ts';
import type { JsonObject, JsonValue } from '../record/json.ts';
import { CONVERSION_NAMES, type ConversionName, conversions } from './convert/types.ts';
import { convert } from './convert.ts';

const run = (options: unknown, value: JsonObject): ReturnType<typeof runStep> => runStep(convert, options, value);
const converted = (type: ConversionName, value: JsonValue): unknown => conversions[type](value);

describe('convert', () => {
  it('converts fields of all levels, and passes over what is not there or null', () => {
    const fields = { 'a.status': 'integer', ok: 'boolean', took: 'float', none: 'integer', nil: 'integer' };
    expect(run({ fields }, { a: { status: '200', other: '1' }, ok: 'yes', took: '1.5', nil: null })).toEqual({
      outcome: undefined,
      value: { a: { status: 200, other: '1' }, ok: true, took: 1.5, nil: null },
    });
  });

  it('converts the items of a list, all or none', () => {
    expect(run({ fields: { a: 'integer' } }, { a: ['1', 2, null] }).value).toEqual({ a: [1, 2, null] });
    expect(run({ fields: { a: 'integer' }, on_failure: 'keep' }, { a: ['1', 'x'] }).value).toEqual({ a: ['1', 'x'] });
  });

  test.each([
    ['keep', { a: 'x', b: 2 }],
    ['set_null', { a: null, b: 2 }],
    ['remove', { b: 2 }],
  ])('with on_failure: %s goes on', (on_failure, value) => {
    expect(run({ fields: { a: 'integer', b: 'integer' }, on_failure }, { a: 'x', b: '2' })).toEqual({
      outcome: undefined,
      value,
    });
  });

  it('rejects with the field, the type and the beginning of the value', () => {
    const { outcome } = run({ fields: { 'a.b': 'integer' } }, { a: { b: 'x'.repeat(1_000) } });
    expect(outcome).toMatchObject({ kind: 'rejected', code: 'CONVERT_FAILED' });
    const message = outcome?.kind === 'rejected' ? outcome.message : '';
    expect(message).toMatch(/the field a\.b to integer: "x{60}\.\.\." is none/);
  });

  test.each<[unknown, RegExp]>([
    [{ fields: {} }, /at least one field/],
    [{ fields: { a: 'number' } }, /expected one of/],
    [{ fields: { 'a..b': 'integer' } }, /no field path/],
    [{ fields: { '__proto__.x': 'integer' } }, /no field path/],
  ])('refuses %j', (options, message) => {
    expect(JSON.stringify(convert.options.safeParse(options).error?.issues)).toMatch(message);
  });
});

describe('conversions', () => {
  test.each<[ConversionName, JsonValue, unknown]>([
    ['integer', ' 42 ', 42],
    ['integer', '-7', -7],
    ['integer', '+7', 7],
    ['integer', '007', 7],
    ['integer', 3, 3],
    ['integer', true, 1],
    ['integer', '3.0', undefined],
    ['integer', 3.5, undefined],
    ['integer', '1e3', undefined],
    ['integer', '0x10', undefined],
    ['integer', '', undefined],
    ['integer', '9007199254740993', undefined],
    ['integer', {}, undefined],
    ['float', '1.5e3', 1500],
    ['float', '.5', 0.5],
    ['float', '5.', 5],
    ['float', '1e999', undefined],
    ['float', 'NaN', undefined],
    ['float', 'Infinity', undefined],
    ['float', '1,5', undefined],
    ['float', false, 0],
    ['boolean', 'TRUE', true],
    ['boolean', 'off', false],
    ['boolean', ' n ', false],
    ['boolean', 1, true],
    ['boolean', 2, undefined],
    ['boolean', 'maybe', undefined],
    ['boolean', {}, undefined],
    ['string', 5, '5'],
    ['string', false, 'false'],
    ['string', { a: [1] }, '{"a":[1]}'],
    ['string', 'x', 'x'],
    ['ip', ' 10.0.0.1 ', '10.0.0.1'],
    ['ip', '[::1]', '::1'],
    ['ip', 'fe80::1%eth0', 'fe80::1'],
    ['ip', '10.0.0.256', undefined],
    ['ip', 'localhost', undefined],
    ['ip', 7, undefined],
    ['bytes', '5MB', 5_000_000],
    ['bytes', '64 KiB', 65_536],
    ['bytes', '1.5k', 1_536],
    ['bytes', '512', 512],
    ['bytes', '0b', 0],
    ['bytes', 77, 77],
    ['bytes', -1, undefined],
    ['bytes', '5 parsecs', undefined],
    ['bytes', '5 to', undefined],
    ['bytes', '999999999999999TiB', undefined],
    ['duration_ms', '250ms', 250],
    ['duration_ms', '1m30s', 90_000],
    ['duration_ms', '12µs', 0.012],
    ['duration_ms', 5, 5],
    ['duration_ms', '5', undefined],
    ['duration_ms', '1h-3m', undefined],
    ['duration_ns', '1.5s', 1_500_000_000],
    ['duration_ns', '12us', 12_000],
    ['duration_ns', '999999999999999w', undefined],
  ])('%s of %j is %j', (type, value, expected) => {
    expect(converted(type, value)).toEqual(expected);
  });

  it('read back what they write', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), fc.double({ noNaN: true, noDefaultInfinity: true }), (whole, any) => {
        expect(converted('integer', String(whole))).toBe(whole);
        expect(converted('float', String(any))).toBe(Number(String(any)));
        expect(converted('string', whole)).toBe(String(whole));
      }),
    );
  });

  it('never throw, and give a value of their type or none', () => {
    const types = { integer: 'number', float: 'number', boolean: 'boolean', string: 'string', ip: 'string' } as const;
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 2 }), fc.constantFrom(...CONVERSION_NAMES), (value, name) => {
        const result = converted(name, value as JsonValue);
        const type = types[name as keyof typeof types] ?? 'number';
        if (result !== undefined && value !== null) expect(typeof result).toBe(type);
        if (typeof result === 'number') expect(Number.isFinite(result)).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });

  it('look at no more than a number can have', () => {
    for (const piece of ['1', '1.', '1h', ' ', '1e', '::', 'µ'])
      for (const name of CONVERSION_NAMES) {
        if (name === 'string') continue;
        expect(converted(name, piece.repeat(1_000_000)), `${name} ${piece}`).toBeUndefined();
      }
  });
});
