import { afterEach, expect, it, onTestFailed } from 'vitest';
import { describeOnCluster } from '../support/cluster.ts';
import { killAllProcesses, showOutput } from '../support/processes.ts';
import { Shipment } from '../support/shipment.ts';
import { eventually, pause } from '../support/wait.ts';
import { startSabotaged } from './sabotage.ts';

/** Source, stream and sink: each commits in its own way. */
const TASKS = ['log.shipper', 'parse', 'search'];
/** Fates of commits in sabotaged-run.mjs. */
const FAILURES = 5;
const LINES_A_WRITE = 20;
const WRITE_EVERY_MS = 50;

describeOnCluster('commits that fail, or succeed without our learning of it', () => {
  afterEach(killAllProcesses);

  it('are made again or not, so that nothing is lost and nothing double', async () => {
    const shipment = await Shipment.create('failing');
    const one = startSabotaged('failing-commits', shipment, {});
    onTestFailed(() => showOutput([one]));
    const failed = (task: string): number =>
      one.stderr.split('\n').filter((line) => line.startsWith('made up: ') && line.includes(task)).length;
    const over = eventually(() => TASKS.every((task) => failed(task) >= FAILURES), {
      what: 'all the failures',
      timeout: 120_000,
    });
    let writing = true;
    const settled = over.finally(() => {
      writing = false;
    });
    settled.catch(() => {});
    while (writing) {
      await shipment.logs.write(LINES_A_WRITE);
      await pause(WRITE_EVERY_MS);
    }
    await settled;
    await shipment.delivered(shipment.logs.written);
    expect((await one.stop()).code).toBe(0);
    await shipment.expectExact();
    await shipment.dispose();
  }, 240_000);
});
