import { describe, expect, test } from 'vitest';
import { checkKafkaOptions } from './kafka-options.ts';

describe('checkKafkaOptions', () => {
  test('lets harmless options through', () => {
    expect(checkKafkaOptions({ 'socket.timeout.ms': 1000, 'fetch.wait.max.ms': 100, 'client.rack': 'a', debug: 'cgrp' })).toEqual(
      [],
    );
  });

  test.each([
    ['plugin.library.paths', 'library'],
    ['ssl.engine.location', 'library'],
    ['ssl.providers', 'library'],
    ['sasl.kerberos.kinit.cmd', 'shell command'],
    ['sasl.kerberos.keytab', 'shell command'],
    ['sasl.oauthbearer.token.endpoint.url', 'URL'],
    ['https.proxy.url', 'URL'],
    ['rebalance_cb', 'callbacks'],
    ['enable.ssl.certificate.verification', 'verified'],
    ['security.protocol', 'kafka.security'],
    ['sasl.password', 'kafka.security'],
    ['ssl.ca.location', 'kafka.security'],
    ['ssl.key.pem', 'kafka.security'],
    ['bootstrap.servers', 'kafka.brokers'],
    ['no.such.option', 'not on the list'],
  ])('refuses %s and says why', (key, reason) => {
    expect(checkKafkaOptions({ [key]: 'x' })).toEqual([{ key, reason: expect.stringContaining(reason) as string }]);
  });
});
