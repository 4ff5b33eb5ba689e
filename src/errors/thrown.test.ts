import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hostile } from '../../test/support/plugins/hostile.ts';
import { isError, isMillraceError, MillraceError, reasonOf, stackOf } from './index.ts';

describe('the reason in what was thrown', () => {
  it.each(Object.entries(hostile))('is a text of bounded length, and so is the stack: %s', (_, make) => {
    const thrown = make();
    expect(reasonOf(thrown)).toMatch(/\S/);
    expect(reasonOf(thrown).length).toBeLessThan(10_100);
    expect(stackOf(thrown).length).toBeLessThanOrEqual(20_000);
    expect([typeof isError(thrown), isMillraceError(thrown)]).toEqual(['boolean', false]);
  });

  it('says what there is to be said', () => {
    const { revoke, proxy } = Proxy.revocable({}, {});
    revoke();
    const said = [
      new Error('m'),
      new TypeError(''),
      'text',
      undefined,
      Symbol('s'),
      5n,
      { message: 'like one' },
      { a: { b: {} } },
      proxy,
    ];
    expect(said.map((thrown) => reasonOf(thrown))).toEqual([
      'm',
      'TypeError without a message',
      'text',
      'undefined',
      'Symbol(s)',
      '5',
      'like one',
      '{ a: { b: {} } }',
      '<Revoked Proxy>',
    ]);
  });

  it('is found in anything at all', () => {
    fc.assert(
      fc.property(fc.anything({ withNullPrototype: true, withBigInt: true }), (thrown) => {
        expect(typeof reasonOf(thrown)).toBe('string');
        expect(isMillraceError(thrown)).toBe(false);
      }),
    );
  });
});

it('knows an error of Millrace, also of another copy, and what only says that it is one', () => {
  const error = new MillraceError('STEP_THREW', { reason: 'r' });
  expect(isMillraceError(error)).toBe(true);
  const brand = Symbol.for('millrace.error');
  const copy = Object.assign(new Error('of another copy'), { [brand]: true, code: 'STEP_THREW', parameters: {} });
  expect(isMillraceError(copy)).toBe(true);
  expect(isMillraceError(Object.assign(new Error('m'), { [brand]: true, code: 'toString' }))).toBe(false);
  expect(isMillraceError(new Proxy(error, {}))).toBe(false);
});
