import { afterEach, expect, it, onTestFailed } from 'vitest';
import { clusterAddress, describeOnCluster, testCluster } from '../support/cluster.ts';
import { countDocuments } from '../support/elasticsearch.ts';
import { CommitWatch, coordinatorOf } from '../support/foreign-reader.ts';
import { killAllProcesses, showOutput } from '../support/processes.ts';
import { Shipment } from '../support/shipment.ts';
import { eventually, pause } from '../support/wait.ts';

const LINES_A_WRITE = 50;
const WRITE_EVERY_MS = 50;
const PAUSED_MS = 20_000;
/** How long a broker is away, so that leaders move and requests to it run into errors. */
const BROKER_AWAY_MS = 8_000;
/** How long a broker may take to have all replicas again. */
const IN_SYNC_MS = 170_000;

/** Ships lines in two processes while `fault` does its worst, and compares what arrived. */
async function shipDuring(prefix: string, fault: (shipment: Shipment, watch: CommitWatch) => Promise<void>): Promise<void> {
  const shipment = await Shipment.create(prefix, { plainIndex: true });
  const groups = [shipment.group('parse'), shipment.group('search')];
  const instances = [shipment.start(), shipment.start()];
  onTestFailed(() => showOutput(instances));
  const watch = await CommitWatch.start(clusterAddress().brokers, groups);
  const advance = async (what: string): Promise<void> => {
    const since = groups.map((group) => watch.sum(group));
    await eventually(() => groups.every((group, i) => watch.sum(group) > (since[i] ?? 0)), { what, timeout: 120_000 });
  };
  const stop = new AbortController();
  const writing = (async () => {
    while (!stop.signal.aborted) {
      await shipment.logs.write(LINES_A_WRITE);
      await pause(WRITE_EVERY_MS);
    }
  })();
  await advance('commits before the fault');
  await fault(shipment, watch);
  await advance('commits after the fault');
  stop.abort();
  await writing;
  watch.stop();
  await shipment.delivered(shipment.logs.written, 120_000);
  expect((await Promise.all(instances.map((one) => one.stop()))).map(({ code }) => code)).toEqual([0, 0]);
  await shipment.expectExact();
  await shipment.dispose();
}

describeOnCluster('servers that fail', () => {
  afterEach(async () => {
    await killAllProcesses();
    await testCluster().up();
    await testCluster().waitInSync(IN_SYNC_MS);
  });

  it('the broker that coordinates the group, killed and brought back', async () => {
    await shipDuring('broker', async (shipment, watch) => {
      const cluster = testCluster();
      // The worst choice: offsets can be committed again only once the group's successor has been found.
      const coordinator = await coordinatorOf(clusterAddress().brokers, shipment.group('parse'));
      await cluster.server(`kafka-${coordinator as 1 | 2 | 3}`).kill();
      const before = watch.sum(shipment.group('parse'));
      await eventually(() => watch.sum(shipment.group('parse')) > before, { what: 'commits with two brokers', timeout: 60_000 });
      await pause(BROKER_AWAY_MS);
      await cluster.up();
      await cluster.waitInSync(IN_SYNC_MS);
    });
  }, 400_000);

  it('Elasticsearch that stands still for 20 s', async () => {
    await shipDuring('paused', async (shipment, watch) => {
      const server = testCluster().server('elasticsearch');
      server.pause();
      const before = watch.sum(shipment.group('parse'));
      await pause(PAUSED_MS);
      // A slow sink delays nobody: the stream before it goes on.
      expect(watch.sum(shipment.group('parse'))).toBeGreaterThan(before);
      server.resume();
      await server.waitHealthy();
    });
  }, 400_000);

  it('Elasticsearch that is killed and started again', async () => {
    await shipDuring('restarted', async (shipment) => {
      const server = testCluster().server('elasticsearch');
      const before = await countDocuments(clusterAddress().elasticsearch, shipment.index);
      expect(before).toBeGreaterThan(0);
      await server.kill();
      await server.start();
      await server.waitHealthy();
    });
  }, 400_000);
});
