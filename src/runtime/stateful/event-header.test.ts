import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BatchBuilder } from '../../record/batch-builder.ts';
import { decodeHeaders, encodeHeaders } from '../../record/headers.ts';
import { type EventHeader, EventHeaderWriter, takeEventHeader } from './event-header.ts';

function taken(headers: Uint8Array): { event: EventHeader; left: string[]; timestamp: number } {
  const builder = new BatchBuilder(['t']);
  builder.begin(0, 0, 7);
  builder.value('{}');
  builder.headers(headers);
  const batch = builder.batch();
  const event: EventHeader = { kind: 'none', time: 0, watermark: 0 };
  takeEventHeader(batch, 0, event);
  const left = batch.headers(0).map(({ name, value }) => `${name}=${value?.toString('utf8') ?? ''}`);
  return { event, left, timestamp: batch.timestamp(0) };
}

const header = fc.record({ name: fc.string({ minLength: 1, maxLength: 20 }), value: fc.string({ maxLength: 2_000 }) });

describe('the event header', () => {
  it('brings times through, in front of whatever headers a record has', () => {
    const writer = new EventHeaderWriter();
    const time = fc.oneof(fc.integer(), fc.constant(Number.NEGATIVE_INFINITY));
    fc.assert(
      fc.property(fc.integer(), time, fc.array(header, { maxLength: 5 }), (at, watermark, own) => {
        const { event, left, timestamp } = taken(writer.record(at, watermark, encodeHeaders(own)));
        expect(event).toEqual({ kind: 'record', time: at, watermark });
        expect(left).toEqual(own.map(({ name, value }) => `${name}=${Buffer.from(value).toString('utf8')}`));
        expect(timestamp).toBe(at >= 0 ? at : 7);
      }),
    );
  });

  it('tells markers from records, also when they take turns', () => {
    const writer = new EventHeaderWriter();
    expect(taken(writer.record(1, 2, encodeHeaders([]))).event.kind).toBe('record');
    expect(taken(writer.marker()).event.kind).toBe('marker');
    expect(taken(writer.record(1, 2, encodeHeaders([]))).event).toEqual({ kind: 'record', time: 1, watermark: 2 });
    expect(decodeHeaders(Buffer.from(writer.marker())).map(({ name }) => name)).toEqual(['millrace.event']);
  });

  it('leaves records without it as they are', () => {
    const { event, left, timestamp } = taken(encodeHeaders([{ name: 'millrace.events', value: 'something that is as long' }]));
    expect([event.kind, left, timestamp]).toEqual(['none', ['millrace.events=something that is as long'], 7]);
    expect(taken(encodeHeaders([])).event.kind).toBe('none');
  });
});
