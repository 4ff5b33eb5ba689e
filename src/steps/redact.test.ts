import { createHash, createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { recordOf, runStep, stepContext } from '../../test/support/run-step.ts';
import type { JsonObject } from '../record/json.ts';
import { redact } from './redact.ts';

const run = (options: unknown, value: JsonObject): ReturnType<typeof runStep> => runStep(redact, options, value);
const text = (options: object, message: string): unknown => (run(options, { message }).value as { message: unknown }).message;

const CARD = '4111 1111 1111 1111';
const all = { patterns: ['card', 'email', 'iban', 'ipv4', 'ipv6', 'token'] };

describe('redact', () => {
  it('masks all texts of a record, of all levels and in lists, and leaves names and the rest alone', () => {
    const value = { message: `pay ${CARD} to a@b.org`, n: 5, list: ['x', ['10.0.0.1', { deep: '::1' }]], 'a@b.org': null };
    expect(run(all, value)).toEqual({
      outcome: undefined,
      value: { message: 'pay [card] to [email]', n: 5, list: ['x', ['[ipv4]', { deep: '[ipv6]' }]], 'a@b.org': null },
    });
  });

  it('looks at the given fields only, with all below them', () => {
    const options = { patterns: ['ipv4'], fields: ['a.b', 'toString', 'c'] };
    expect(run(options, { a: { b: '1.1.1.1', x: '1.1.1.1' }, c: { d: ['1.1.1.1'] }, e: '1.1.1.1' }).value).toEqual({
      a: { b: '[ipv4]', x: '1.1.1.1' },
      c: { d: ['[ipv4]'] },
      e: '1.1.1.1',
    });
  });

  it('masks by a text of its own, and removes', () => {
    expect(text({ ...all, mask: '***' }, `a ${CARD}@c.de`)).toBe('a ***');
    expect(text({ ...all, mask: '' }, `a ${CARD}.`)).toBe('a .');
    expect(text({ ...all, action: 'remove' }, 'from 10.0.0.1 to a@b.org')).toBe('from  to ');
    expect(text({ ...all, mask: '$&' }, '10.0.0.1')).toBe('$&');
  });

  it('hashes, with a key or without, the same thing always to the same', () => {
    const sha = (of: string): string => createHash('sha256').update(of).digest('hex');
    const hmac = (of: string): string => createHmac('sha256', 'k').update(of).digest('hex');
    expect(text({ ...all, action: 'hash' }, 'a@b.org!')).toBe(`${sha('a@b.org')}!`);
    expect(text({ ...all, action: 'hash', key: 'k' }, '10.0.0.1')).toBe(hmac('10.0.0.1'));
    for (const written of [CARD, CARD.replaceAll(' ', '-'), CARD.replaceAll(' ', '')])
      expect(text({ ...all, action: 'hash', key: 'k' }, written)).toBe(hmac('4111111111111111'));
  });

  it('redacts card numbers that are numbers', () => {
    const value = { card: 4_111_111_111_111_111, time: 1_716_796_800_000, near: 4_111_111_111_111_112 };
    expect(run({ patterns: ['card'] }, value).value).toEqual({ ...value, card: '[card]' });
    expect(run({ patterns: ['email'] }, value).value).toEqual(value);
  });

  it('takes finds that overlap as one, so that no piece is left', () => {
    const own = { long: 'id [^ ]+ [^ ]+', short: '[^ ]+@' };
    expect(text({ patterns: ['email'], own }, 'id a@b.org c d')).toBe('[long] d');
    expect(text({ patterns: ['ipv4', 'ipv6'] }, '::ffff:10.1.2.3')).toBe('[ipv6]');
  });

  it('rejects what a pattern may not be matched against, rather than letting it pass', () => {
    const options = { own: { p: '\\w+ +x' } };
    expect(run(options, { message: 'a'.repeat(10_001) }).outcome).toMatchObject({
      code: 'REDACT_TEXT_TOO_LONG',
      message: expect.stringMatching(/the texts of a record by the pattern p: .* 10000/) as string,
    });
    const deep = JSON.parse(`${'{"a":'.repeat(500)}"1.1.1.1"${'}'.repeat(500)}`) as JsonObject;
    expect(run({ patterns: ['ipv4'] }, deep).outcome).toMatchObject({ code: 'REDACT_TOO_DEEP' });
    const list = JSON.parse(`{"a":${'['.repeat(500)}"1.1.1.1"${']'.repeat(500)}}`) as JsonObject;
    expect(run({ patterns: ['ipv4'] }, list).outcome).toMatchObject({ code: 'REDACT_TOO_DEEP' });
  });

  test.each<[string, unknown, RegExp]>([
    ['nothing to look for', {}, /nothing would be redacted/],
    ['an unknown pattern', { patterns: ['phone'] }, /expected one of/],
    ['a pattern that explodes', { own: { p: '(a+)+$' } }, /exponentially/],
    ['a pattern that matches nothing', { own: { p: 'a*' } }, /without a character/],
    ['a mask for hashes', { ...all, action: 'hash', mask: 'x' }, /takes no \\"mask\\"/],
    ['a key for masks', { ...all, key: 'x' }, /takes no \\"key\\"/],
    ['a field that is none', { ...all, fields: ['__proto__'] }, /no field path/],
  ])('refuses %s', (_name, options, message) => {
    expect(JSON.stringify(redact.options.safeParse(options).error?.issues)).toMatch(message);
  });

  it('never throws or reaches a prototype, leaves no find behind, and changes nothing where there is none', () => {
    const step = redact.create(redact.options.parse(all), stepContext('redact'));
    const again = redact.create(redact.options.parse({ ...all, mask: '!' }), stepContext('redact'));
    const piece = fc.constantFrom(
      '4111111111111111',
      'a@b.org',
      '10.0.0.1',
      '::1',
      ' ',
      '-',
      '.',
      'x',
      '5',
      'DE89370400440532013000',
      '漢',
    );
    const string = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(''));
    const value = fc.letrec<{ node: unknown }>((tie) => ({
      node: fc.oneof(
        { depthSize: 'small' },
        string,
        fc.maxSafeInteger(),
        fc.constant(null),
        fc.array(tie('node')),
        fc.dictionary(fc.string(), tie('node')),
      ),
    })).node;
    fc.assert(
      fc.property(fc.dictionary(fc.oneof(fc.string(), fc.constant('__proto__')), value), (object) => {
        const record = recordOf(JSON.parse(JSON.stringify(object)) as JsonObject);
        expect(step(record)).toBeUndefined();
        const once = JSON.stringify(record.value);
        const other = recordOf(JSON.parse(JSON.stringify(object)) as JsonObject);
        again(other);
        if (once === JSON.stringify(object)) expect(JSON.stringify(other.value)).toBe(once);
        expect(Object.getPrototypeOf(record.value)).toBe(Object.prototype);
      }),
      { numRuns: 1_000 },
    );
  });
});
