import { describe, expect, it } from 'vitest';
import { pipelineOf, sinkNode, sourceNode, stepNode, streamNode } from '../../test/support/tasks.ts';
import { VirtualClock } from '../testing/virtual-clock.ts';
import { Backoff } from './backoff.ts';
import { closeAll } from './close-all.ts';
import { DocumentIds } from './document-id.ts';
import { EmbeddedGate } from './embedded-gate.ts';
import { Ending } from './ending.ts';
import { faultAt } from './fault-points.ts';
import { RateLimit } from './rate-limit.ts';

const running = new AbortController().signal;
const none = (): never => {
  throw new Error('not made here');
};

describe('Backoff', () => {
  it('doubles between half and whole up to its cap, and begins anew', () => {
    const clock = new VirtualClock();
    const low = new Backoff({ clock, random: () => 0 }, { initialMs: 100, maxMs: 1_000 });
    expect(Array.from({ length: 6 }, () => low.next())).toEqual([50, 100, 200, 400, 500, 500]);
    const high = new Backoff({ clock, random: () => 1 }, { initialMs: 100, maxMs: 1_000 });
    expect(Array.from({ length: 5 }, () => high.next())).toEqual([100, 200, 400, 800, 1_000]);
    expect(high.tries).toBe(5);
    high.reset();
    expect(high.next()).toBe(100);
    for (let i = 0; i < 2_000; i += 1) high.next();
    expect(high.next()).toBe(1_000);
  });

  it('ends its wait early when told to stop', async () => {
    const clock = new VirtualClock();
    const stop = new AbortController();
    const waiting = new Backoff({ clock, random: () => 1 }).wait(stop.signal);
    stop.abort(new Error('stop'));
    await waiting;
    expect(clock.sleeping).toBe(0);
  });
});

describe('RateLimit', () => {
  it('lets so many through a second, over any cut', async () => {
    const clock = new VirtualClock();
    const limit = new RateLimit(clock, 10);
    await clock.run(
      (async () => {
        for (const records of [10, 5, 1, 4, 20]) await limit.take(records, running);
        await limit.take(1, running);
      })(),
    );
    expect(clock.monotonic()).toBeCloseTo(4_000);
  });

  it('is none without a rate, ends early, and bounds a batch by a second', async () => {
    const clock = new VirtualClock();
    await new RateLimit(clock, undefined).take(1e9, running);
    const stop = new AbortController();
    const limit = new RateLimit(clock, 1);
    await limit.take(1_000, stop.signal);
    const waiting = limit.take(1, stop.signal);
    stop.abort(new Error('stop'));
    await waiting;
    expect(clock.monotonic()).toBe(0);
    expect([limit.atMost(500), new RateLimit(clock, 0.1).atMost(500), new RateLimit(clock, 90.5).atMost(500)]).toEqual([
      1, 1, 90,
    ]);
    expect(new RateLimit(clock, undefined).atMost(500)).toBe(500);
  });
});

describe('Ending', () => {
  it('tells that a topic has ended once every task that writes it has', async () => {
    const clock = new VirtualClock();
    const routing = stepNode(() => undefined, { topics: ['side'] });
    const pipeline = pipelineOf({ sources: [sourceNode(none)], streams: [streamNode({ steps: [routing] })] });
    const ending = new Ending([...pipeline.sources, ...pipeline.streams].map((node) => ({ pipeline, node })));
    const ended: string[] = [];
    for (const topics of [['in'], ['in', 'out'], ['side'], ['unwritten']])
      void ending.ended(topics).then(() => ended.push(topics.join()));
    await clock.settle();
    expect(ended).toEqual(['unwritten']);
    ending.finish('logs', 'web');
    await clock.settle();
    expect(ended).toEqual(['unwritten', 'in']);
    ending.finish('other', 'parse');
    ending.finish('logs', 'parse');
    await clock.settle();
    expect(ended.sort()).toEqual(['in', 'in,out', 'side', 'unwritten']);
    await ending.ended(['out']);
  });
});

describe('EmbeddedGate', () => {
  const load = (records: number, bytes: number) => () => new Map([['in', { records, bytes }]]);

  it('holds a writer back until the slowest reader has caught up, and lets one that is too large through alone', async () => {
    const clock = new VirtualClock();
    const gate = new EmbeddedGate([{ node: streamNode() }, { node: sinkNode(none) }]);
    await gate.enter(load(60_000, 9_000_000), running);
    let entered = false;
    const entering = gate.enter(load(10, 10), running).then(() => {
      entered = true;
    });
    gate.left('parse', 'in', 60_000);
    await clock.settle();
    expect(entered).toBe(false);
    gate.left('search', 'in', 60_000);
    await entering;
    await gate.enter(() => new Map([['unread', { records: 1e9, bytes: 1e12 }]]), running);
  });

  it('lets go at a stop, and leaves no listener', async () => {
    const gate = new EmbeddedGate([{ node: sinkNode(none) }]);
    await gate.enter(load(50_000, 100), running);
    const stop = new AbortController();
    const entering = gate.enter(load(1, 1), stop.signal);
    stop.abort(new Error('stop'));
    await entering;
  });
});

describe('DocumentIds', () => {
  it('gives the same place the same id, other places others, in a form that is fixed', () => {
    const ids = new DocumentIds();
    const at = { partition: 1, offset: 123_456 };
    expect(ids.id('inc', 'topic', at.partition, at.offset)).toBe(new DocumentIds().id('inc', 'topic', at.partition, at.offset));
    expect(ids.id('inc', 'topic', at.partition, at.offset)).toMatch(/^[\w-]{16}-2n9c$/);
    const places = [
      ids.id('inc', 'topic', at.partition, at.offset),
      ids.id('inc2', 'topic', at.partition, at.offset),
      ids.id('inc', 'topic2', at.partition, at.offset),
      ids.id('inc', 'topic', 2, at.offset),
      ids.id('inc', 'topic', at.partition, 1),
    ];
    expect(new Set(places).size).toBe(places.length);
  });
});

describe('closeAll', () => {
  it('closes all whatever fails, and throws the first failure', async () => {
    const closed: number[] = [];
    const close = (n: number, error?: Error) => async (): Promise<void> => {
      closed.push(n);
      if (error !== undefined) throw error;
    };
    await expect(closeAll(close(1), close(2, new Error('two')), close(3, new Error('three')), close(4))).rejects.toThrow('two');
    expect(closed).toEqual([1, 2, 3, 4]);
  });
});

it('refuses a fault point that it does not know', () => {
  expect(() => faultAt('after_comit:1')).toThrow('no fault point');
  faultAt('after_commit:2')('after_commit');
});
