import { createServer } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { DEFAULT_PORTS, findFreePorts, isListening, parsePorts } from './ports.ts';

describe('ports of a cluster', () => {
  it('takes a block from its first port', () => {
    expect(parsePorts(' 29000 ')).toEqual({
      zookeeper: 29_000,
      kafka: [29_001, 29_002, 29_003],
      elasticsearch: 29_004,
      elasticsearchTransport: 29_005,
    });
  });

  it('takes pairs over the defaults', () => {
    const expected = { ...DEFAULT_PORTS, kafka: [19_092, 19_093, 19_094], elasticsearch: 19_200, elasticsearchTransport: 19_300 };
    expect(parsePorts('kafka=19092, elasticsearch=19200')).toEqual(expected);
  });

  it.each([
    ['kafka', '"kafka" is not a pair'],
    ['kafka=x', '"x" is no port from 1 to 65533'],
    ['65531', '"65531" is no port from 1 to 65530'],
    ['splunk=8088', '"splunk" is none of zookeeper, kafka, elasticsearch'],
  ])('refuses %s', (text, reason) => {
    expect(() => parsePorts(text)).toThrow(`reading the cluster's ports ${text}: ${reason}`);
  });
});

describe('free ports', () => {
  const server = createServer();
  afterEach(() => void server.close());

  it('are those where nobody listens', async () => {
    const { zookeeper } = await findFreePorts();
    expect(await isListening(zookeeper)).toBe(false);
    await new Promise<void>((resolve) => server.listen(zookeeper, '127.0.0.1', resolve));
    expect(await isListening(zookeeper)).toBe(true);
  });
});
