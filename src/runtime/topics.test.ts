import { expect, it } from 'vitest';
import { pipelineOf, streamNode } from '../../test/support/tasks.ts';
import type { KafkaAdmin } from '../kafka/types.ts';
import type { TopicNode } from '../topology/types.ts';
import { stampedTopics } from './topics.ts';

const topic = (name: string, more: Partial<TopicNode> = {}): TopicNode => {
  const [like] = pipelineOf().topics;
  if (like === undefined) throw new Error('the pipeline has a topic');
  return { ...like, name, external: false, config: {}, ...more };
};

it('knows the topics that the broker stamps, asking for external ones only that are written', async () => {
  const asked: string[] = [];
  const types: Readonly<Record<string, string | Error>> = {
    appended: 'LogAppendTime',
    created: 'CreateTime',
    secret: new Error('not authorized'),
  };
  const admin = {
    topicConfig(name: string) {
      asked.push(name);
      const type = types[name];
      if (type instanceof Error) return Promise.reject(type);
      return Promise.resolve(type === undefined ? undefined : { 'message.timestamp.type': type });
    },
  } as unknown as KafkaAdmin;
  const topics = [
    topic('own'),
    topic('own-created', { config: { 'message.timestamp.type': 'CreateTime' } }),
    ...['appended', 'created', 'secret', 'unknown', 'absent'].map((name) => topic(name, { external: true })),
  ];
  const streams = topics.map(({ name }) => streamNode({ name, to: name }));
  topics.push(topic('only-read', { external: true }));
  const stamped = await stampedTopics([{ ...pipelineOf(), topics, streams }], new Set(['absent']), admin);
  expect([...stamped]).toEqual(['own', 'appended']);
  expect(asked).toEqual(['appended', 'created', 'secret', 'unknown']);
});
