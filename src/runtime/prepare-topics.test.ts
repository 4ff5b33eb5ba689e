import { describe, expect, it } from 'vitest';
import { FakeKafka } from '../../test/support/fake-kafka.ts';
import { operatorNode } from '../../test/support/stages.ts';
import { pipelineOf, settingsOf, streamNode, topicNode } from '../../test/support/tasks.ts';
import type { KafkaAdmin } from '../kafka/types.ts';
import { VirtualClock } from '../testing/virtual-clock.ts';
import { Names } from '../topology/names.ts';
import { prepareTopics } from './prepare-topics.ts';

const pipeline = pipelineOf({
  topics: [topicNode('in', { partitions: 3 }), topicNode('out')],
  streams: [streamNode({ from: ['in'], to: 'out', steps: [operatorNode(() => ({}))] })],
  sources: [],
  sinks: [],
});

const LOOKS = 12;

/** A cluster of two brokers, one of which has not heard yet of what was made just now. Looks take turns between them. */
function behind(admin: KafkaAdmin, made: ReadonlySet<string>, first: number): KafkaAdmin {
  const unknown = new Set(made);
  let looks = first;
  return {
    ...admin,
    async describeCluster(timeoutMs) {
      const cluster = await admin.describeCluster(timeoutMs);
      looks += 1;
      if (looks !== LOOKS) return cluster;
      return { ...cluster, topics: cluster.topics.filter(({ name }) => !unknown.has(name)) };
    },
    createTopics(topics, timeoutMs) {
      for (const { name } of topics) unknown.delete(name);
      return admin.createTopics(topics, timeoutMs);
    },
  };
}

describe('prepareTopics', () => {
  it.each(Array.from({ length: LOOKS }, (_, look) => look))(
    'knows all partitions where another process has just made the topics, whichever look (%i) meets a broker that has not heard of them',
    async (look) => {
      const clock = new VirtualClock();
      const kafka = new FakeKafka(clock);
      const at = { pipelines: [pipeline], settings: settingsOf(), names: new Names('ns'), kafka };
      const first = await clock.run(prepareTopics({ ...at, admin: kafka.admin() }));
      const made = new Set([...first.partitions.keys()].filter((name) => !name.startsWith('__')));
      expect(made.size).toBeGreaterThan(4);
      const admin = behind(kafka.admin(), made, look);
      const { partitions } = await clock.run(prepareTopics({ ...at, admin }));
      expect(partitions).toEqual(first.partitions);
    },
  );

  it('keeps the incarnation of topics of the embedded broker for as long as the broker: a swap makes no source begin anew', async () => {
    const clock = new VirtualClock();
    const settings = settingsOf();
    const embedded = { ...settings, kafka: { ...settings.kafka, mode: 'embedded' as const } };
    const incarnation = async (kafka: FakeKafka): Promise<string> => {
      const at = { pipelines: [pipeline], settings: embedded, names: new Names('ns'), kafka, admin: kafka.admin() };
      return (await clock.run(prepareTopics(at))).incarnationOf('in');
    };
    const [kafka, other] = [new FakeKafka(clock), new FakeKafka(clock)];
    const first = await incarnation(kafka);
    expect(await incarnation(kafka)).toBe(first);
    expect(await incarnation(other)).not.toBe(first);
  });
});
