import { describe, expect, it } from 'vitest';
import { batchOf } from '../../test/support/sink-batches.ts';
import { BulkEncoder, bodyBound } from './request.ts';

function encode(
  values: readonly (string | Buffer | null)[],
  id?: (i: number) => string,
): { text: string; rows: number[]; rejected: string[] } {
  const batch = batchOf(values, id);
  const request = new BulkEncoder().encode(batch, Buffer.alloc(bodyBound(batch.records, false)));
  return {
    text: request.body.toString('utf8'),
    rows: [...request.rows.subarray(0, request.count)],
    rejected: request.rejected.map(({ row, error }) => `${row} ${error.code}: ${error.message}`),
  };
}

describe('BulkEncoder', () => {
  it('writes an action line and the untouched bytes of the value for each record', () => {
    expect(encode(['{"a":1}', ' {"b": "zwölf \\n"}']).text).toBe(
      '{"create":{"_id":"id-0"}}\n{"a":1}\n{"create":{"_id":"id-1"}}\n {"b": "zwölf \\n"}\n',
    );
  });

  it('writes the index where each record chooses its own, and rejects what is no name', () => {
    const names = ['logs-ä', 'logs-ä', 'UPPER', undefined, '.security', 7];
    const encoder = new BulkEncoder((record) => names[record.value['n'] as number]);
    const batch = batchOf(names.map((_, n) => `{"n":${n}}`));
    const request = encoder.encode(batch, Buffer.alloc(bodyBound(batch.records, true)));
    expect(request.body.toString('utf8')).toBe(
      '{"create":{"_index":"logs-ä","_id":"id-0"}}\n{"n":0}\n{"create":{"_index":"logs-ä","_id":"id-1"}}\n{"n":1}\n' +
        '{"create":{"_index":"7","_id":"id-5"}}\n{"n":5}\n',
    );
    expect([...request.rows.subarray(0, request.count)]).toEqual([0, 1, 5]);
    expect(request.rejected.map(({ row, error }) => [row, error.code, error.message])).toEqual([
      [2, 'ES_INDEX_NAME', expect.stringContaining('UPPER is no name of an index: it has upper case letters; write "upper"')],
      [3, 'ES_INDEX_NAME', expect.stringContaining('the template gave no text')],
      [4, 'ES_INDEX_NAME', expect.stringContaining('it starts with a dot')],
    ]);
  });

  it('puts a value with raw line ends on one line, keeping every other byte', () => {
    const pretty = '{\n  "big": 12345678901234567890,\n  "text": "a\\nb"\n}';
    const { text } = encode(['{"a":1}', pretty, '{"c":3}']);
    expect(text.split('\n')).toHaveLength(7);
    expect(text.split('\n')[3]).toBe('{   "big": 12345678901234567890,   "text": "a\\nb" }');
  });

  it('rejects what is no JSON object and sends the rest', () => {
    const { text, rows, rejected } = encode(['', null, 'plain text', '[1]', '{"broken": "a\nb"}', '  ', '{"ok":1}']);
    expect(text).toBe('{"create":{"_id":"id-6"}}\n{"ok":1}\n');
    expect(rows).toEqual([6]);
    expect(rejected).toEqual([
      '0 ES_NOT_AN_OBJECT: making a document of the record: its value is no JSON object: it is empty; parse it first',
      '1 ES_NOT_AN_OBJECT: making a document of the record: its value is no JSON object: it has no value (a tombstone); parse it first',
      expect.stringMatching(/^2 .*it does not begin with \{/),
      expect.stringMatching(/^3 .*it does not begin with \{/),
      expect.stringMatching(/^4 ES_NOT_AN_OBJECT: .*JSON/),
      expect.stringMatching(/^5 .*it is empty/),
    ]);
  });

  it('grows its memory for ids beyond their bound, and cuts nothing', () => {
    const id = (i: number): string => String(i).repeat(600);
    const { text } = encode(['{"a":1}', '{"b":2}', '{"c":3}'], id);
    expect(text).toBe([0, 1, 2].map((i) => `{"create":{"_id":"${id(i)}"}}\n{"${'abc'[i]}":${i + 1}}\n`).join(''));
  });
});
