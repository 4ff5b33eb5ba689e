import { describe, expect, it } from 'vitest';
import { statefulNode } from '../../test/support/stages.ts';
import { pipelineOf, stepNode, streamNode } from '../../test/support/tasks.ts';
import { join } from '../steps/join.ts';
import { window } from '../steps/window.ts';
import { DEFAULT_TIME, timeRulesOf } from './stream-time.ts';
import type { StreamNode } from './types.ts';

const counting = statefulNode(window, { tumbling: '10s', compute: { n: 'count()' } });

const idleOf = (streams: readonly StreamNode[], name: string): number =>
  timeRulesOf(streams.find((one) => one.name === name) as StreamNode, pipelineOf({ streams })).idleTimeoutMs;

describe('how long the input of a stream may be silent', () => {
  const first = streamNode({ name: 'first', from: ['in'], to: 'a', steps: [counting] });
  const stateless = streamNode({ name: 'between', from: ['a'], to: 'b', steps: [stepNode(() => undefined)] });
  const second = streamNode({ name: 'second', from: ['b'], to: 'c', steps: [counting] });
  const late = stepNode(() => undefined, { topics: ['d'] });
  const third = streamNode({
    name: 'third',
    from: ['other'],
    steps: [statefulNode(join, { with: 'c', on: '$key', within: '1s', as: 'c' }), late],
  });
  const fourth = streamNode({ name: 'fourth', from: ['d'], steps: [counting] });
  const streams = [fourth, third, second, stateless, first];

  it('is longer by what a result takes on the way for each stream with state before it', () => {
    const seconds = ['first', 'between', 'second', 'third', 'fourth'].map((name) => idleOf(streams, name) / 1000);
    expect(seconds).toEqual([30, 40, 40, 50, 60]);
  });

  it('is what the file says, and others go by that', () => {
    const told = { ...DEFAULT_TIME, idleTimeoutMs: 60_000 };
    const changed = streams.map((one) => (one === first ? { ...first, time: told } : one));
    expect(idleOf(changed, 'first')).toBe(60_000);
    expect(idleOf(changed, 'second')).toBe(70_000);
    const short = streams.map((one) => (one === second ? { ...second, time: { ...told, idleTimeoutMs: 1_000 } } : one));
    expect(idleOf(short, 'second')).toBe(1_000);
    expect(idleOf(short, 'third')).toBe(30_000);
  });

  it('leaves the rest as the file has it', () => {
    const { idleTimeoutMs: _, ...time } = { ...DEFAULT_TIME, waitMs: 5_000, whenIdle: 'hold' as const };
    const stream = streamNode({ time });
    expect(timeRulesOf(stream, pipelineOf({ streams: [stream] }))).toEqual({ ...time, idleTimeoutMs: 30_000 });
  });
});
