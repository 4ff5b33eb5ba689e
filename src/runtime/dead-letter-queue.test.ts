import { describe, expect, it } from 'vitest';
import { FakeKafka } from '../../test/support/fake-kafka.ts';
import { BatchBuilder } from '../record/batch-builder.ts';
import { decodeHeaders, encodeHeaders, headerText } from '../record/headers.ts';
import { VirtualClock } from '../testing/virtual-clock.ts';
import { Names } from '../topology/names.ts';
import { addDeadLetter, originOf, parseOrigin } from './dead-letter.ts';
import { DeadLetterQueue } from './dead-letter-queue.ts';

const names = new Names('ns');
const DEAD = names.dead('logs');

function setUp() {
  const clock = new VirtualClock();
  const kafka = new FakeKafka(clock);
  const queue = new DeadLetterQueue({ kafka, admin: kafka.admin(), names, pipeline: 'logs' });
  const bury = async (values: readonly string[], component = 'search', code = 'ES_DOCUMENT_REJECTED'): Promise<void> => {
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
      const origin = { incarnation: 'inc-1', topic: 'in', partition: 2, offset: 40 + row };
      addDeadLetter(letters, 0, { batch, row, origin }, { component, step: 's', code, message: 'm'.repeat(9_000), time: 0 });
    });
    const producer = kafka.producer({});
    await producer.write(letters.batch());
  };
  return { clock, kafka, queue, bury };
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
    const { clock, queue } = setUp();
    expect(await clock.run(queue.list())).toEqual([]);
  });

  it('shows what was kept: bytes, reason and origin, and no header of ours among the own ones', async () => {
    const { clock, queue, bury } = prepared();
    await bury(['{"a":1}']);
    const [letter] = await clock.run(queue.list());
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
    const { clock, queue, bury } = prepared();
    await bury(['1', '2']);
    await bury(['3'], 'parse', 'RECORD_NOT_JSON');
    expect(await clock.run(queue.list({ component: 'parse' }))).toHaveLength(1);
    expect(await clock.run(queue.list({ code: 'ES_DOCUMENT_REJECTED' }))).toHaveLength(2);
    expect(await clock.run(queue.list({ component: 'parse', code: 'ES_DOCUMENT_REJECTED' }))).toEqual([]);
  });

  it('replays each once, to its component, with its origin, and leaves those that have no retry topic', async () => {
    const { clock, kafka, queue, bury } = prepared();
    await bury(['1', '2']);
    await bury(['3'], 'web');
    const counts = await clock.run(queue.replay(new Set(['search', 'parse'])));
    expect([...counts]).toEqual([['search', 2]]);
    const back = kafka.committed(names.retry('logs', 'search'));
    expect(back.map(({ value }) => value?.toString())).toEqual(['1', '2']);
    expect(headerText(back[1]?.headers ?? Buffer.alloc(0), 'millrace.origin')).toBe('inc-1/in/2/41');
    expect((await clock.run(queue.list())).map(({ component }) => component)).toEqual(['web']);
    expect([...(await clock.run(queue.replay(new Set(['search']))))]).toEqual([]);
    expect(kafka.committed(names.retry('logs', 'search'))).toHaveLength(2);
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
