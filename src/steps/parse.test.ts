import { describe, expect, it, test } from 'vitest';
import { recordOf, runStep, stepContext } from '../../test/support/run-step.ts';
import type { JsonObject } from '../record/json.ts';
import { parse } from './parse.ts';

const envelope = (message: string): JsonObject => ({
  message,
  log: { file: { path: '/var/log/app.log' }, offset: 7 },
  host: { name: 'web-1' },
});

const run = (options: unknown, value: JsonObject): ReturnType<typeof runStep> => runStep(parse, options, value);

describe('merging into the record', () => {
  it('moves the text to event.original, keeps the envelope, and lets parsed fields win', () => {
    const text = '{"host":{"name":"inner","ip":"1.2.3.4"},"log":{"level":"info"},"event":{"action":"x"},"a":1}';
    const { outcome, value } = run({ format: 'json' }, envelope(text));
    expect(outcome).toBeUndefined();
    expect(value).toEqual({
      a: 1,
      host: { name: 'inner', ip: '1.2.3.4' },
      log: { level: 'info', file: { path: '/var/log/app.log' }, offset: 7 },
      event: { action: 'x', original: text },
    });
  });

  it('lets a parsed message take the place of the text', () => {
    const text = '{"message":"inner"}';
    expect(run({ format: 'json' }, { message: text }).value).toEqual({ message: 'inner', event: { original: text } });
  });

  it('keeps an event.original that is there: it is what came first', () => {
    const value = { message: '{"event":{"original":"forged"}}', event: { original: 'first', kind: 'event' } };
    expect(run({ format: 'json' }, value).value).toEqual({ event: { original: 'first', kind: 'event' } });
  });

  it('keeps no text with keep_original: false', () => {
    expect(run({ format: 'logfmt', keep_original: false }, { message: 'a=1', b: 2 }).value).toEqual({ a: '1', b: 2 });
    expect(run({ format: 'logfmt', field: 'p.q', keep_original: false }, { message: 'm', p: { q: 'a=1' } }).value).toEqual({
      a: '1',
      message: 'm',
      p: {},
    });
  });

  it('reads another field, whose text stays', () => {
    expect(run({ format: 'logfmt', field: 'p.q' }, { message: 'm', p: { q: 'a=1' } }).value).toEqual({
      a: '1',
      message: 'm',
      p: { q: 'a=1' },
    });
  });

  it('puts the fields elsewhere with into, and the text stays', () => {
    expect(run({ format: 'logfmt', into: 'x.y' }, { message: 'a=1' }).value).toEqual({ message: 'a=1', x: { y: { a: '1' } } });
    expect(run({ format: 'logfmt', into: 'message' }, { message: 'a=1' }).value).toEqual({ message: { a: '1' } });
    expect(run({ format: 'logfmt', into: 'x', keep_original: false }, { message: 'a=1' }).value).toEqual({ x: { a: '1' } });
  });

  it('never reaches a prototype', () => {
    const record = recordOf(
      JSON.parse(
        '{"message":"{\\"__proto__\\":{\\"polluted\\":1}}","__proto__":{"polluted":2},"constructor":{"x":1}}',
      ) as JsonObject,
    );
    const step = parse.create(parse.options.parse({ format: 'json' }), stepContext('parse'));
    expect(step(record)).toBeUndefined();
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
    expect(Object.getPrototypeOf(record.value)).toBe(Object.prototype);
    expect(JSON.stringify(record.value)).toContain('"__proto__":{"polluted":1}');
    const inherited = JSON.parse('{"message":"a=1","__proto__":{"toString":2}}') as JsonObject;
    expect(JSON.stringify(run({ format: 'logfmt' }, inherited).value)).toContain('"__proto__":{"toString":2}');
    expect({}.toString()).toBe('[object Object]');
  });
});

describe('rejections', () => {
  test.each<[string, unknown, JsonObject, string, RegExp]>([
    [
      'a text that does not fit',
      { format: 'json' },
      { message: 'prose' },
      'PARSE_FAILED',
      /parsing the field message as json: it does not begin/,
    ],
    ['no field', { format: 'json' }, { text: '{}' }, 'PARSE_FIELD_MISSING', /message/],
    ['a field inherited from the prototype', { format: 'json', field: 'toString' }, {}, 'PARSE_FIELD_MISSING', /toString/],
    ['a number', { format: 'json', field: 'a.b' }, { a: { b: 3 } }, 'PARSE_FIELD_NOT_TEXT', /a\.b as json: it holds a number/],
    ['a null', { format: 'json' }, { message: null }, 'PARSE_FIELD_NOT_TEXT', /holds null/],
    [
      'an event that is no object',
      { format: 'json' },
      { message: '{"event":"login"}' },
      'PARSE_EVENT_CONFLICT',
      /event\.original has no place/,
    ],
  ])('rejects %s, and leaves the record as it was', (_name, options, value, code, message) => {
    const before = JSON.parse(JSON.stringify(value)) as unknown;
    const result = run(options, value);
    expect(result.outcome).toMatchObject({ kind: 'rejected', code });
    expect(result.outcome?.kind === 'rejected' ? result.outcome.message : '').toMatch(message);
    expect(result.value).toEqual(before);
  });

  it('skips a record without the field where it is told to', () => {
    expect(run({ format: 'json', on_missing: 'skip' }, { a: 1 })).toEqual({ outcome: undefined, value: { a: 1 } });
  });
});

describe('options', () => {
  test.each<[string, unknown, RegExp]>([
    ['an unknown format', { format: 'xml' }, /format/],
    ['an unknown option', { format: 'json', fild: 'x' }, /fild/],
    ['a pattern for another format', { format: 'json', pattern: 'x' }, /the format json takes no \\"pattern\\"/],
    ['regex without a pattern', { format: 'regex' }, /needs a \\"pattern\\"/],
    ['a pattern that is none', { format: 'regex', pattern: '(' }, /the pattern is malformed: Unterminated group/],
    [
      'a pattern that explodes',
      { format: 'regex', pattern: '^(?<a>(x+)+)$' },
      /the pattern can take time that grows exponentially/,
    ],
    ['a pattern without names', { format: 'regex', pattern: '^(x)$' }, /no named group/],
    ['a group that leads to a prototype', { format: 'regex', pattern: '(?<constructor>x)' }, /constructor cannot be/],
    ['a field for no group', { format: 'regex', pattern: '(?<a>x)', fields: { b: 'c' } }, /no group b; it has a/],
    ['a field that is no path', { format: 'regex', pattern: '(?<a>x)', fields: { a: 'c..d' } }, /no field path/],
    ['a zone that is none', { format: 'syslog', timezone: 'Mars/Olympus' }, /no time zone/],
    ['a field that is no path', { format: 'json', field: '__proto__.x' }, /no field path/],
  ])('refuses %s', (_name, options, message) => {
    const result = parse.options.safeParse(options);
    expect(JSON.stringify(result.error?.issues)).toMatch(message);
  });
});

describe('regex', () => {
  const pattern = '^(?<time>\\S+) (?<level>[A-Z]+)(?: \\[(?<thread>[^\\]]*)\\])? (?<message>.*)$';

  it('makes fields of groups, and none of groups that took no part', () => {
    const options = { format: 'regex', pattern, fields: { level: 'log.level', thread: 'process.thread.name' } };
    expect(run(options, envelope('12:00 INFO [main] up')).value).toEqual({
      time: '12:00',
      message: 'up',
      log: { level: 'INFO', file: { path: '/var/log/app.log' }, offset: 7 },
      process: { thread: { name: 'main' } },
      host: { name: 'web-1' },
      event: { original: '12:00 INFO [main] up' },
    });
    expect(run(options, { message: '12:00 INFO up' }).value).not.toHaveProperty('process');
  });

  it('rejects what does not match, and what is too long for a pattern of quadratic time', () => {
    const options = { format: 'regex', pattern: '^(?<a>\\w+) +(?<b>.*)$' };
    expect(run(options, { message: '!' }).outcome).toMatchObject({
      code: 'PARSE_FAILED',
      message: expect.stringContaining('does not match') as string,
    });
    expect(run(options, { message: `a ${'x'.repeat(9998)}` }).outcome).toBeUndefined();
    expect(run(options, { message: `a ${'x'.repeat(9999)}` }).outcome).toMatchObject({
      code: 'PARSE_FAILED',
      message: expect.stringContaining('longer than 10000') as string,
    });
  });
});
