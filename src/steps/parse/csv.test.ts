import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { type CsvOptions, csvParser } from './csv.ts';
import { ParseFailure } from './parser.ts';

const read = (text: string, options: Partial<CsvOptions> = {}): unknown => {
  const result = csvParser({ delimiter: ',', quote: '"', ...options })(text, -1);
  return result instanceof ParseFailure ? result.reason : JSON.parse(JSON.stringify(result));
};

describe('rows', () => {
  // The examples of RFC 4180, section 2, and what it leaves open.
  test.each<[string, string, string[]]>([
    ['plain cells', 'aaa,bbb,ccc', ['aaa', 'bbb', 'ccc']],
    ['a line break at the end', 'aaa,bbb\r\n', ['aaa', 'bbb']],
    ['quoted cells', '"aaa","bbb"', ['aaa', 'bbb']],
    ['a line break in a cell', '"aaa","b \r\nbb","ccc"', ['aaa', 'b \r\nbb', 'ccc']],
    ['a doubled quote', '"aaa","b""bb",""', ['aaa', 'b"bb', '']],
    ['only quotes', '"""",""""""', ['"', '""']],
    ['a quote inside a bare cell', 'a"b,c', ['a"b', 'c']],
    ['blanks, which belong to cells', ' a , b ', [' a ', ' b ']],
    ['empty cells', ',,', ['', '', '']],
    ['nothing', '', ['']],
    ['a byte order mark', '\uFEFFa,b', ['a', 'b']],
  ])('reads %s', (_name, text, cells) => {
    expect(Object.values(read(text) as object)).toEqual(cells);
  });

  test.each<[string, string, Partial<CsvOptions>, unknown]>([
    ['other delimiters', 'a\tb,c', { delimiter: '\t' }, { column1: 'a', column2: 'b,c' }],
    ['long delimiters', 'a||b|', { delimiter: '||' }, { column1: 'a', column2: 'b|' }],
    ['other quotes', "'a,''b',c", { quote: "'" }, { column1: "a,'b", column2: 'c' }],
    ['no quotes', '"a,b', { quote: '' }, { column1: '"a', column2: 'b' }],
  ])('reads %s', (_name, text, options, fields) => {
    expect(read(text, options)).toEqual(fields);
  });

  test.each<[string, string, RegExp]>([
    ['an open quote', 'a,"b', /quote at column 3 does not end/],
    ['text behind a quote', '"a"b,c', /column 4, after a quoted cell, "," is expected/],
    ['two rows', 'a,b\nc,d', /more than one row/],
    ['too many cells', ','.repeat(10_001), /more than 10000 cells/],
  ])('refuses %s', (_name, text, reason) => {
    expect(read(text)).toMatch(reason);
  });
});

describe('columns', () => {
  it('puts cells into fields, at their types, and leaves out columns without name', () => {
    const columns = ['@timestamp', 'http.response.status_code', '', 'took', 'ok'];
    const types = { 'http.response.status_code': 'integer', took: 'float', ok: 'boolean' } as const;
    expect(read('2026-10-11,200,x,0.25,TRUE', { columns, types })).toEqual({
      '@timestamp': '2026-10-11',
      http: { response: { status_code: 200 } },
      took: 0.25,
      ok: true,
    });
    expect(read(',,x,,', { columns, types })).toEqual({ '@timestamp': '' });
  });

  test.each<[string, string, RegExp]>([
    ['fewer cells', 'a', /1 cells where there are 2 columns/],
    ['more cells', 'a,1,b', /3 cells where there are 2/],
    ['a cell that does not fit', 'a,12x', /the cell of n is no integer/],
    ['a number that is not exact', 'a,1234567890123456', /no integer/],
  ])('refuses %s', (_name, text, reason) => {
    expect(read(text, { columns: ['a', 'n'], types: { n: 'integer' } })).toMatch(reason);
  });
});

describe('what was rendered', () => {
  const cell = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 20 }),
    fc.string({ unit: fc.constantFrom('"', ',', ';', '\n', '\r', ' ', 'a'), maxLength: 10 }),
  );

  it('is read back', () => {
    fc.assert(
      fc.property(fc.array(cell, { minLength: 1, maxLength: 8 }), fc.constantFrom(',', ';', '\t', '||'), (cells, delimiter) => {
        const row = cells.map((each) => `"${each.replaceAll('"', '""')}"`).join(delimiter);
        expect(Object.values(read(row, { delimiter }) as object)).toEqual(cells.map((each) => JSON.parse(JSON.stringify(each))));
      }),
      { numRuns: 1000 },
    );
  });
});
