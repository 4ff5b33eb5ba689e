import { afterEach, expect, it, onTestFailed } from 'vitest';
import { clusterAddress, describeOnCluster } from '../support/cluster.ts';
import { committedOffsets, topicEndOffsets } from '../support/foreign-reader.ts';
import { isAlive, killAllProcesses, type MillraceProcess, showOutput } from '../support/processes.ts';
import { Shipment } from '../support/shipment.ts';
import { runningPids } from '../support/slots.ts';
import { eventually, pause } from '../support/wait.ts';

const LINES = 2_000;
const INSTANCES = 3;

/** Waits until a launcher's workers are at work; gives their process numbers. */
function workersOf(shipment: Shipment, not: readonly number[] = []): Promise<number[]> {
  return eventually(
    async () => {
      const pids = await runningPids(shipment.dataDirectory());
      return pids.length === INSTANCES && !pids.some((pid) => not.includes(pid)) ? pids : undefined;
    },
    { what: `${INSTANCES} workers`, timeout: 60_000 },
  );
}

/** Control records at the ends of partitions, which nobody reads and commits. */
const CONTROL_RECORDS = 8;

const sumOf = (offsets: Iterable<number>): number => Array.from(offsets).reduce((sum, offset) => sum + offset, 0);

/** Whether the sink has committed all that is in its topic. */
async function allCommitted(shipment: Shipment): Promise<boolean> {
  const { brokers } = clusterAddress();
  const ends = await topicEndOffsets(brokers, shipment.events);
  const committed = await committedOffsets(brokers, shipment.group('search'));
  return sumOf(committed.get(shipment.events)?.values() ?? []) >= sumOf(ends.values()) - CONTROL_RECORDS;
}

async function launch(prefix: string): Promise<{ shipment: Shipment; launcher: MillraceProcess }> {
  const shipment = await Shipment.create(prefix);
  const launcher = shipment.start({ args: ['-n', String(INSTANCES)] });
  onTestFailed(() => showOutput([launcher]));
  return { shipment, launcher };
}

describeOnCluster('several instances', () => {
  afterEach(killAllProcesses);

  it('start a worker again that is killed, and all end in order by SIGTERM', async () => {
    const { shipment, launcher } = await launch('launcher');
    const [victim = 0] = await workersOf(shipment);
    await shipment.logs.write(LINES);
    await shipment.delivered(LINES);
    process.kill(victim, 'SIGKILL');
    const workers = await workersOf(shipment, [victim]);
    await shipment.logs.write(LINES);
    await shipment.delivered(2 * LINES);
    // While the group waits for the dead member's session to end, brokers hold up the commits of those that have joined anew.
    await eventually(() => allCommitted(shipment), { what: 'the commits after the kill', timeout: 60_000 });
    await shipment.logs.write(LINES);
    expect((await launcher.stop()).code).toBe(0);
    expect(workers.filter(isAlive)).toEqual([]);

    // What they had taken is committed: another run has only the rest to do, and finds nothing delivered before.
    const rest = shipment.start({ args: ['--once'] });
    expect((await rest.ended).code).toBe(0);
    expect(rest.stderr).not.toContain('there already');
    await shipment.expectExact();
    await shipment.dispose();
  });

  it('end by themselves when their launcher is killed', async () => {
    const { shipment, launcher } = await launch('orphans');
    const workers = await workersOf(shipment);
    await shipment.logs.write(LINES);
    await shipment.delivered(LINES);
    await launcher.kill();
    await eventually(() => !workers.some(isAlive), { what: 'the workers to end', timeout: 60_000 });
    const rest = shipment.start({ args: ['--once'] });
    expect((await rest.ended).code).toBe(0);
    await shipment.expectExact();
    await shipment.dispose();
  });

  it('cannot be joined by a run with --once, which must see every record by itself', async () => {
    const shipment = await Shipment.create('once');
    const member = shipment.start();
    await shipment.logs.write(LINES);
    await shipment.delivered(LINES);
    const bounded = shipment.start({ args: ['--once'], data: 'other', files: [shipment.parts.sink] });
    expect((await bounded.ended).code).toBe(3);
    expect(bounded.stderr).toContain(`the group ${shipment.group('search')} has other members; stop them first`);
    expect(member.running).toBe(true);
    expect((await member.stop()).code).toBe(0);
    await shipment.expectExact();
    await shipment.dispose();
  });
});

describeOnCluster('other ways to run', () => {
  afterEach(killAllProcesses);

  it('at least once, everything arrives, and without a fault once', async () => {
    const shipment = await Shipment.create('least', { delivery: 'at_least_once' });
    await shipment.logs.write(LINES);
    expect((await shipment.start({ args: ['--once'] }).ended).code).toBe(0);
    await shipment.expectExact();
    await shipment.dispose();
  });

  it('without the native batch layer, kills lose nothing and double nothing', async () => {
    const shipment = await Shipment.create('fallback', { settings: ['kafka.batches=fallback', 'kafka.session_timeout=6s'] });
    const seen: MillraceProcess[] = [];
    onTestFailed(() => showOutput(seen));
    const points = ['after_produce:2', 'after_send_offsets:3', 'after_commit:4', 'after_delivery:2'];
    for (const crashAt of points) {
      const one = shipment.start({ crashAt });
      seen.push(one);
      while (one.running) {
        await shipment.logs.write(100);
        await Promise.race([one.ended, pause(100)]);
      }
      expect((await one.ended).signal, crashAt).toBe('SIGKILL');
    }
    const last = shipment.start();
    seen.push(last);
    await shipment.delivered(shipment.logs.written);
    expect((await last.stop()).code).toBe(0);
    await shipment.expectExact();
    await shipment.dispose();
  }, 240_000);
});
