import { describe, expect, test } from 'vitest';
import { commonProperties, consumerProperties, producerProperties, producerTopicProperties } from './properties.ts';
import { securityProperties } from './security.ts';

const connection = { brokers: 'a:1', clientId: 'c', options: {} };

describe('securityProperties', () => {
  test('maps everything that is given and nothing else', () => {
    expect(securityProperties({ protocol: 'plaintext' })).toEqual({ 'security.protocol': 'plaintext' });
    expect(
      securityProperties({
        protocol: 'sasl_ssl',
        ca: '/etc/ca.pem',
        certificate: '/etc/c.pem',
        key: '-----BEGIN PRIVATE KEY-----\nx',
        keyPassword: 'p',
        mechanism: 'SCRAM-SHA-512',
        username: 'u',
        password: 's',
      }),
    ).toEqual({
      'security.protocol': 'sasl_ssl',
      'ssl.ca.location': '/etc/ca.pem',
      'ssl.certificate.location': '/etc/c.pem',
      'ssl.key.pem': '-----BEGIN PRIVATE KEY-----\nx',
      'ssl.key.password': 'p',
      'sasl.mechanisms': 'SCRAM-SHA-512',
      'sasl.username': 'u',
      'sasl.password': 's',
    });
  });
});

test('what Millrace sets wins over an option of the same name', () => {
  expect(commonProperties({ ...connection, options: { 'client.id': 'other', 'metadata.broker.list': 'evil:1' } })).toMatchObject({
    'client.id': 'c',
    'metadata.broker.list': 'a:1',
  });
  expect(consumerProperties({ ...connection, options: { 'enable.auto.commit': true } }, {})).toMatchObject({
    'enable.auto.commit': false,
  });
});

test('a transactional producer gives up a record before the broker gives up its transaction', () => {
  const options = { transactionalId: 't', transactionTimeoutMs: 5000 };
  expect(producerProperties(connection, options)).toMatchObject({ 'transaction.timeout.ms': 5000 });
  expect(producerTopicProperties(options)).toMatchObject({ 'message.timeout.ms': 4000 });
});
