import { afterEach, expect, it, onTestFailed } from 'vitest';
import { systemClock } from '../../src/sdk/clock.ts';
import { clusterAddress, describeOnCluster, testCluster, uniqueName } from '../support/cluster.ts';
import { streamTopic } from '../support/foreign-reader.ts';
import { killAllProcesses, runMillrace, showOutput } from '../support/processes.ts';
import { Workbench } from '../support/workbench.ts';
import { batchWindows, readEvents } from './batch-computation.ts';
import { EventStream, PARTITIONS, WAIT_MS } from './event-stream.ts';
import { Fleet } from './fleet.ts';
import { FULL } from './full.ts';
import { expectSame, lastResults, windowResults } from './last-results.ts';
import { seeded } from './random.ts';

const SEED = Number(process.env['MILLRACE_FAULT_SEED'] ?? 20_150_517);
const MINUTE = 60_000;
const RECORDS = FULL ? 1_000_000 : 60_000;
/** Different keys of a partition, and users: so that 100,000 keys of state are held in the full run. */
const KEYS = FULL ? 60_000 : 4_000;
const USERS = FULL ? 400_000 : 20_000;
/** What happens, in order. Kills at once share one wait for the session's end. */
const KILL_ROUNDS = FULL ? [1, 1, 2, 1, 1, 2, 1, 1, 1, 1] : [2, 2, 2, 2, 2];
const REPLACED = 3;
const INSTANCES = 3;
const ONCE_MS = 240_000;
const LAST_COMMIT_MS = 180_000;

interface Watched {
  readonly topic: string;
  readonly sizeMs: number;
  readonly keepMs: number;
  /** The field of the group in results; undefined: all records are one. */
  readonly field: 'key' | 'user' | undefined;
}

const pipeline = (name: string): string => `pipeline: watched
topics:
  ${name}.events: { external: true }
  ${name}.by_key: { partitions: ${PARTITIONS} }
  ${name}.by_user: { partitions: 4 }
  ${name}.all: { partitions: 1 }
streams:
  by_key:
    from: ${name}.events
    wait: 2m
    idle_timeout: 6s
    steps:
      - window: { tumbling: 30m, keep: 15m, by: [ $key ], compute: { n: count(), total: sum(amount) } }
    to: ${name}.by_key
  by_user:
    from: ${name}.events
    wait: 2m
    idle_timeout: 6s
    steps:
      - window: { tumbling: 30m, keep: 15m, by: [ user ], compute: { n: count(), total: sum(amount) } }
    to: ${name}.by_user
  all:
    from: ${name}.events
    wait: 2m
    idle_timeout: 6s
    steps:
      - window: { tumbling: 1m, compute: { n: count(), total: sum(amount) } }
    to: ${name}.all
`;

const STAGES = ['by_key', 'by_user', 'by_user.window-1', 'all', 'all.window-1'];

const say = (text: string): void => void process.stdout.write(`${text}\n`);

describeOnCluster(`windows over ${RECORDS.toLocaleString('en')} records, three processes`, () => {
  afterEach(async () => {
    await killAllProcesses();
    for (const name of ['kafka-1', 'kafka-2', 'kafka-3'] as const) {
      const server = testCluster().server(name);
      if (server.pid === undefined) await server.start();
    }
  });

  it(
    `come to what a batch computation does, over kills, joins, leaves and a broker that dies (seed ${SEED})`,
    async () => {
      const name = uniqueName('windows');
      const random = seeded(SEED);
      const bench = await Workbench.create([]);
      await bench.write('pipeline.yaml', pipeline(name));
      const events = new EventStream({
        topic: `${name}.events`,
        seed: SEED,
        records: RECORDS,
        parts: KILL_ROUNDS.length + REPLACED + 3,
        keys: KEYS,
        users: USERS,
        start: systemClock.now() - 6 * 60 * MINUTE,
      });
      await events.start();
      events.release(0);
      const groups = STAGES.map((stage) => `${name}.watched.${stage}`);
      const fleet = await Fleet.start({ bench, pipeline: 'pipeline.yaml', namespace: name, size: INSTANCES, groups, random });
      onTestFailed(() => showOutput(fleet.instances));
      try {
        await disturb(fleet, events);
        await events.finish();
        await fleet.caughtUp(`${name}.watched.by_key`, `${name}.events`, LAST_COMMIT_MS);
        await fleet.stop();
        const once = await runMillrace(fleet.arguments(['--once']), { cwd: bench.directory, timeout: ONCE_MS });
        expect(once.code, once.stderr).toBe(0);
      } finally {
        events.stop();
        fleet.close();
      }
      say(`${events.written} records, ${fleet.kills} kills, ${fleet.joinsAndLeaves} joins and leaves, a broker`);
      await compare(name);
      await bench.dispose();
    },
    FULL ? 1_800_000 : 420_000,
  );
});

/** One fault after the other, each with records being written, and commits of all stages after it. */
async function disturb(fleet: Fleet, events: EventStream): Promise<void> {
  await fleet.advanced('the start');
  let part = 0;
  const next = async (what: string, fault: () => Promise<void>): Promise<void> => {
    part += 1;
    events.release(part);
    const state = await Promise.all(['by_key', 'by_user.window-1'].map((stage) => fleet.entries(stage)));
    await fault();
    const still = await fleet.advanced(what);
    say(
      `${what}: state ${state.join(' + ')} entries; the stage that stood still for longest did so for ${(still / 1000).toFixed(1)} s`,
    );
  };
  for (const [round, count] of KILL_ROUNDS.entries()) {
    await next(`kill -9 of ${count}`, () => fleet.kill(count));
    if (round < REPLACED) await next('one left and one joined', () => fleet.replace());
    if (round === REPLACED) await next('a broker was killed and came back', () => fleet.killBroker());
  }
}

async function compare(name: string): Promise<void> {
  const { brokers } = clusterAddress();
  const events = await readEvents(streamTopic(brokers, `${name}.events`), WAIT_MS);
  const watched: readonly Watched[] = [
    { topic: `${name}.by_key`, sizeMs: 30 * MINUTE, keepMs: 15 * MINUTE, field: 'key' },
    { topic: `${name}.by_user`, sizeMs: 30 * MINUTE, keepMs: 15 * MINUTE, field: 'user' },
    { topic: `${name}.all`, sizeMs: MINUTE, keepMs: 0, field: undefined },
  ];
  for (const { topic, sizeMs, keepMs, field } of watched) {
    const groupOf = {
      key: (event: (typeof events)[number]) => event.key,
      user: (event: (typeof events)[number]) => event.value.user,
    };
    const expected = batchWindows(events, { sizeMs, keepMs, groupOf: field === undefined ? () => '' : groupOf[field] });
    const found = await lastResults(topic);
    say(
      `${topic}: ${found.records} records, ${found.values.length} results (${JSON.stringify(found.panes)}), ` +
        `${found.repeated} repeated with one version; ${expected.late} of ${events.length} too late`,
    );
    expectSame(topic, windowResults(found.values, field), expected.results);
    expect(expected.late).toBeGreaterThan(0);
    expect(found.panes['on_time'] ?? 0).toBeGreaterThan(0);
  }
}
