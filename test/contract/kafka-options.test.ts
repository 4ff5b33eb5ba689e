import { expect, test } from 'vitest';
import { consumerProperties, producerProperties, producerTopicProperties } from '../../src/kafka/properties.ts';
import { checkKafkaOptions } from '../../src/topology/kafka-options.ts';

const connection = { brokers: 'a:1', clientId: 'c', options: {} };

/** These go by what the user says, where librdkafka would make no consumer of it (src/kafka/properties.test.ts). */
const FITTED = ['message.max.bytes', 'fetch.max.bytes', 'receive.message.max.bytes'];

test('refuses whatever Millrace sets itself, unless it is a default that may be overridden', () => {
  const own = new Set<string>();
  const probes = { ...connection, options: { 'probe.option': 1 } };
  const sets = [
    consumerProperties(probes, { groupId: 'g' }),
    producerProperties(probes, { transactionalId: 't' }),
    producerTopicProperties({}),
  ];
  for (const properties of sets) {
    const keys = Object.keys(properties);
    // What stands before the user's options can be overridden by them.
    for (const key of keys.slice(keys.indexOf('probe.option') + 1)) own.add(key);
  }
  const allowed = [...own].filter((key) => checkKafkaOptions({ [key]: 'x' }).length === 0);
  expect(allowed).toEqual(FITTED);
  expect(own.size).toBeGreaterThan(20);
});
