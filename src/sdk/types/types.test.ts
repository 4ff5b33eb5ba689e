import { describe, expect, it, test } from 'vitest';
import {
  ANY,
  deletePath,
  fill,
  getPath,
  LIST,
  listOf,
  misfitOf,
  misfitText,
  NUMBER,
  objectOf,
  oneOf,
  putPath,
  type RecordType,
  readNotation,
  refine,
  replacePath,
  STRING,
  setPath,
  sharesKind,
  textOf,
  typeLines,
  typeText,
  union,
} from './index.ts';

/** The type that a text stands for. */
function type(written: unknown): RecordType {
  const { type: read, problems } = readNotation(written);
  expect(problems).toEqual([]);
  return read;
}

const USER = { 'user.id': 'string', 'user.name?': 'string' };

describe('a type', () => {
  test.each<[unknown, string]>([
    ['string', 'string'],
    ["string | number | 'a'", 'string | number'],
    ["'a' | 'b'", "'a' | 'b'"],
    [null, 'null'],
    [['string'], '[string]'],
    [USER, '{ user: { id: string, name?: string } }'],
    [{ 'a.b?': 'number', '...': 'any' }, '{ a?: { b?: number, ... }, ... }'],
    [{ 'a.b?': 'number', 'a.c': 'number' }, '{ a: { b?: number, c: number } }'],
    [{ '...': 'string' }, '{ ...: string }'],
    [{}, '{}'],
    ['any', 'any'],
  ])('%j is shown as %s', (written, shown) => {
    expect(typeText(type(written))).toBe(shown);
  });

  it('is shown on several lines where it is long', () => {
    const wide = Object.fromEntries(Array.from({ length: 6 }, (_, i) => [`field_number_${i}`, 'string | number']));
    expect(typeLines(type({ wide, n: 'number' }), '  ').slice(0, 3)).toEqual([
      '  {',
      '    wide: {',
      '      field_number_0: string | number',
    ]);
  });

  test.each<[string, unknown, unknown, string]>([
    ['scalars', 'string', 'number', 'string | number'],
    ['texts', "'a'", "'b'", "'a' | 'b'"],
    ['texts and any text', "'a'", 'string', 'string'],
    ['lists', ['string'], ['number'], '[string | number]'],
    ['objects', { a: 'string' }, { a: 'number', b: 'string' }, '{ a: string | number, b?: string }'],
    ['an open and a closed object', { a: 'string', '...': 'any' }, { b: 'string' }, '{ a?: string, b?: any, ... }'],
    ['anything', 'any', 'string', 'any'],
  ])('is joined with another: %s', (_name, a, b, shown) => {
    expect(typeText(union(type(a), type(b)))).toBe(shown);
  });

  it('tells no more than 24 texts apart', () => {
    expect(typeText(textOf(...Array.from({ length: 25 }, (_, i) => String(i))))).toBe('string');
  });
});

describe('a field', () => {
  const record = type({ ...USER, note: 'string | null' });

  test.each<[string, string, boolean]>([
    ['user.id', 'string', true],
    ['user.name', 'string', false],
    ['user.age', 'nothing', false],
    ['note.x', 'nothing', false],
  ])('%s is %s', (path, shown, always) => {
    const found = getPath(record, path.split('.'));
    expect([typeText(found.type), found.always]).toEqual([shown, always]);
  });

  it('is set, and the objects on the way to it', () => {
    expect(typeText(setPath(record, ['note', 'text'], { type: NUMBER, always: true }))).toBe(
      '{ user: { id: string, name?: string }, note: { text: number } }',
    );
  });

  it('that is set only sometimes is what it was or what it is set to', () => {
    const sometimes = setPath(type({ a: 'string' }), ['a'], { type: NUMBER, always: false });
    expect(typeText(sometimes)).toBe('{ a: string | number }');
    expect(typeText(putPath(type({ a: 'string' }), ['a'], { type: NUMBER, always: false }))).toBe('{ a?: number }');
  });

  it('is deleted, and known to be gone in an open object too', () => {
    expect(typeText(deletePath(record, ['user', 'id']))).toBe('{ user: { name?: string }, note: string | null }');
    expect(getPath(deletePath(type({ '...': 'any' }), ['x']), ['x']).type).toEqual({});
  });

  it('is replaced where it is', () => {
    expect(typeText(replacePath(record, ['user', 'name'], { type: NUMBER, always: false }))).toBe(
      '{ user: { id: string, name?: number }, note: string | null }',
    );
    expect(replacePath(record, ['no', 'such'], { type: NUMBER, always: true })).toBe(record);
  });

  it('fills what another record lacks', () => {
    const filled = fill(type({ a: { b: 'string' }, 'c?': 'number' }), type({ a: { d: 'number' }, c: 'string', e: 'string' }));
    expect(typeText(filled)).toBe('{ a: { b: string, d: number }, c: string | number, e: string }');
  });
});

describe('what does not fit', () => {
  test.each<[string, unknown, unknown, string | undefined]>([
    ['the same', USER, USER, undefined],
    ['what is not known', 'any', USER, undefined],
    ['what may be missing', { 'a?': 'string' }, { a: 'string' }, undefined],
    ['another kind', { a: { b: 'string' } }, { a: { b: 'number' } }, 'a.b is string, and the schema says number'],
    ['one kind too many', { a: 'string | null' }, { a: 'string' }, 'a is string | null, and the schema says string'],
    ['another text', { a: "'x' | 'y'" }, { a: "'x'" }, "a is 'x' | 'y', and the schema says 'x'"],
    ['items of a list', { a: ['number'] }, { a: ['string'] }, 'a.[] is number, and the schema says string'],
    [
      'a field that is never there',
      { b: 'string' },
      { a: 'string', '...': 'any' },
      'no record has a, and the schema says that all do',
    ],
    [
      'a field more',
      { a: 'string', b: 'string' },
      { a: 'string' },
      'b (string) is not in the schema; add it, remove it, or let there be other fields by "...: any"',
    ],
    ['a field more, of a kind that others may have', { b: 'string' }, { '...': 'string' }, undefined],
  ])('%s', (_name, found, wanted, reason) => {
    const misfit = misfitOf(type(found), type(wanted));
    expect(misfit && misfitText(misfit)).toBe(reason);
  });

  it('has no kind in common', () => {
    expect(sharesKind(STRING, NUMBER)).toBe(false);
    expect(sharesKind(oneOf(STRING, NUMBER), NUMBER)).toBe(true);
    expect(sharesKind(ANY, LIST)).toBe(true);
    expect(sharesKind({}, NUMBER)).toBe(true);
  });

  it('is refined by what was found out', () => {
    const refined = refine(type({ a: 'any', '...': 'any' }), type({ a: 'string', b: 'number' }));
    expect(typeText(refined)).toBe('{ a: string, b: number, ... }');
    expect(typeText(refine(type({ a: 'number' }), objectOf({ a: STRING, b: listOf(STRING) })))).toBe('{ a: number }');
  });
});

test.each<[unknown, string]>([
  [5, 'is no type'],
  ['text', 'there is no type "text"'],
  [['string', 'number'], 'a list has the type of its items'],
  [{ 'a..b': 'string' }, 'is no field path'],
  ["'x", 'is no type'],
])('%j is refused', (written, reason) => {
  const { problems } = readNotation(written);
  expect(problems.map(({ message }) => message).join()).toContain(reason);
});
