import { expect, it } from 'vitest';
import { FakeKafka } from '../../test/support/fake-kafka.ts';
import { statefulNode } from '../../test/support/stages.ts';
import { pipelineOf, RecordingLog, settingsOf, streamNode, topicNode } from '../../test/support/tasks.ts';
import { window } from '../steps/window.ts';
import { VirtualClock } from '../testing/virtual-clock.ts';
import type { StreamNode } from '../topology/types.ts';
import { Engine } from './engine.ts';
import { noFaults } from './fault-points.ts';
import type { Instance } from './instance.ts';

const counting = statefulNode(window, { tumbling: '10s', by: ['user'], compute: { n: 'count()' } }, { id: 'w' });
const instance = { id: 'i', slot: 0, abandonedIds: () => [], recordIds: () => undefined } as unknown as Instance;

/** An engine for a pipeline whose input is somebody else's, in a Kafka that has no topics yet. */
function setUp({ streams = [] as StreamNode[] } = {}) {
  const clock = new VirtualClock();
  const kafka = new FakeKafka(clock);
  const log = new RecordingLog();
  const pipeline = pipelineOf({
    topics: [topicNode('in', { external: true }), topicNode('own'), topicNode('out')],
    streams: [streamNode({ name: 'count', steps: [counting] }), ...streams],
  });
  const settings = settingsOf();
  const at = { pipelines: [pipeline], settings, kafka, instance, clock, log, once: false, random: () => 0.5, pass: noFaults };
  const engine = new Engine(at);
  const stop = new AbortController();
  const ended = engine.run(stop.signal);
  const stateOf = (component: string) => engine.stats.find((stats) => stats.component === component);
  return { clock, kafka, log, engine, stop, ended, stateOf };
}

it('says of a topic of its own what it waits for, and makes it when that has come', async () => {
  const { clock, kafka, stop, ended, stateOf } = setUp();
  await clock.advance(5_000);
  expect(stateOf('count')?.reason).toBe(
    'the external topic in does not exist; create it, or declare it without `external: true`',
  );
  expect(stateOf('count.w')?.reason).toMatch(
    /^the topic ns\.logs\.count\.w\.repartition of logs is not made yet: .* in does not exist; create that/,
  );
  kafka.createTopic('in', 3);
  await clock.advanceUntil(() => stateOf('count.w')?.state === 'running' && stateOf('count')?.state === 'running');
  expect(kafka.logs.get('ns.logs.count.w.repartition')).toHaveLength(3);
  stop.abort(new Error('stop'));
  expect(await clock.run(ended)).toBe(true);
});

it('starts the tasks that have their topics, whatever the others wait for', async () => {
  const { clock, stop, ended, stateOf } = setUp({ streams: [streamNode({ name: 'other', from: ['own'] })] });
  await clock.advanceUntil(() => stateOf('other')?.state === 'running');
  stop.abort(new Error('stop'));
  expect(await clock.run(ended)).toBe(true);
});
