import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RecordBatch } from './batch.ts';
import { BatchBuilder } from './batch-builder.ts';
import { decodeHeaders, encodeHeaders, headerText } from './headers.ts';
import { StreamRecord } from './record.ts';

const bytes = fc.option(fc.uint8Array({ maxLength: 200 }), { nil: null });
const header = fc.record({ name: fc.string({ unit: 'binary', maxLength: 12 }), value: bytes });
const row = fc.record({
  topic: fc.constantFrom('a', 'b', 'c'),
  partition: fc.integer({ min: -1, max: 9 }),
  offset: fc.integer({ min: -1, max: Number.MAX_SAFE_INTEGER }),
  timestamp: fc.integer({ min: -1, max: 4e12 }),
  key: bytes,
  value: bytes,
  headers: fc.array(header, { maxLength: 3 }),
});
type Row = Omit<typeof row extends fc.Arbitrary<infer T> ? T : never, 'topic'> & { readonly topic: string };

function build(builder: BatchBuilder, rows: readonly Row[]): RecordBatch {
  for (const one of rows) {
    builder.begin(builder.topicIndex(one.topic), one.partition, one.timestamp);
    builder.offset(one.offset);
    builder.key(one.key);
    builder.value(one.value);
    builder.headers(encodeHeaders(one.headers));
  }
  return builder.batch();
}

const plain = (one: Uint8Array | null): number[] | null => (one === null ? null : [...one]);
const headersOf = (packed: Buffer): unknown => decodeHeaders(packed).map(({ name, value }) => ({ name, value: plain(value) }));

function read(batch: RecordBatch): unknown[] {
  return Array.from({ length: batch.length }, (_, i) => ({
    topic: batch.topic(i),
    partition: batch.partition(i),
    offset: batch.offset(i),
    timestamp: batch.timestamp(i),
    key: plain(batch.key(i)),
    value: plain(batch.value(i)),
    headers: headersOf(batch.headersBytes(i)),
  }));
}

const expected = (rows: readonly Row[]): unknown[] =>
  rows.map((one) => ({
    ...one,
    key: plain(one.key),
    value: plain(one.value),
    headers: one.headers.map(({ name, value }) => ({ name: Buffer.from(name).toString(), value: plain(value) })),
  }));

describe('BatchBuilder', () => {
  it('gives back what was put in, also when its memory is used again', () => {
    const builder = new BatchBuilder();
    fc.assert(
      fc.property(fc.array(row, { maxLength: 30 }), (rows) => {
        builder.reset();
        expect(read(build(builder, rows))).toEqual(expected(rows));
      }),
    );
  });

  it('grows past its first memory in rows and bytes', () => {
    const builder = new BatchBuilder(['t']);
    const big = 'ü'.repeat(100_000);
    for (let i = 0; i < 1_000; i += 1) {
      builder.begin(0, 0, i);
      builder.value(i % 100 === 0 ? big : String(i));
    }
    const batch = builder.batch();
    expect(batch.valueText(0)).toBe(big);
    expect(batch.valueText(999)).toBe('999');
    expect(batch.length).toBe(1_000);
  });

  it('keeps the memory that is usual for the next use, and gives back what is far more', () => {
    const usual = 20_000_000;
    const builder = new BatchBuilder(['t'], usual);
    const memoryAfter = (bytes: number): number => {
      builder.reset();
      for (let left = bytes; left > 0; left -= 100_000) {
        builder.begin(0, 0, 0);
        builder.value(Buffer.alloc(100_000, 'x'));
      }
      expect(
        builder
          .batch()
          .value(builder.length - 1)
          ?.toString(),
      ).toBe('x'.repeat(100_000));
      return builder.batch().arena.length;
    };
    expect(memoryAfter(15_000_000)).toBe(usual);
    expect(memoryAfter(100_000)).toBe(usual);
    expect(memoryAfter(80_000_000)).toBeGreaterThanOrEqual(80_000_000);
    expect(memoryAfter(100_000)).toBeLessThan(usual);
  });

  it('takes back the record begun last, with its bytes', () => {
    fc.assert(
      fc.property(fc.array(row, { maxLength: 5 }), row, row, (rows, wrong, last) => {
        const builder = new BatchBuilder();
        build(builder, rows);
        const before = builder.bytes;
        build(builder, [wrong]);
        builder.undo();
        expect(builder.bytes).toBe(before);
        expect(read(build(builder, [last]))).toEqual(expected([...rows, last]));
      }),
    );
  });

  it('copies all records at once as it copies them one by one', () => {
    fc.assert(
      fc.property(
        fc.array(row, { minLength: 1, maxLength: 10 }),
        fc.integer({ min: 1, max: 5 }),
        fc.boolean(),
        (rows, partitions, stamped) => {
          const batch = build(new BatchBuilder(), rows);
          const whole = new BatchBuilder(['out']);
          const single = new BatchBuilder(['out']);
          // Behind something else, so that places in the memory move.
          for (const builder of [whole, single])
            build(
              builder,
              rows.slice(0, 1).map((one) => ({ ...one, topic: 'out' })),
            );
          whole.copyAll(batch, { topic: 0, partitions, stamped });
          for (let i = 0; i < batch.length; i += 1) {
            const partition = batch.key(i) === null ? batch.partition(i) % partitions : -1;
            single.copy(batch, i, { topic: 0, partition, stamped });
          }
          expect(read(whole.batch())).toEqual(read(single.batch()));
        },
      ),
    );
  });

  it('appends all records of batches as they are', () => {
    const rows = fc.array(row, { minLength: 1, maxLength: 10 });
    fc.assert(
      fc.property(rows, rows, (first, second) => {
        const whole = new BatchBuilder();
        const single = new BatchBuilder();
        const firstRows = [first, second].map((each) => {
          const batch = build(new BatchBuilder(), each);
          for (let i = 0; i < batch.length; i += 1) {
            single.copy(batch, i, { topic: single.topicIndex(batch.topic(i)), partition: batch.partition(i) });
            single.offset(batch.offset(i));
          }
          return whole.append(batch);
        });
        expect(firstRows).toEqual([0, first.length]);
        expect(read(whole.batch())).toEqual(read(single.batch()));
      }),
    );
  });

  it('lets encoders write values themselves, and leaves one that was not ended null', () => {
    const builder = new BatchBuilder(['t']);
    builder.begin(0, 0, 0);
    builder.openValue(10);
    builder.begin(0, 0, 0);
    const at = builder.openValue(200_000);
    builder.endValue(at + builder.arena.write('x'.repeat(150_000), at));
    const batch = builder.batch();
    expect(batch.value(0)).toBeNull();
    expect(batch.valueText(1)).toBe('x'.repeat(150_000));
  });

  it('takes headers away by an empty list', () => {
    const builder = new BatchBuilder(['t']);
    builder.begin(0, 0, 0);
    builder.headers(encodeHeaders([{ name: 'a', value: 'b' }]));
    builder.headers(Buffer.alloc(0));
    expect(builder.batch().headers(0)).toEqual([]);
  });
});

describe('headers', () => {
  it('come back as they were, names repeated and in order', () => {
    fc.assert(
      fc.property(fc.array(header, { maxLength: 6 }), (headers) => {
        expect(headersOf(encodeHeaders(headers))).toEqual(
          headers.map(({ name, value }) => ({ name: Buffer.from(name).toString(), value: plain(value) })),
        );
      }),
    );
  });

  it('gives the last value of a name that is not null', () => {
    const packed = encodeHeaders([
      { name: 'a', value: '1' },
      { name: 'a', value: '2' },
      { name: 'a', value: null },
    ]);
    expect(headerText(packed, 'a')).toBe('2');
    expect(headerText(packed, 'b')).toBeUndefined();
    expect(headerText(Buffer.alloc(0), 'a')).toBeUndefined();
  });
});

describe('RecordBatch', () => {
  it('tells a tombstone from an empty value, and throws for a value that is no JSON', () => {
    const builder = new BatchBuilder(['t']);
    for (const value of [null, '', '{"a":1}']) {
      builder.begin(0, 0, 0);
      builder.value(value);
    }
    const batch = builder.batch();
    expect([batch.value(0), batch.value(1)?.length, batch.valueText(0)]).toEqual([null, 0, '']);
    expect(() => batch.valueJson(0)).toThrow(SyntaxError);
    expect(batch.valueJson(2)).toEqual({ a: 1 });
    expect(RecordBatch.empty.length).toBe(0);
  });

  it('is what a record shows', () => {
    const builder = new BatchBuilder(['t']);
    builder.begin(0, 3, 99);
    builder.offset(7);
    builder.key('k');
    builder.headers(encodeHeaders([{ name: 'h', value: 'v' }]));
    const record = new StreamRecord();
    record.moveTo(builder.batch(), 0, { a: 1 });
    const { topic, partition, offset, timestamp, key, value } = record;
    expect({ topic, partition, offset, timestamp, key, value, h: record.header('h') }).toEqual({
      topic: 't',
      partition: 3,
      offset: 7,
      timestamp: 99,
      key: 'k',
      value: { a: 1 },
      h: 'v',
    });
  });
});
