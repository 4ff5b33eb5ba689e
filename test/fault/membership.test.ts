import { afterEach, expect, it, onTestFailed } from 'vitest';
import { describeOnCluster } from '../support/cluster.ts';
import { killAllProcesses, type MillraceProcess, showOutput } from '../support/processes.ts';
import { Shipment } from '../support/shipment.ts';
import { freePorts, metric, slotOf } from '../support/slots.ts';
import { eventually, pause } from '../support/wait.ts';
import { FULL } from './full.ts';

const FULL_MS = 60_000;
const REDUCED_MS = 25_000;
const LASTS_MS = FULL ? FULL_MS : REDUCED_MS;
/** Streams of processes that come and go, each stream one process at a time. */
const VISITORS = 2;
const PORTS = 8;
const LINES_A_WRITE = 100;
const WRITE_EVERY_MS = 50;

describeOnCluster(`processes that join and leave for ${LASTS_MS / 1000} s`, () => {
  afterEach(killAllProcesses);

  it('each staying until it has committed, lose and double nothing', async () => {
    const port = await freePorts(PORTS);
    // More files and partitions than processes, so that each process gets some.
    const shipment = await Shipment.create('members', {
      files: Array.from({ length: 12 }, (_, i) => `${i}.log`),
      partitions: 12,
      settings: ['admin.enabled=true', `admin.port=${port}`],
    });
    const seen: MillraceProcess[] = [];
    onTestFailed(() => showOutput([...seen.slice(0, 1), ...seen.slice(-4)]));
    const start = (): MillraceProcess => {
      const started = shipment.start();
      seen.push(started);
      return started;
    };
    const resident = start();
    await shipment.logs.write(LINES_A_WRITE);
    await shipment.delivered(LINES_A_WRITE);
    const ends = performance.now() + LASTS_MS;
    const over = (): boolean => performance.now() > ends;

    const visit = async (): Promise<number> => {
      let stays = 0;
      while (!over()) {
        const visitor = start();
        await eventually(async () => (await commitsOf(visitor, shipment, port)) >= 1, {
          what: `a commit of process ${visitor.pid}`,
          timeout: 90_000,
          interval: 50,
        });
        expect((await visitor.stop()).code).toBe(0);
        stays += 1;
      }
      return stays;
    };
    const visits = Promise.all(Array.from({ length: VISITORS }, visit));
    let visiting = true;
    const written = visits.finally(() => {
      visiting = false;
    });
    written.catch(() => {});
    while (visiting) {
      await shipment.logs.write(LINES_A_WRITE);
      await pause(WRITE_EVERY_MS);
    }
    const stays = await written;
    expect(Math.min(...stays)).toBeGreaterThanOrEqual(2);

    await shipment.delivered(shipment.logs.written);
    expect((await resident.stop()).code).toBe(0);
    await shipment.expectExact();
    await shipment.dispose();
  }, 300_000);
});

/** Commits of a process that holds a slot of its own; 0 before that. */
async function commitsOf(one: MillraceProcess, shipment: Shipment, port: number): Promise<number> {
  if (!one.running) throw new Error(`process ${one.pid} ended: ${one.stderr}`);
  const slot = await slotOf(one.pid, shipment.dataDirectory());
  return slot === undefined ? 0 : metric(port + slot, 'millrace_commits_total');
}
