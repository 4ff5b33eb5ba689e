import { VirtualClock } from 'millrace/testing';
import { describe, expect, it } from 'vitest';
import { boundConfig } from '../../test/support/elasticsearch-sink.ts';
import { batchOf, contextWith } from '../../test/support/sink-batches.ts';
import { encoderFor } from './encoder.ts';
import { walkMembers } from './members.ts';

function encode(options: Record<string, unknown>, values: readonly (string | null)[], memory?: Buffer) {
  const context = contextWith(undefined, new VirtualClock(Date.UTC(2026, 0, 2)));
  const encoder = encoderFor(boundConfig({ index: 'a', ...options }), context);
  const batch = batchOf(values);
  const request = encoder.encode(batch, memory ?? Buffer.alloc(encoder.bound(batch.records)));
  return {
    lines: request.body.toString('utf8').split('\n').slice(0, -1),
    rows: [...request.rows.subarray(0, request.count)],
    rejected: request.rejected.map(({ row, error }) => `${row} ${error.code}: ${error.message}`),
  };
}

describe('an id by record', () => {
  it('stands in the action, with any character', () => {
    const values = ['{"id":"a\\"b\\\\ü😀"}', '{"id":7}', '{"id":true}'];
    expect(encode({ id: '{{ id }}' }, values).lines).toEqual([
      '{"create":{"_id":"a\\"b\\\\ü😀"}}',
      values[0],
      '{"create":{"_id":"7"}}',
      values[1],
      '{"create":{"_id":"true"}}',
      values[2],
    ]);
  });

  it('is refused where it is no id, and the rest is sent', () => {
    const long = 'ü'.repeat(257);
    const values = ['{}', '{"id":null}', '{"id":""}', `{"id":"${long}"}`, '{"id":{"a":1}}', '{"id":"x"}'];
    const { lines, rows, rejected } = encode({ id: '{{ id }}' }, values);
    expect(lines).toEqual(['{"create":{"_id":"x"}}', '{"id":"x"}']);
    expect(rows).toEqual([5]);
    expect(rejected).toEqual([
      expect.stringMatching(/^0 ES_DOCUMENT_ID: choosing the id of the document: the template gave null/),
      expect.stringMatching(/^1 ES_DOCUMENT_ID: /),
      expect.stringMatching(/^2 ES_DOCUMENT_ID: .*it is empty/),
      expect.stringMatching(/^3 ES_DOCUMENT_ID: .*more than 512 bytes/),
      expect.stringMatching(/^4 ES_DOCUMENT_ID: .*the template gave \{"a":1\}/),
    ]);
  });
});

describe('an operation', () => {
  it('is the same for all or by record, and brings its document along', () => {
    const values = ['{"op":"index","n":1}', '{"op":"update",\n"n":2}', '{"op":"delete"}', '{"op":"create"}'];
    const { lines } = encode({ id: 'doc-{{ $offset }}', operation: '{{ op }}' }, values);
    expect(lines).toEqual([
      '{"index":{"_id":"doc-0"}}',
      '{"op":"index","n":1}',
      '{"update":{"_id":"doc-1","retry_on_conflict":3}}',
      '{"doc":{"op":"update", "n":2},"doc_as_upsert":true}',
      '{"delete":{"_id":"doc-2"}}',
      '{"create":{"_id":"doc-3"}}',
      '{"op":"create"}',
    ]);
    const update = { id: '{{ n }}', operation: 'update', upsert: false, retry_on_conflict: 0 };
    expect(encode(update, ['{"n":1}']).lines).toEqual(['{"update":{"_id":"1","retry_on_conflict":0}}', '{"doc":{"n":1}}']);
  });

  it('that is none, or has no id, or is not for a data stream, is refused', () => {
    const values = ['{"op":"merge"}', '{}', '{"op":"update"}', '{"op":"index"}'];
    expect(encode({ operation: '{{ op }}' }, values).rejected).toEqual([
      '0 ES_ACTION: choosing what to do with the document: the operation is "merge"; it must be one of create, index, update, delete',
      expect.stringMatching(/^1 ES_ACTION: .*the operation is missing/),
      expect.stringMatching(/^2 ES_ACTION: .*update needs the id of a document/),
    ]);
    const stream = encode({ index: undefined, data_stream: 's', operation: '{{ op }}' }, ['{"op":"index"}', '{"op":"create"}']);
    expect(stream.rows).toEqual([1]);
    expect(stream.rejected).toEqual([expect.stringMatching(/^0 ES_ACTION: .*a data stream takes only create, not index/)]);
  });

  it('of a record without a value is its deletion, where that is asked for', () => {
    const options = { id: '{{ $key }}', operation: 'index' };
    expect(encode(options, [null]).rejected).toEqual([expect.stringMatching(/^0 ES_NOT_AN_OBJECT: .*tombstone/)]);
    expect(encode({ ...options, tombstones: 'delete' }, [null, '{"n":1}', 'x']).lines).toEqual([
      '{"delete":{"_id":"a\\nkey"}}',
      '{"index":{"_id":"a\\nkey"}}',
      '{"n":1}',
    ]);
  });
});

describe('a version', () => {
  const options = { id: '{{ id }}', operation: '{{ op }}', version: '{{ v }}' };

  it('goes with index and delete', () => {
    const values = ['{"id":1,"op":"index","v":5}', '{"id":2,"op":"delete","v":"9223372036854775807"}'];
    expect(encode({ ...options, version_type: 'external_gte' }, values).lines).toEqual([
      '{"index":{"_id":"1","version":5,"version_type":"external_gte"}}',
      values[0],
      '{"delete":{"_id":"2","version":9223372036854775807,"version_type":"external_gte"}}',
    ]);
    expect(encode(options, ['{"id":1,"op":"index","v":"007"}']).lines[0]).toBe(
      '{"index":{"_id":"1","version":7,"version_type":"external"}}',
    );
  });

  it.each(['-1', '1.5', '1e300', '"x"', '"9223372036854775808"', 'null', 'true'])('is not %s', (v) => {
    expect(encode(options, [`{"id":1,"op":"index","v":${v}}`]).rejected).toEqual([
      expect.stringMatching(/^0 ES_ACTION: .*the version is .*; it must be a whole number from 0 on/),
    ]);
  });

  it('is refused for create and update', () => {
    const { rejected } = encode(options, ['{"id":1,"op":"create","v":1}', '{"id":1,"op":"update","v":1}']);
    expect(rejected).toEqual([
      expect.stringContaining('create takes no version'),
      expect.stringContaining('update takes no version'),
    ]);
  });
});

describe('routing, pipeline and index', () => {
  it('stand in the action where they are by record, and not where they give nothing', () => {
    const options = { index: 'i-{{ to }}', pipeline: '{{ p }}', routing: '{{ r }}' };
    const values = ['{"to":"ä","p":"geo","r":7}', '{"to":"ä"}', '{"to":"X"}', '{"to":"y","p":"","r":""}'];
    const { lines, rejected } = encode(options, values);
    expect(lines).toEqual([
      '{"create":{"_index":"i-ä","_id":"id-0","routing":"7","pipeline":"geo"}}',
      values[0],
      '{"create":{"_index":"i-ä","_id":"id-1"}}',
      values[1],
      '{"create":{"_index":"i-y","_id":"id-3"}}',
      values[3],
    ]);
    expect(rejected).toEqual([expect.stringMatching(/^2 ES_INDEX_NAME: .*upper case/)]);
  });

  it('leave the plain way of writing alone where they are the same for all', () => {
    expect(encode({ pipeline: 'geo', routing: 'r' }, ['{"n":1}']).lines).toEqual(['{"create":{"_id":"id-0"}}', '{"n":1}']);
  });
});

describe('memory', () => {
  it('grows where ids and routings are longer than was thought', () => {
    const id = 'ü'.repeat(200);
    const values = [1, 2, 3].map((n) => `{"n":${n},"id":"${id}${n}"}`);
    const { lines } = encode({ id: '{{ id }}' }, values, Buffer.alloc(8));
    expect(lines).toEqual(values.flatMap((value, i) => [`{"create":{"_id":"${id}${i + 1}"}}`, value]));
  });
});

describe('documents', () => {
  const fields = { ecs: ['host', 'agent', 'event.ingested'] };
  const agent = expect.objectContaining({ name: 'millrace', type: 'millrace', version: expect.stringMatching(/^\d+\.\d+\.\d+/) });
  const event = { ingested: '2026-01-02T00:00:00.000Z' };
  const host = { name: 'host-1' };

  it.each([
    ['{}', { host, agent, event }],
    [' { } ', { host, agent, event }],
    ['{"n":1}', { host, agent, event, n: 1 }],
    ['{\n"n": 1\n}', { host, agent, event, n: 1 }],
    ['{"host":{"name":"mine"},"n":[{"host":1},"}"]}', { host: { name: 'mine' }, agent, event, n: [{ host: 1 }, '}'] }],
    ['{"host.name":"mine","agent.type":"x"}', { 'host.name': 'mine', 'agent.type': 'x', event }],
    ['{"event":{"kind":"x"}}', { host, agent, event: { kind: 'x', ...event } }],
    ['{"event":{ }}', { host, agent, event }],
    ['{"a":"\\\\","event":{"a":{"ingested":1}}}', { host, agent, a: '\\', event: { a: { ingested: 1 }, ...event } }],
    ['{"event":{"ingested":"then"}}', { host, agent, event: { ingested: 'then' } }],
    ['{"event.ingested":"then"}', { host, agent, 'event.ingested': 'then' }],
    ['{"event.kind":"x"}', { host, agent, event, 'event.kind': 'x' }],
    ['{"event":"text"}', { host, agent, event: 'text' }],
    ['{"h\\u006fst":1,"\\"":2}', { agent, event, host: 1, '"': 2 }],
  ])('%s gets what it lacks', (value, expected) => {
    const { lines } = encode(fields, [value]);
    expect(lines).toHaveLength(2);
    expect(JSON.parse(lines[1] as string)).toEqual(expected);
    const names: string[] = [];
    const bytes = Buffer.from(lines[1] as string);
    expect(walkMembers(bytes, 0, bytes.length, (name) => names.push(name))).toBeGreaterThan(0);
    expect(names).toHaveLength(new Set(names).size);
  });

  it('keep their bytes', () => {
    expect(encode({ ecs: ['host'] }, ['{"big":12345678901234567890, "f":1.0}']).lines[1]).toBe(
      '{"host":{"name":"host-1"},"big":12345678901234567890, "f":1.0}',
    );
  });

  it.each(['{"a"', '{"a":1,}', '{a:1}', '{"a" 1}', '{"a":1', '{"a":"', '{,}'])(
    'that are no JSON (%s) are left to the server',
    (value) => {
      expect(encode(fields, [value]).lines[1]).toBe(value);
    },
  );

  it('that are only a part get nothing', () => {
    expect(encode({ ...fields, id: '{{ n }}', operation: 'update' }, ['{"n":1}']).lines[1]).toBe(
      '{"doc":{"n":1},"doc_as_upsert":true}',
    );
  });
});
