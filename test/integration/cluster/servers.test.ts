import { afterEach, expect, it } from 'vitest';
import { describeOnCluster, testCluster } from '../../support/cluster.ts';
import { call } from '../../support/elasticsearch.ts';
import { eventually } from '../../support/wait.ts';

describeOnCluster('servers of the local cluster', () => {
  afterEach(async () => {
    await testCluster().up();
    await testCluster().waitInSync();
  });

  it('has five healthy servers', async () => {
    const statuses = await testCluster().status();
    expect(statuses.map(({ name, complaint }) => [name, complaint])).toEqual([
      ['zookeeper', undefined],
      ['kafka-1', undefined],
      ['kafka-2', undefined],
      ['kafka-3', undefined],
      ['elasticsearch', undefined],
    ]);
  });

  it('leaves running servers alone when it is brought up again', async () => {
    const before = (await testCluster().status()).map(({ pid }) => pid);
    await testCluster().up();
    expect((await testCluster().status()).map(({ pid }) => pid)).toEqual(before);
  });

  it('starts only the server that died', async () => {
    const cluster = testCluster();
    const before = await cluster.status();
    await cluster.server('kafka-2').kill();
    expect(await cluster.server('kafka-2').complaint()).toBe('not running');
    await cluster.up();
    const after = await cluster.status();
    const restarted = after.filter(({ pid }, index) => pid !== before[index]?.pid).map(({ name }) => name);
    expect(restarted).toEqual(['kafka-2']);
    await cluster.waitInSync();
  });

  it('pauses and resumes a broker', async () => {
    const broker = testCluster().server('kafka-3');
    broker.pause();
    expect(await broker.complaint()).toContain('no answer');
    broker.resume();
    await broker.waitHealthy();
  });

  it('starts a broker again while its old session with ZooKeeper still lives', async () => {
    const broker = testCluster().server('kafka-1');
    await broker.kill();
    await broker.start();
    await broker.waitHealthy();
    expect(broker.pid).toBeDefined();
  });

  it('keeps documents over a crash of Elasticsearch', async () => {
    const cluster = testCluster();
    const url = cluster.elasticsearchUrl;
    await call(url, 'PUT', '/crash-test/_doc/1?refresh=true', { message: 'still here' });
    const search = cluster.server('elasticsearch');
    await search.kill();
    await expect(fetch(url)).rejects.toThrow('fetch failed');
    await search.start();
    await search.waitHealthy();
    const found = await eventually(() => call<{ _source: unknown }>(url, 'GET', '/crash-test/_doc/1'), { what: 'the document' });
    expect(found._source).toEqual({ message: 'still here' });
    await call(url, 'DELETE', '/crash-test');
  });

  it('refuses to move to other ports while it runs', async () => {
    const { openCluster, portBlock } = await import('../../../src/testing/cluster/index.ts');
    const moved = openCluster({ directory: testCluster().directory, ports: portBlock(25_000) });
    await expect(moved.up()).rejects.toThrow(/it is running there on ports .*; bring it down before you change its ports/);
  });
});
