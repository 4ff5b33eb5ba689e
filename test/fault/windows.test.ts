import { afterEach, expect, it, onTestFailed } from 'vitest';
import { systemClock } from '../../src/sdk/clock.ts';
import { describeOnCluster, testCluster, uniqueName } from '../support/cluster.ts';
import { killAllProcesses, runMillrace } from '../support/processes.ts';
import { deleteTopicsOf } from '../support/shipment.ts';
import { Workbench } from '../support/workbench.ts';
import { EventStream } from './event-stream.ts';
import { Fleet } from './fleet.ts';
import { FULL } from './full.ts';
import { seeded } from './random.ts';
import { compareAll, JOINS, pipelineOf, RULES, type WatchedStream, WINDOWS } from './watched-streams.ts';

const SEED = Number(process.env['MILLRACE_FAULT_SEED'] ?? 20_150_517);
const RECORDS = FULL ? 1_000_000 : 30_000;
/** Different keys of a partition, and users: so that 100,000 keys of state are held in the full run. */
const KEYS = FULL ? 60_000 : 3_000;
const HOT_KEYS = 40;
const HOT_KEYS_JOINED = FULL ? 1_500 : 100;
const USERS = FULL ? 400_000 : 12_000;
/** Kills at once share one wait for the end of the session. */
const KILL_ROUNDS = FULL ? [1, 1, 2, 1, 3, 1, 1, 2, 1, 1] : [2, 3, 2, 3];
/** After these rounds one process leaves and another joins; after this one a broker dies. */
const REPLACE_AFTER = [0, 1, 3];
const BROKER_AFTER = 2;
const INSTANCES = 3;
const HOURS_AGO = 6 * 3_600_000;
const ONCE_MS = 300_000;
const IN_SYNC_MS = 170_000;
const LAST_COMMIT_MS = 300_000;

/** In one run where little is written, for most of the time goes into waiting for sessions to end. */
const CASES: readonly (readonly [string, readonly WatchedStream[]])[] = FULL
  ? [
      ['windows', WINDOWS],
      ['joins and what is let through once', JOINS],
      ['patterns, running aggregates and alerts', RULES],
    ]
  : [
      [
        'windows, a join, what is let through once, a pattern, running aggregates and alerts',
        [...WINDOWS, ...JOINS.filter(({ name }) => name !== 'inner'), ...RULES],
      ],
    ];

const say = (text: string): void => void process.stdout.write(`${text}\n`);

describeOnCluster(`${RECORDS.toLocaleString('en')} records out of order, three processes`, () => {
  afterEach(async () => {
    await killAllProcesses();
    for (const name of ['kafka-1', 'kafka-2', 'kafka-3'] as const) {
      const server = testCluster().server(name);
      if (server.pid === undefined) await server.start();
    }
    await testCluster().waitInSync(IN_SYNC_MS);
  });

  it.each(CASES)(
    `%s: what a batch computation comes to, over kills, joins, leaves and a broker that dies (seed ${SEED})`,
    async (_, streams) => {
      const name = uniqueName('watched');
      const bench = await Workbench.create([]);
      await bench.write('pipeline.yaml', pipelineOf(name, streams));
      const inputs = inputsOf(name, streams);
      for (const input of inputs) await input.start();
      const fleet = await Fleet.start({
        bench,
        pipeline: 'pipeline.yaml',
        namespace: name,
        size: INSTANCES,
        groups: groupsOf(name, streams),
        random: seeded(SEED),
      });
      onTestFailed(() => fleet.saveOutput());
      try {
        await disturb(fleet, inputs, streams);
        await Promise.all(inputs.map((input) => input.finish()));
        for (const { stages } of streams)
          await fleet.caughtUp(`${name}.watched.${stages[0] as string}`, `${name}.events`, LAST_COMMIT_MS);
        await fleet.stop();
        const once = await runMillrace(fleet.arguments(['--once']), { cwd: bench.directory, timeout: ONCE_MS });
        expect(once.code, once.stderr).toBe(0);
      } finally {
        for (const input of inputs) input.stop();
        fleet.close();
      }
      const written = inputs.map((input) => input.written).join(' + ');
      say(`${written} records, ${fleet.kills} kills, ${fleet.joinsAndLeaves} joins and leaves, a broker`);
      await compareAll(name, streams);
      await deleteTopicsOf(`${name}.`);
      await bench.dispose();
    },
    FULL ? 1_800_000 : 600_000,
  );
});

/** What the streams read: `events`, and where there are joins as much in `more`. */
function inputsOf(name: string, streams: readonly WatchedStream[]): EventStream[] {
  const joined = streams.some(({ steps }) => steps.includes('join'));
  const topics = joined ? ['events', 'more'] : ['events'];
  const start = systemClock.now() - HOURS_AGO;
  return topics.map(
    (topic, i) =>
      new EventStream({
        topic: `${name}.${topic}`,
        seed: SEED + 100 * i,
        records: streams === JOINS ? RECORDS / 2 : RECORDS,
        parts: KILL_ROUNDS.length + REPLACE_AFTER.length + 5,
        // Pairs grow with the square of what comes together.
        hotKeys: joined ? HOT_KEYS_JOINED : HOT_KEYS,
        keys: streams === JOINS ? KEYS / 20 : KEYS,
        users: USERS,
        start,
      }),
  );
}

function groupsOf(name: string, streams: readonly WatchedStream[]): string[] {
  return streams.flatMap(({ stages }) => stages.map((stage) => `${name}.watched.${stage}`));
}

/** One fault after the other, each with records being written, and commits of all stages after it. */
async function disturb(fleet: Fleet, inputs: readonly EventStream[], streams: readonly WatchedStream[]): Promise<void> {
  const stages = streams.map((stream) => stream.stages.at(-1) as string);
  const started = performance.now();
  let part = 0;
  const next = async (what: string, fault: () => Promise<void>): Promise<void> => {
    for (const input of inputs) input.release(part);
    part += 1;
    const entries = await Promise.all(stages.map(async (stage) => `${stage} ${await fleet.entries(stage)}`));
    await fault();
    const still = await fleet.advanced(what);
    const seconds = [performance.now() - started, still].map((ms) => (ms / 1000).toFixed(1));
    say(`${seconds[0]} s: ${what}, state ${entries.join(', ')}; commits of a stage were away for ${seconds[1]} s at most`);
  };
  await next('start', () => Promise.resolve());
  for (const [round, count] of KILL_ROUNDS.entries()) {
    await next(`kill -9 of ${count}`, () => fleet.kill(count));
    if (REPLACE_AFTER.includes(round)) await next('one left and one joined', () => fleet.replace());
    if (round !== BROKER_AFTER) continue;
    let bringBack = (): Promise<void> => Promise.resolve();
    await next('a broker was killed', async () => {
      bringBack = await fleet.killBroker();
    });
    await next('the broker came back', bringBack);
  }
}
