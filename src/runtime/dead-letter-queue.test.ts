import { describe, expect, it } from 'vitest';
import { FakeKafka } from '../../test/support/fake-kafka.ts';
import { BatchBuilder } from '../record/batch-builder.ts';
import { decodeHeaders, encodeHeaders, headerText } from '../record/headers.ts';
import { VirtualClock } from '../testing/virtual-clock.ts';
import { Names } from '../topology/names.ts';
import { addDeadLetter, originOf, parseOrigin } from './dead-letter.ts';
import type { DeadLetterFilter } from './dead-letter-filter.ts';
import { type DeadLetter, DeadLetterQueue, type Replayed } from './dead-letter-queue.ts';

const names = new Names('ns');
const DEAD = names.dead('logs');

function setUp() {
  const clock = new VirtualClock();
  const kafka = new FakeKafka(clock);
  const queue = new DeadLetterQueue({ kafka, admin: kafka.admin(), names, pipeline: 'logs' });
  const bury = async (
    values: readonly string[],
    component = 'search',
    code = 'ES_DOCUMENT_REJECTED',
    more: { step?: string; time?: number; topic?: string } = {},
  ): Promise<void> => {
    const came = new BatchBuilder(['in']);
    const letters = new BatchBuilder([DEAD]);
    values.forEach((value, i) => {
      came.begin(0, 2, 1_000);
      came.offset(40 + i);
      came.key('k');
      came.value(value);
      came.headers(encodeHeaders([{ name: 'own', value: 'kept' }]));
    });
    const batch = came.batch();
    values.forEach((_, row) => {
      const origin = { incarnation: 'inc-1', topic: more.topic ?? 'in', partition: 2, offset: 40 + row };
      const reason = { component, step: more.step ?? 's', code, message: 'm'.repeat(9_000), time: more.time ?? 0 };
      addDeadLetter(letters, 0, { batch, row, origin }, reason);
    });
    const producer = kafka.producer({});
    await producer.write(letters.batch());
  };
  const list = (filter: DeadLetterFilter = {}, limit = 10_000): Promise<DeadLetter[]> => clock.run(queue.newest(limit, filter));
  const replay = (components: readonly string[], filter: DeadLetterFilter = {}, limit?: number): Promise<Replayed> =>
    clock.run(queue.replay(new Set(components), filter, limit));
  return { clock, kafka, queue, bury, list, replay };
}

function prepared() {
  const world = setUp();
  world.kafka.createTopic(DEAD);
  world.kafka.createTopic(names.retry('logs', 'search'));
  world.kafka.createTopic(names.retry('logs', 'parse'));
  return world;
}

describe('DeadLetterQueue', () => {
  it('is empty where the pipeline never had any', async () => {
    const { list } = setUp();
    expect(await list()).toEqual([]);
  });

  it('shows what was kept: bytes, reason and origin, and no header of ours among the own ones', async () => {
    const { bury, list } = prepared();
    await bury(['{"a":1}']);
    const [letter] = await list();
    expect(letter).toMatchObject({
      component: 'search',
      step: 's',
      code: 'ES_DOCUMENT_REJECTED',
      origin: 'inc-1/in/2/40',
      time: '1970-01-01T00:00:00.000Z',
    });
    expect(letter?.message.length).toBe(2_000);
    expect([letter?.key?.toString(), letter?.value?.toString()]).toEqual(['k', '{"a":1}']);
    expect(decodeHeaders(letter?.headers ?? Buffer.alloc(0)).map(({ name }) => name)).toEqual(['own']);
  });

  it('filters by component and code', async () => {
    const { bury, list } = prepared();
    await bury(['1', '2']);
    await bury(['3'], 'parse', 'RECORD_NOT_JSON');
    expect(await list({ component: 'parse' })).toHaveLength(1);
    expect(await list({ code: 'ES_DOCUMENT_REJECTED' })).toHaveLength(2);
    expect(await list({ component: 'parse', code: 'ES_DOCUMENT_REJECTED' })).toEqual([]);
  });

  it('replays each once, to its component, with its origin, and leaves those that have no retry topic', async () => {
    const { kafka, bury, list, replay } = prepared();
    await bury(['1', '2']);
    await bury(['3'], 'web');
    const { handedBack, left } = await replay(['search', 'parse']);
    expect([[...handedBack], left]).toEqual([[['search', 2]], 1]);
    const back = kafka.committed(names.retry('logs', 'search'));
    expect(back.map(({ value }) => value?.toString())).toEqual(['1', '2']);
    expect(headerText(back[1]?.headers ?? Buffer.alloc(0), 'millrace.origin')).toBe('inc-1/in/2/41');
    expect((await list()).map(({ component }) => component)).toEqual(['web']);
    expect([...(await replay(['search'])).handedBack]).toEqual([]);
    expect(kafka.committed(names.retry('logs', 'search'))).toHaveLength(2);
  });

  it('filters by step, topic and time', async () => {
    const { bury, list } = prepared();
    await bury(['1'], 'search', 'C', { step: 'a', time: 1_000, topic: 'x' });
    await bury(['2'], 'search', 'C', { step: 'b', time: 2_000, topic: 'y' });
    await bury(['3'], 'search', 'C', { step: 'b', time: 3_000, topic: 'x' });
    const found = async (filter: DeadLetterFilter): Promise<unknown> => (await list(filter)).map(({ value }) => String(value));
    expect(await found({ step: 'b' })).toEqual(['2', '3']);
    expect(await found({ topic: 'x' })).toEqual(['1', '3']);
    expect(await found({ since: 2_000 })).toEqual(['2', '3']);
    expect(await found({ until: 3_000 })).toEqual(['1', '2']);
    expect(await found({ since: 2_000, until: 3_000, step: 'b', topic: 'y' })).toEqual(['2']);
  });

  it('keeps the newest, their values cut', async () => {
    const { clock, queue, bury } = prepared();
    await bury(Array.from({ length: 250 }, (_, i) => `value ${i}`));
    const letters = await clock.run(queue.newest(3, {}, 6));
    expect(letters.map(({ offset, value, valueLength }) => [offset, String(value), valueLength])).toEqual([
      [247, 'value ', 9],
      [248, 'value ', 9],
      [249, 'value ', 9],
    ]);
  });

  it('counts by component, step and code, with the first and the last time and an example', async () => {
    const { clock, queue, bury, replay } = prepared();
    await bury(['1', '2'], 'search', 'A', { time: 5_000 });
    await bury(['3'], 'search', 'A', { time: 1_000 });
    await bury(['4'], 'search', 'A', { step: 'other' });
    await bury(['5'], 'parse', 'B');
    const groups = await clock.run(queue.groups());
    expect([groups.count, groups.others]).toEqual([5, 0]);
    expect(groups.list().map(({ component, step, code, count }) => [component, step, code, count])).toEqual([
      ['search', 's', 'A', 3],
      ['search', 'other', 'A', 1],
      ['parse', 's', 'B', 1],
    ]);
    expect(groups.list()[0]).toMatchObject({ first: '1970-01-01T00:00:01.000Z', last: '1970-01-01T00:00:05.000Z' });
    expect(groups.list()[0]?.example).toMatch(/^m+$/);
    await replay(['search'], { code: 'A', step: 's' });
    expect((await clock.run(queue.groups())).count).toBe(2);
  });

  it('replays exactly what the filter and the limit say, the oldest first, and the rest later', async () => {
    const { kafka, bury, list, replay } = prepared();
    await bury(
      Array.from({ length: 6_000 }, (_, i) => `a${i}`),
      'search',
      'A',
    );
    await bury(
      Array.from({ length: 6_000 }, (_, i) => `b${i}`),
      'search',
      'B',
    );
    await bury(['c'], 'parse', 'A');
    const back = (): string[] => kafka.values(names.retry('logs', 'search'));
    expect((await replay(['search', 'parse'], { component: 'search', code: 'B' }, 5_500)).handedBack.get('search')).toBe(5_500);
    expect(back()).toEqual(Array.from({ length: 5_500 }, (_, i) => `b${i}`));
    expect((await list({ code: 'B' }, 20_000)).map(({ value }) => String(value))).toEqual(
      Array.from({ length: 500 }, (_, i) => `b${5_500 + i}`),
    );
    expect((await replay(['search', 'parse'], { code: 'B' })).handedBack.get('search')).toBe(500);
    expect([...(await replay(['search', 'parse'], { code: 'A' })).handedBack]).toEqual([
      ['search', 6_000],
      ['parse', 1],
    ]);
    expect(await list()).toEqual([]);
    expect(new Set(back()).size).toBe(12_000);
    expect(back()).toHaveLength(12_000);
  });

  it('does not chase what is buried while it replays', async () => {
    const { kafka, bury, list, replay } = prepared();
    await bury(Array.from({ length: 100 }, (_, i) => String(i)));
    let again = false;
    kafka.script = (point) => {
      if (point === 'commitTransaction' && !again) {
        again = true;
        void bury(['again']);
      }
      return undefined;
    };
    expect((await replay(['search'])).handedBack.get('search')).toBe(100);
    expect((await list()).map(({ value }) => String(value))).toEqual(['again']);
  });

  it('replays each once in the end, wherever a replay is cut short', async () => {
    for (const point of ['connect', 'init', 'begin', 'write', 'commitTransaction'] as const) {
      for (const fault of ['done', 'undone'] as const) {
        const { clock, kafka, queue, bury } = prepared();
        await bury(Array.from({ length: 5_500 }, (_, i) => String(i)));
        let calls = 0;
        kafka.script = (at) => {
          if (at !== point) return undefined;
          calls += 1;
          return calls === (point === 'connect' || point === 'init' ? 1 : 2) ? fault : undefined;
        };
        await expect(clock.run(queue.replay(new Set(['search'])))).rejects.toThrow('scripted');
        kafka.script = () => undefined;
        await clock.run(queue.replay(new Set(['search'])));
        const values = kafka.values(names.retry('logs', 'search'));
        expect(values.length, `${point} ${fault}`).toBe(5_500);
        expect(new Set(values).size).toBe(5_500);
        expect([...kafka.producers].filter(({ closed }) => !closed)).toHaveLength(1);
      }
    }
  });
});

describe('an origin', () => {
  it.each(['', 'a/b/c', 'a/b/1/x', 'a/b/1/2/3', 'a b/in/1/2', '../in/1/2 '])('is not read from %j', (text) => {
    expect(parseOrigin(text)).toBeUndefined();
  });

  it('is read from the header, where there is one', () => {
    const builder = new BatchBuilder(['t']);
    builder.begin(0, 0, 0);
    builder.headers(encodeHeaders([{ name: 'millrace.origin', value: 'i_1/a.b-c/3/9' }]));
    builder.begin(0, 0, 0);
    const batch = builder.batch();
    expect(originOf(batch, 0)).toEqual({ incarnation: 'i_1', topic: 'a.b-c', partition: 3, offset: 9 });
    expect(originOf(batch, 1)).toBeUndefined();
  });
});
