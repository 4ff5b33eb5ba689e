import { describe, expect, it } from 'vitest';
import { consumerProperties } from './properties.ts';

const limitsFor = (options: Record<string, string | number>) => {
  const properties = consumerProperties({ brokers: 'a:1', clientId: 'c', options }, {});
  const limit = (name: string): number => Number(properties[name]);
  return {
    message: limit('message.max.bytes'),
    fetch: limit('fetch.max.bytes'),
    receive: limit('receive.message.max.bytes'),
  };
};

describe("a consumer's limits", () => {
  it.each([
    {},
    { 'message.max.bytes': 5_000_000 },
    { 'message.max.bytes': '200000000' },
    { 'fetch.max.bytes': 50_000 },
    { 'receive.message.max.bytes': 2_000 },
    { 'message.max.bytes': 9_000_000, 'fetch.max.bytes': 2_000_000, 'receive.message.max.bytes': 3_000_000 },
  ])(
    'contain each other as librdkafka wants them, and let in what producers may send: %j',
    (options: Record<string, string | number>) => {
      const { message, fetch, receive } = limitsFor(options);
      expect(fetch).toBeGreaterThanOrEqual(message);
      expect(receive).toBeGreaterThanOrEqual(fetch + 512);
      expect(receive).toBeGreaterThanOrEqual(Number(options['message.max.bytes'] ?? 1_000_000) + 512);
    },
  );

  it('keep a fetch as small as it was said to be', () => {
    expect(limitsFor({ 'message.max.bytes': 5_000_000 }).fetch).toBe(1024 * 1024);
    expect(limitsFor({ 'fetch.max.bytes': 50_000 }).fetch).toBe(50_000);
  });
});
