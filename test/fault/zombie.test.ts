import { afterAll, expect, it } from 'vitest';
import { clusterAddress, describeOnCluster } from '../support/cluster.ts';
import { CommitWatch } from '../support/foreign-reader.ts';
import { killAllProcesses, type MillraceProcess, showOutput } from '../support/processes.ts';
import { Shipment } from '../support/shipment.ts';
import { eventually, pause } from '../support/wait.ts';

/** Session (10 s) and transaction (10 s) have both run out, one after the other, and the broker has looked. */
const STOPPED_MS = 22_000;
const LINES_A_WRITE = 100;
const WRITE_EVERY_MS = 50;

describeOnCluster('a process that is stopped for longer than its session and its transaction last', () => {
  afterAll(killAllProcesses);

  // Both wait most of the time, so they do it together.
  it.concurrent.for([
    { who: 'which runs the source too', victim: 0 },
    { who: 'which runs streams and sinks only', victim: 1 },
  ])('and then goes on ($who), loses and doubles nothing', { timeout: 240_000 }, async ({ victim }, { onTestFailed }) => {
    const shipment = await Shipment.create('zombie', { settings: ['log.level=debug'] });
    const groups = [shipment.group('parse'), shipment.group('search')];
    const watch = await CommitWatch.start(clusterAddress().brokers, groups);
    const first = shipment.start();
    // The source runs in slot 0, which whoever starts first takes.
    await shipment.logs.write(LINES_A_WRITE);
    await shipment.delivered(LINES_A_WRITE);
    const instances = [first, shipment.start(), shipment.start()];
    onTestFailed(() => showOutput(instances));
    await eventually(() => instances.every((one) => assignments([one]) > 0), { what: 'every instance to have partitions' });

    const stop = new AbortController();
    const writing = (async () => {
      while (!stop.signal.aborted) {
        await shipment.logs.write(LINES_A_WRITE);
        await pause(WRITE_EVERY_MS);
      }
    })();
    await eventually(() => groups.every((group) => watch.sum(group) > 4 * LINES_A_WRITE), { what: 'commits under load' });
    const zombie = instances[victim];
    zombie?.pause();
    const stopped = performance.now();
    const others = instances.filter((one) => one !== zombie);
    const before = assignments(others);
    await eventually(() => assignments(others) > before, { what: 'the others to take its partitions over' });
    await pause(STOPPED_MS - (performance.now() - stopped));
    zombie?.resume();
    const resumed = groups.map((group) => watch.sum(group));
    await eventually(() => groups.every((group, i) => watch.sum(group) > (resumed[i] ?? 0)), {
      what: 'commits after it went on',
      timeout: 60_000,
    });
    stop.abort();
    await writing;
    watch.stop();

    await shipment.delivered(shipment.logs.written);
    expect((await Promise.all(instances.map((one) => one.stop()))).map(({ code }) => code)).toEqual([0, 0, 0]);
    await shipment.expectExact();
    await shipment.dispose();
  });
});

/** How often processes have been given partitions. */
function assignments(processes: readonly MillraceProcess[]): number {
  return processes.reduce((sum, { stderr }) => sum + stderr.split('partitions assigned').length - 1, 0);
}
