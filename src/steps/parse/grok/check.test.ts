import { describe, expect, it, test } from 'vitest';
import { parse } from '../../parse.ts';

const issues = (options: object): unknown =>
  parse.options.safeParse({ format: 'grok', ...options }).error?.issues.map(({ path, message }) => ({ path, message }));

describe('options of grok', () => {
  test.each<[string, object, (string | number)[], RegExp]>([
    ['no pattern', {}, [], /the format grok needs a "pattern"/],
    [
      'an unknown name',
      { pattern: '%{COMBINEDAPACHLOG}' },
      ['pattern'],
      /there is no such pattern; did you mean COMBINEDAPACHELOG\?/,
    ],
    ['an unknown name in a list', { pattern: ['%{IP:a}', '%{IPP:a}'] }, ['pattern', 1], /uses %\{IPP\}/],
    [
      'an unknown name in a definition',
      { pattern: '%{A:a}', pattern_definitions: { A: '%{NUMBR}' } },
      ['pattern_definitions', 'A'],
      /did you mean NUMBER\?/,
    ],
    ['a name of the other set', { pattern: '%{ZEEK_HTTP}', ecs: false }, ['pattern'], /no such pattern/],
    [
      'a pattern that refers to itself',
      { pattern: '%{A:a}', pattern_definitions: { A: 'x%{B}', B: 'y%{A}' } },
      ['pattern_definitions', 'A'],
      /refers to itself: B > A > B|refers to itself: A > B > A/,
    ],
    [
      'a pattern that grows without end',
      {
        pattern: '%{P20:a}',
        pattern_definitions: Object.fromEntries(
          Array.from({ length: 21 }, (_, i) => [`P${i}`, i === 0 ? 'xxxxxxxx' : `%{P${i - 1}}%{P${i - 1}}`]),
        ),
      },
      ['pattern'],
      /grows to more than 200000 characters/,
    ],
    ['an unknown type', { pattern: '%{WORD:a:number}' }, ['pattern'], /has the type "number" for a; the types are string, int/],
    ['a field that is none', { pattern: '%{WORD:a..b}' }, ['pattern'], /cannot capture into "a..b"/],
    ['a malformed field', { pattern: '%{WORD:[a}' }, ['pattern'], /cannot capture into "\[a"/],
    ['a reference that is none', { pattern: '%{WORD a}' }, ['pattern'], /is no reference/],
    ['a pattern without captures', { pattern: '%{WORD}' }, ['pattern'], /captures nothing/],
    [
      'a value that is an object as well',
      { pattern: '%{WORD:a} %{WORD:a.b}' },
      ['pattern'],
      /captures a as a value and as an object/,
    ],
    ['a reference by a number', { pattern: '(?<a>x)\\1' }, ['pattern'], /name the group/],
    ['a reference to no group', { pattern: '\\k<b>(?<a>x)' }, ['pattern'], /not before it/],
    ['an open group', { pattern: '(?<a>x' }, ['pattern'], /the pattern is malformed/],
    ['an open class', { pattern: '(?<a>[x' }, ['pattern'], /without its \]/],
    ['exponential time', { pattern: '^(?<a>(\\w+\\s?)*)$' }, ['pattern'], /can take time that grows exponentially/],
    [
      'a name that cannot be referred to',
      { pattern: '%{WORD:a}', pattern_definitions: { 'A B': 'x' } },
      ['pattern_definitions', 'A B'],
      /name of a pattern/,
    ],
  ])('refuses %s', (_name, options, path, message) => {
    expect(issues(options)).toContainEqual({ path, message: expect.stringMatching(message) as string });
  });

  it('refuses options of grok for other formats, and a list for regex', () => {
    const of = (options: object): string => JSON.stringify(parse.options.safeParse(options).error?.issues);
    expect(of({ format: 'json', ecs: true })).toMatch(/the format json takes no \\"ecs\\"/);
    expect(of({ format: 'regex', pattern: ['(?<a>x)'] })).toMatch(/takes one pattern/);
  });

  test.each<[string, object]>([
    ['powers of the length', { pattern: '.*Shorewall.*IN=.*OUT=%{GREEDYDATA:rest}' }],
    ['a library pattern that repeats', { pattern: '(?:%{WORD:a}\\s*)*x' }],
    ['what is no JavaScript', { pattern: '\\A(?>%{WORD:a})\\z' }],
  ])('takes %s', (_name, options) => {
    expect(issues(options)).toBeUndefined();
  });
});
