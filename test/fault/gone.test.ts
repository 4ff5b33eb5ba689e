import { afterEach, expect, it, onTestFailed } from 'vitest';
import { STOP_MS } from '../../src/cli/stop-signal.ts';
import { describeOnCluster, testCluster } from '../support/cluster.ts';
import { isAlive, killAllProcesses, showOutput } from '../support/processes.ts';
import { Shipment } from '../support/shipment.ts';
import { runningPids } from '../support/slots.ts';
import { eventually, pause } from '../support/wait.ts';

const LINES = 300;
const BROKERS = ['kafka-1', 'kafka-2', 'kafka-3'] as const;
/** How long the brokers are gone before the runs are told to stop. */
const AWAY_MS = 3_000;
const IN_SYNC_MS = 170_000;
/** What a process that is told to end may take beyond its limit. */
const GRACE_MS = 4_000;

/** Steps with state: a stage that reads by key, with a changelog. */
const stream = `    steps:
      - parse: apache_combined
      - deduplicate: { by: [ event.original ], within: 30d }
`;

describeOnCluster('Kafka that is gone for good', () => {
  afterEach(async () => {
    await killAllProcesses();
    await testCluster().up();
    await testCluster().waitInSync(IN_SYNC_MS);
  });

  it('does not keep runs that are told to stop: they say what is left undone, and the next ones do it', async () => {
    const [one, two] = [await Shipment.create('gone', { stream }), await Shipment.create('gone', { stream })] as const;
    const runs = [one.start(), two.start({ args: ['--instances', '2'] })] as const;
    onTestFailed(() => showOutput(runs));
    const shipments = [one, two];
    await Promise.all(shipments.map(({ logs }) => logs.write(LINES)));
    await Promise.all(shipments.map((shipment) => shipment.delivered(LINES)));
    const stop = new AbortController();
    const writing = (async () => {
      while (!stop.signal.aborted) {
        await Promise.all(shipments.map(({ logs }) => logs.write(50)));
        await pause(50);
      }
    })();
    await pause(500);
    await Promise.all(BROKERS.map((name) => testCluster().server(name).kill()));
    await pause(AWAY_MS);
    stop.abort();
    await writing;
    const workers = (await Promise.all(shipments.map((shipment) => runningPids(shipment.dataDirectory())))).flat();
    expect(workers).toHaveLength(3);
    const told = performance.now();
    const sinceTold = (): number => performance.now() - told;
    for (const run of runs) run.signal('SIGTERM');
    await eventually(() => runs.every(({ stderr }) => / more at most, and a second signal /.test(stderr)), {
      what: 'what is waited for',
    });
    expect(sinceTold()).toBeLessThan(GRACE_MS);
    const again = performance.now();
    runs[0].signal('SIGTERM');
    expect(await runs[0].ended).toEqual({ code: null, signal: 'SIGTERM' });
    expect(performance.now() - again).toBeLessThan(GRACE_MS);
    // In order where a client could tell that nothing more can be done, else when the time is up.
    expect([0, 3]).toContain((await runs[1].ended).code);
    expect(sinceTold()).toBeLessThan(STOP_MS + GRACE_MS);
    expect(runs[1].stderr).toMatch(
      /not done after \d+ s: .* ending all the same: what is not committed is taken again|ends without what it has taken last, which is taken again/,
    );
    expect(workers.filter(isAlive)).toEqual([]);

    await testCluster().up();
    await testCluster().waitInSync(IN_SYNC_MS);
    const rest = shipments.map((shipment) => shipment.start({ args: ['--once'] }));
    onTestFailed(() => showOutput(rest));
    expect((await Promise.all(rest.map(({ ended }) => ended))).map(({ code }) => code)).toEqual([0, 0]);
    for (const shipment of shipments) {
      await shipment.expectExact();
      await shipment.dispose();
    }
  }, 240_000);
});
