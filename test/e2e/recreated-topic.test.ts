import { afterEach, expect, it } from 'vitest';
import { clusterAddress, describeOnCluster } from '../support/cluster.ts';
import { allDocuments, countDocuments } from '../support/elasticsearch.ts';
import { deleteTopics } from '../support/foreign-reader.ts';
import { killAllProcesses } from '../support/processes.ts';
import { Shipment } from '../support/shipment.ts';

const LINES = 1_000;

describeOnCluster('topics that are deleted and made again', () => {
  afterEach(killAllProcesses);

  it('are new ones: the same file is shipped again, and all its documents arrive again', async () => {
    const { brokers, elasticsearch } = clusterAddress();
    const shipment = await Shipment.create('recreated');
    await shipment.logs.write(LINES);
    expect((await shipment.start({ args: ['--once'] }).ended).code).toBe(0);
    await shipment.expectExact();
    const before = await idsOf(elasticsearch, shipment.index);

    await deleteTopics(brokers, [shipment.raw, shipment.events]);
    expect((await shipment.start({ args: ['--once'] }).ended).code).toBe(0);

    await shipment.expectExact(['raw', 'events']);
    expect(await countDocuments(elasticsearch, shipment.index)).toBe(2 * LINES);
    const after = await idsOf(elasticsearch, shipment.index);
    expect(after.size).toBe(2 * LINES);
    expect([...before].every((id) => after.has(id))).toBe(true);
    await shipment.dispose();
  });
});

async function idsOf(url: string, index: string): Promise<Set<string>> {
  const ids = new Set<string>();
  for await (const { _id } of allDocuments(url, index)) ids.add(_id);
  return ids;
}
