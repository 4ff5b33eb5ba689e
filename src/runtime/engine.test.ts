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
  return { clock, kafka, log, engine, pipeline, stop, ended, stateOf };
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

const NOT_MADE = /^the topic ns\.logs\.count\.w\.repartition of logs is not made yet: .* in does not exist; create that/;

it('keeps what it knows of the topics in force where other definitions are refused', async () => {
  const { clock, log, engine, pipeline, stop, ended, stateOf } = setUp();
  await clock.advance(5_000);
  expect(stateOf('count.w')?.reason).toMatch(NOT_MADE);
  const other = statefulNode(window, { tumbling: '10s', by: ['site'], compute: { n: 'count()' } }, { id: 'w' });
  const refused = {
    ...pipeline,
    topics: pipeline.topics.filter(({ external }) => !external),
    streams: [streamNode({ name: 'count', from: ['own'], steps: [other] })],
  };
  await expect(clock.run(engine.swap([refused]))).rejects.toMatchObject({ code: 'STATE_INCOMPATIBLE' });
  await clock.advance(60_000);
  expect(log.lines.join()).not.toContain('TOPIC_NOT_FOUND');
  expect(stateOf('count.w')?.reason).toMatch(NOT_MADE);
  stop.abort(new Error('stop'));
  expect(await clock.run(ended)).toBe(true);
});

it('does not put back what it knew of the definitions before a swap, by a look for their topics that comes late', async () => {
  const { clock, kafka, log, engine, pipeline, stop, ended, stateOf } = setUp();
  await clock.advance(5_000);
  // The look that is under way when the swap begins stands still until the swap could long be over.
  let isHeld = false;
  let looks = 0;
  kafka.script = async (point, by) => {
    // Read a second time, for the states, when the topics have been looked at.
    if (point !== 'watermarks' || by !== 'ns.meta') return undefined;
    looks += 1;
    if (looks !== 2) return undefined;
    isHeld = true;
    await clock.sleep(20_000);
    return undefined;
  };
  await clock.advanceUntil(() => isHeld);
  const more = streamNode({ name: 'more', from: ['own'], to: 'extra' });
  const topics = [...pipeline.topics, topicNode('extra')];
  await clock.run(engine.swap([{ ...pipeline, topics, streams: [...pipeline.streams, more] }]));
  await clock.advance(30_000);
  let fails = true;
  kafka.script = (point, by) => {
    if (point !== 'read' || by !== 'ns.logs.more' || !fails) return undefined;
    fails = false;
    return 'fatal';
  };
  await clock.advanceUntil(() => !fails);
  await clock.advanceUntil(() => stateOf('more')?.state === 'running');
  expect(stateOf('more')?.restarts).toBe(1);
  expect(log.lines.join()).not.toContain('TOPIC_NOT_FOUND');
  stop.abort(new Error('stop'));
  expect(await clock.run(ended)).toBe(true);
});
