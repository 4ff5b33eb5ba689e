import { afterEach, expect, it, onTestFailed } from 'vitest';
import { clusterAddress, describeOnCluster } from '../support/cluster.ts';
import { CommitWatch } from '../support/foreign-reader.ts';
import { killAllProcesses, type MillraceProcess, showOutput } from '../support/processes.ts';
import { Shipment } from '../support/shipment.ts';
import { eventually, pause } from '../support/wait.ts';
import { FULL } from './full.ts';
import { seeded } from './random.ts';

const FULL_LINES = 1_000_000;
const REDUCED_LINES = 60_000;
const LINES = FULL ? FULL_LINES : REDUCED_LINES;
const INSTANCES = 3;
const KILLS = 12;
/** A kill comes up to so long (ms) after the commits that it waits for. */
const LATEST_KILL_MS = 800;
const SEED = Number(process.env['MILLRACE_FAULT_SEED'] ?? 20_150_517);

describeOnCluster(`${LINES.toLocaleString('en')} lines, three instances`, () => {
  afterEach(killAllProcesses);

  it(
    `loses nothing and doubles nothing over ${KILLS} kills at random moments and rotations (seed ${SEED})`,
    async () => {
      const random = seeded(SEED);
      const shipment = await Shipment.create('kill');
      const groups = [shipment.group('parse'), shipment.group('search')];
      const watch = await CommitWatch.start(clusterAddress().brokers, groups);
      const instances = Array.from({ length: INSTANCES }, () => shipment.start());
      onTestFailed(() => showOutput(instances));
      const advanced = async (since: readonly number[], what: string): Promise<void> => {
        await eventually(() => groups.every((group, i) => watch.sum(group) > (since[i] ?? 0)), { what, timeout: 90_000 });
      };
      const part = Math.floor(LINES / (KILLS + 2));
      try {
        await shipment.logs.write(part);
        await advanced([0, 0], 'the first commits of both groups');
        for (let kill = 0; kill < KILLS; kill += 1) {
          const writing = shipment.logs.write(part);
          await pause(random() * LATEST_KILL_MS);
          const victim = Math.floor(random() * INSTANCES);
          const { signal } = await (instances[victim] as MillraceProcess).kill();
          expect(signal, `instance ${victim} before kill ${kill + 1}`).toBe('SIGKILL');
          await writing;
          if (kill % 3 === 1) await shipment.logs.rotate(shipment.logs.names[kill % shipment.logs.names.length] as string);
          instances[victim] = shipment.start();
          await shipment.logs.write(1);
          await advanced(
            groups.map((group) => watch.sum(group)),
            `commits of both groups after kill ${kill + 1}`,
          );
          const sums = groups.map((group) => watch.sum(group)).join(' and ');
          process.stdout.write(`kill ${kill + 1}: instance ${victim}; committed since, in sum: ${sums}\n`);
        }
        await shipment.logs.write(LINES - shipment.logs.written);
        await shipment.delivered(LINES);
        const ends = await Promise.all(instances.map((instance) => instance.stop()));
        expect(ends.map(({ code }) => code)).toEqual([0, 0, 0]);
        await shipment.expectExact();
      } finally {
        watch.stop();
      }
      await shipment.dispose();
    },
    FULL ? 1_800_000 : 420_000,
  );
});
