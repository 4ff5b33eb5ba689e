import { describe, expect, test } from 'vitest';
import { checkKafkaOptions, securityProperties } from './security.ts';
import { commonProperties, consumerProperties, producerProperties, producerTopicProperties } from './properties.ts';

const connection = { brokers: 'a:1', clientId: 'c', options: {} };

describe('securityProperties', () => {
  test('maps everything that is given and nothing else', () => {
    expect(securityProperties({ protocol: 'plaintext' })).toEqual({ 'security.protocol': 'plaintext' });
    expect(
      securityProperties({
        protocol: 'sasl_ssl', ca: '/etc/ca.pem', certificate: '/etc/c.pem', key: '-----BEGIN PRIVATE KEY-----\nx', keyPassword: 'p',
        mechanism: 'SCRAM-SHA-512', username: 'u', password: 's',
      }),
    ).toEqual({
      'security.protocol': 'sasl_ssl', 'ssl.ca.location': '/etc/ca.pem', 'ssl.certificate.location': '/etc/c.pem',
      'ssl.key.pem': '-----BEGIN PRIVATE KEY-----\nx', 'ssl.key.password': 'p', 'sasl.mechanisms': 'SCRAM-SHA-512',
      'sasl.username': 'u', 'sasl.password': 's',
    });
  });
});

describe('checkKafkaOptions', () => {
  test('lets harmless options through', () => {
    expect(checkKafkaOptions({ 'socket.timeout.ms': 1000, 'fetch.wait.max.ms': 100, 'client.rack': 'a', debug: 'cgrp' })).toEqual([]);
  });

  test.each([
    ['plugin.library.paths', 'library'], ['ssl.engine.location', 'library'], ['ssl.providers', 'library'],
    ['sasl.kerberos.kinit.cmd', 'shell command'], ['sasl.kerberos.keytab', 'shell command'],
    ['sasl.oauthbearer.token.endpoint.url', 'URL'], ['https.proxy.url', 'URL'],
    ['rebalance_cb', 'callbacks'], ['enable.ssl.certificate.verification', 'verified'],
    ['security.protocol', 'kafka.security'], ['sasl.password', 'kafka.security'], ['ssl.ca.location', 'kafka.security'],
    ['ssl.key.pem', 'kafka.security'], ['bootstrap.servers', 'kafka.brokers'],
    ['no.such.option', 'not on the list'],
  ])('refuses %s and says why', (key, reason) => {
    expect(checkKafkaOptions({ [key]: 'x' })).toEqual([{ key, reason: expect.stringContaining(reason) as string }]);
  });

  test('refuses whatever Millrace sets itself, unless it is a default that may be overridden', () => {
    const own = new Set<string>();
    const probes = { ...connection, options: { 'probe.option': 1 } };
    const sets = [
      consumerProperties(probes, { groupId: 'g' }), producerProperties(probes, { transactionalId: 't' }), producerTopicProperties({}),
    ];
    for (const properties of sets) {
      const keys = Object.keys(properties);
      // What stands before the user's options can be overridden by them.
      for (const key of keys.slice(keys.indexOf('probe.option') + 1)) own.add(key);
    }
    const allowed = [...own].filter((key) => checkKafkaOptions({ [key]: 'x' }).length === 0);
    expect(allowed).toEqual([]);
    expect(own.size).toBeGreaterThan(20);
  });
});

test('what Millrace sets wins over an option of the same name', () => {
  expect(commonProperties({ ...connection, options: { 'client.id': 'other', 'metadata.broker.list': 'evil:1' } })).toMatchObject({
    'client.id': 'c', 'metadata.broker.list': 'a:1',
  });
  expect(consumerProperties({ ...connection, options: { 'enable.auto.commit': true } }, {})).toMatchObject({ 'enable.auto.commit': false });
});

test('a transactional producer gives up a record before the broker gives up its transaction', () => {
  const options = { transactionalId: 't', transactionTimeoutMs: 5000 };
  expect(producerProperties(connection, options)).toMatchObject({ 'transaction.timeout.ms': 5000 });
  expect(producerTopicProperties(options)).toMatchObject({ 'message.timeout.ms': 4000 });
});
