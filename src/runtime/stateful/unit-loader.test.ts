import { expect, it } from 'vitest';
import { Stages, statefulNode } from '../../../test/support/stages.ts';
import { pipelineOf, streamNode, topicNode } from '../../../test/support/tasks.ts';
import type { JsonObject } from '../../record/json.ts';
import { window } from '../../steps/window.ts';

const pipeline = pipelineOf({
  topics: [topicNode('in', { partitions: 40 }), topicNode('out')],
  streams: [streamNode({ steps: [statefulNode(window, { tumbling: '10s', by: ['$key'], compute: { count: 'count()' } })] })],
});

const at = (seconds: number): JsonObject => ({ '@timestamp': Date.UTC(2023, 11, 31) + seconds * 1_000 });

it('reads the state of a few partitions at a time, however many there are', async () => {
  const stages = new Stages(pipeline);
  for (let partition = 0; partition < 40; partition += 1) stages.produce(at(1), { partition });
  const first = await stages.start();
  await stages.clock.advanceUntil(() => stages.kafka.group('ns.logs.parse').committed.size >= 40);
  await stages.clock.advance(1_000);
  await stages.end(first);
  let most = 0;
  stages.kafka.script = (point) => {
    if (point === 'read') most = Math.max(most, [...stages.kafka.consumers].filter((one) => !one.joined && !one.closed).length);
    return undefined;
  };
  const second = await stages.start();
  for (let partition = 0; partition < 40; partition += 1) stages.produce(at(10), { partition });
  await stages.clock.advanceUntil(() => stages.values('out').length === 40);
  expect(stages.values('out').map(({ count }) => count)).toEqual(Array.from({ length: 40 }, () => 1));
  expect(most).toBeGreaterThan(1);
  expect(most).toBeLessThanOrEqual(8);
  await stages.end(second);
});
