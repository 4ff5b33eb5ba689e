import { describe, expect, it } from 'vitest';
import { FakeKafka } from '../../test/support/fake-kafka.ts';
import { environmentOf, FakeSink, pipelineOf, RecordingLog, sinkNode, stepNode } from '../../test/support/tasks.ts';
import { encodeHeaders } from '../record/headers.ts';
import { ComponentStats } from '../telemetry/stats.ts';
import { VirtualClock } from '../testing/virtual-clock.ts';
import type { SinkNode } from '../topology/types.ts';
import { DocumentIds } from './document-id.ts';
import { SinkTask } from './sink-task.ts';

function setUp(more: Partial<SinkNode> = {}, options: { once?: boolean } = {}) {
  const clock = new VirtualClock();
  const kafka = new FakeKafka(clock);
  const sink = new FakeSink();
  const log = new RecordingLog();
  const node = sinkNode(() => sink, more);
  const env = environmentOf(kafka, clock, {
    pipeline: pipelineOf({ sinks: [node] }),
    log,
    ...(options.once === true ? { inputEnded: () => Promise.resolve() } : {}),
  });
  const stats = new ComponentStats({ pipeline: 'logs', component: node.name, kind: 'sink' });
  const task = new SinkTask(node, env, stats);
  const stop = new AbortController();
  const start = async (): Promise<{ running: Promise<void> }> => {
    await task.prepare();
    const running = task.run(stop.signal);
    running.catch(() => undefined);
    return { running };
  };
  return { clock, kafka, sink, log, stats, task, stop, start, group: kafka.group('ns.logs.search') };
}

const numbered = (from: number, count: number): string[] => Array.from({ length: count }, (_, i) => `{"n":${from + i}}`);

describe('SinkTask', () => {
  it('delivers what it reads under ids of its place, and commits it without a transaction', async () => {
    const { clock, kafka, sink, stats, task, stop, start, group } = setUp();
    kafka.produce({ topic: 'in', partition: 0 }, numbered(0, 250));
    const { running } = await start();
    await clock.advanceUntil(() => group.committed.get('in/0') === 250);
    expect([...sink.documents.values()]).toEqual(numbered(0, 250));
    expect([...sink.documents.keys()][249]).toBe(new DocumentIds().id('inc_in', 'in', 0, 249));
    expect(stats).toMatchObject({ recordsIn: 250, recordsOut: 250, state: 'running' });
    expect(kafka.log({ topic: 'ns.logs.dead', partition: 0 }).high).toBe(0);
    stop.abort(new Error('stop'));
    await clock.run(running);
    await clock.run(task.close());
    expect(sink.closed).toBe(1);
    expect(clock.sleeping).toBe(0);
  });

  it('keeps at most its concurrency in flight, and commits no further than the lowest record not yet delivered', async () => {
    const { clock, kafka, sink, start, group } = setUp({ concurrency: 3, batch: { records: 10, bytes: 1_000_000 } });
    let release = (): void => {};
    sink.before = () => (sink.writes === 1 ? new Promise((resolve) => (release = resolve)) : Promise.resolve());
    kafka.produce({ topic: 'in', partition: 0 }, numbered(0, 100));
    await start();
    await clock.advanceUntil(() => sink.documents.size === 90);
    await clock.advance(5_000);
    expect(group.committed.has('in/0')).toBe(false);
    expect(sink.mostInFlight).toBeLessThanOrEqual(3);
    release();
    await clock.advanceUntil(() => group.committed.get('in/0') === 100);
  });

  it('takes no more than so much while one batch holds the commit back, serves its group, and goes on afterwards', async () => {
    const { clock, kafka, sink, start, group } = setUp({ concurrency: 2, batch: { records: 1, bytes: 1_000_000 } });
    let stuck = true;
    sink.verdict = (value) => (value === '{"n":0}' && stuck ? 'retry' : 'deliver');
    kafka.produce({ topic: 'in', partition: 0 }, numbered(0, 500));
    await start();
    await clock.advance(60_000);
    expect(sink.documents.size).toBe(16);
    const [consumer] = kafka.consumers;
    const before = consumer?.reads ?? 0;
    await clock.advance(10_000);
    expect((consumer?.reads ?? 0) - before).toBeGreaterThanOrEqual(9);
    stuck = false;
    await clock.advanceUntil(() => group.committed.get('in/0') === 500);
  });

  it('waits a day for a destination that stays away, and then delivers', async () => {
    const { clock, kafka, sink, start, group, stats } = setUp({ retry: { initialMs: 60_000, maxMs: 600_000 } });
    let away = true;
    sink.whole = () => (away ? 'throw' : undefined);
    kafka.produce({ topic: 'in', partition: 0 }, numbered(0, 5));
    await start();
    await clock.advance(24 * 3_600_000);
    expect(stats).toMatchObject({ state: 'retrying', reason: 'the destination is away' });
    away = false;
    await clock.advanceUntil(() => group.committed.get('in/0') === 5, 1_000_000);
    expect(stats).toMatchObject({ state: 'running', reason: '' });
  }, 60_000);

  it('commits a rejected record with its dead letter in one transaction, and goes back when that fails', async () => {
    for (const fault of ['abortable', 'fatal', 'done', 'undone'] as const) {
      const { clock, kafka, sink, start, group } = setUp();
      sink.verdict = (value) => (value === '{"n":1}' ? 'reject' : 'deliver');
      let failures = 2;
      kafka.script = (point) => {
        if (point !== 'commitTransaction' || failures === 0) return undefined;
        failures -= 1;
        return fault;
      };
      kafka.produce({ topic: 'in', partition: 0 }, numbered(0, 3));
      await start();
      await clock.advanceUntil(() => group.committed.get('in/0') === 3);
      await clock.advance(2_000);
      expect(kafka.values('ns.logs.dead'), fault).toEqual(['{"n":1}']);
      expect([...sink.documents.values()].sort()).toEqual(['{"n":0}', '{"n":2}']);
    }
  });

  it('makes a commit again that the group refuses for a moment, without delivering again', async () => {
    const { clock, kafka, sink, start, group } = setUp();
    let refusals = 5;
    kafka.script = (point) => {
      if (point !== 'commit' || refusals === 0) return undefined;
      refusals -= 1;
      return 'retriable';
    };
    kafka.produce({ topic: 'in', partition: 0 }, numbered(0, 3));
    await start();
    await clock.advanceUntil(() => group.committed.get('in/0') === 3);
    expect(sink.writes).toBe(1);
    expect(kafka.producers.size).toBe(1);
  });

  it('halves a request that is refused whole until the record at fault stands alone', async () => {
    const { clock, kafka, sink, start, group } = setUp();
    sink.whole = (values) => (values.includes('{"n":13}') ? 'refuse' : undefined);
    kafka.produce({ topic: 'in', partition: 0 }, numbered(0, 50));
    await start();
    await clock.advanceUntil(() => group.committed.get('in/0') === 50);
    expect(sink.documents.size).toBe(49);
    expect(kafka.values('ns.logs.dead')).toEqual(['{"n":13}']);
  });

  it('says so when a destination says nothing of a record, and sends it again', async () => {
    const { clock, kafka, sink, log, start, group } = setUp();
    let silent = 2;
    sink.verdict = () => {
      silent -= 1;
      return silent >= 0 ? 'silent' : 'deliver';
    };
    kafka.produce({ topic: 'in', partition: 0 }, numbered(0, 2));
    await start();
    await clock.advanceUntil(() => group.committed.get('in/0') === 2);
    expect(log.lines.join()).toContain('said nothing of 2 records');
  });

  it('drains what is in flight before it gives partitions up, for 20 s at most, and then leaves it to their next owner', async () => {
    const { clock, kafka, sink, start, group } = setUp();
    sink.before = (signal) => clock.sleep(3_600_000, signal);
    kafka.produce({ topic: 'in', partition: 0 }, numbered(0, 2));
    await start();
    await clock.advance(1_000);
    const events: string[] = [];
    group.join({
      id: 999,
      topics: ['in'],
      deliver: (event) => events.push(...event.partitions.map((one) => `${event.kind} ${one.topic}`)),
    });
    group.rotate();
    await clock.advance(19_000);
    expect(events).not.toContain('assign in');
    await clock.advance(3_000);
    expect(events).toContain('assign in');
    expect(sink.inFlight).toBe(0);
    expect(group.committed.has('in/0')).toBe(false);
  });

  it('gives its destination 20 s when it is told to stop, says what it leaves undone, and asks Kafka for nothing more', async () => {
    const { clock, kafka, sink, log, stop, start, group } = setUp();
    sink.before = (signal) => clock.sleep(3_600_000, signal);
    kafka.produce({ topic: 'in', partition: 0 }, numbered(0, 2));
    const { running } = await start();
    await clock.advance(1_000);
    stop.abort(new Error('stop'));
    await clock.advance(19_000);
    expect(log.lines).toEqual([]);
    kafka.script = (point) => (point === 'committed' ? 'undone' : undefined);
    await clock.run(running);
    expect(log.lines.join()).toMatch(
      /^warn what the destination of sink search has not taken within 20 s is delivered at the next start/,
    );
    expect(group.committed.size).toBe(0);
  });

  it('drops at once what it has of partitions that it has lost', async () => {
    const { clock, kafka, sink, start, group } = setUp();
    sink.before = (signal) => clock.sleep(10_000, signal);
    kafka.produce({ topic: 'in', partition: 0 }, numbered(0, 2));
    await start();
    await clock.advance(1_000);
    for (const consumer of kafka.consumers) consumer.expel();
    await clock.advance(500);
    expect(sink.documents.size).toBe(0);
    sink.before = () => Promise.resolve();
    await clock.advanceUntil(() => group.committed.get('in/0') === 2);
    expect([...sink.arrivals.values()]).toEqual([1, 1]);
  });

  it('writes the records of one order key one after the other, though the first must be sent again', async () => {
    const { clock, kafka, sink, start, group } = setUp({ concurrency: 4, batch: { records: 4, bytes: 1_000_000 } });
    const keyOf = (value: string): string => `k${(JSON.parse(value) as { n: number }).n % 3}`;
    sink.keyOf = keyOf;
    const underWay = new Set<string>();
    const order: string[] = [];
    sink.onWrite = async (values, signal) => {
      const keys = values.map(keyOf);
      expect(new Set(keys).size).toBe(keys.length);
      for (const key of keys) expect(underWay.has(key)).toBe(false);
      for (const key of keys) underWay.add(key);
      await clock.sleep(10 + 7 * (values.length % 3), signal);
      for (const key of keys) underWay.delete(key);
    };
    let refusals = 3;
    sink.verdict = (value) => {
      if (value === '{"n":0}' && refusals > 0) {
        refusals -= 1;
        return 'retry';
      }
      order.push(value);
      return value === '{"n":4}' ? 'reject' : 'deliver';
    };
    kafka.produce({ topic: 'in', partition: 0 }, numbered(0, 40));
    await start();
    await clock.advanceUntil(() => group.committed.get('in/0') === 40);
    for (const key of ['k0', 'k1', 'k2'])
      expect(order.filter((value) => keyOf(value) === key)).toEqual(numbered(0, 40).filter((value) => keyOf(value) === key));
    expect(kafka.values('ns.logs.dead')).toEqual(['{"n":4}']);
  });

  it('has fewer writes in flight while the destination is overloaded, and its concurrency again afterwards', async () => {
    const { clock, kafka, sink, start, group, stats } = setUp({ concurrency: 4, batch: { records: 5, bytes: 1_000_000 } });
    let overloaded = true;
    sink.before = (signal) => clock.sleep(50, signal);
    sink.overloaded = () => overloaded;
    sink.verdict = () => (overloaded ? 'retry' : 'deliver');
    kafka.produce({ topic: 'in', partition: 0 }, numbered(0, 1_000));
    await start();
    await clock.advance(20_000);
    expect(stats.concurrency).toBe(1);
    sink.mostInFlight = 0;
    await clock.advance(5_000);
    expect(sink.mostInFlight).toBe(1);
    overloaded = false;
    await clock.advanceUntil(() => group.committed.get('in/0') === 1_000);
    expect(sink.mostInFlight).toBe(4);
    expect(stats.concurrency).toBe(4);
  });

  it('delivers a replayed dead letter under the id of its origin', async () => {
    const { clock, kafka, sink, start } = setUp();
    const headers = encodeHeaders([{ name: 'millrace.origin', value: 'old/in/0/7' }]);
    kafka.produce({ topic: 'ns.logs.search.retry', partition: 0 }, ['{"n":7}'], { headers });
    kafka.produce({ topic: 'ns.logs.search.retry', partition: 0 }, ['{"n":8}']);
    await start();
    await clock.advanceUntil(() => sink.documents.size === 2);
    expect(sink.documents.get(new DocumentIds().id('old', 'in', 0, 7))).toBe('{"n":7}');
  });

  it('keeps the record as it came in a dead letter, though steps have changed it', async () => {
    const changing = stepNode(
      (record) => {
        record.value['more'] = 1;
        return record.value['n'] === 2 ? { kind: 'rejected', code: 'STEP_THREW', message: 'odd' } : undefined;
      },
      { changesValue: true },
    );
    const { clock, kafka, sink, start, stats } = setUp({ steps: [changing] });
    sink.verdict = () => 'reject';
    kafka.produce({ topic: 'in', partition: 0 }, numbered(1, 2));
    await start();
    await clock.advanceUntil(() => stats.deadLetters === 2);
    expect(kafka.values('ns.logs.dead').sort()).toEqual(numbered(1, 2));
  });

  it('holds a rate far below its batch without missing its polls', async () => {
    const { clock, kafka, sink, start } = setUp({ rateLimit: 2 });
    kafka.produce({ topic: 'in', partition: 0 }, numbered(0, 100));
    await start();
    await clock.advance(10_000);
    expect(sink.documents.size).toBeGreaterThanOrEqual(18);
    expect(sink.documents.size).toBeLessThanOrEqual(24);
  });

  it('opens its destination for as long as that takes, joins no group meanwhile, and stops when told to', async () => {
    const { clock, sink, start, stop, group, task } = setUp();
    sink.onOpen = () => Promise.reject(new Error('refused'));
    const { running } = await start();
    await clock.advance(60_000);
    expect(sink.opens).toBeGreaterThan(10);
    expect(group.members).toEqual([]);
    stop.abort(new Error('stop'));
    await clock.run(running);
    await clock.run(task.close());
  });

  it('ends by itself in a bounded run, with everything committed', async () => {
    const { clock, kafka, sink, start, group } = setUp(
      { concurrency: 2, batch: { records: 7, bytes: 1_000_000 } },
      { once: true },
    );
    kafka.produce({ topic: 'in', partition: 0 }, numbered(0, 50));
    const { running } = await start();
    await clock.run(running);
    expect(sink.documents.size).toBe(50);
    expect(group.committed.get('in/0')).toBe(50);
  });

  it('closes before it was opened, and cancels what is in flight when it fails', async () => {
    const { clock, kafka, sink, start, task } = setUp();
    sink.before = (signal) => clock.sleep(3_600_000, signal);
    kafka.produce({ topic: 'in', partition: 0 }, numbered(0, 2));
    const { running } = await start();
    await clock.advance(1_000);
    kafka.script = (point) => (point === 'read' ? 'fatal' : undefined);
    await expect(clock.run(running)).rejects.toThrow('scripted: fatal');
    kafka.script = () => undefined;
    await clock.run(task.close());
    expect(sink.inFlight).toBe(0);
    const early = setUp();
    await early.clock.run(early.task.close());
    expect(early.sink.closed).toBe(1);
  });
});
