import { afterEach, beforeEach, expect, it } from 'vitest';
import type { JsonObject } from '../../src/record/json.ts';
import { systemClock } from '../../src/sdk/clock.ts';
import { clusterAddress, describeOnCluster, uniqueName } from '../support/cluster.ts';
import { type ForeignRecord, readCommitted } from '../support/foreign-reader.ts';
import { killAllProcesses, type ProcessEnd, runMillrace } from '../support/processes.ts';
import { deleteTopicsOf } from '../support/shipment.ts';
import { freePorts, metric } from '../support/slots.ts';
import { addPartitions, createTopic, type WrittenRecord, writeRecords } from '../support/topics.ts';
import { eventually } from '../support/wait.ts';
import { STACK_TRACE, Workbench } from '../support/workbench.ts';

const PARTITIONS = 2;
const MINUTE = 60_000;
/** The start of an hour that is over. */
const HOUR = Math.floor(systemClock.now() / (60 * MINUTE)) * 60 * MINUTE - 120 * MINUTE;

type Output = ProcessEnd & { readonly stdout: string; readonly stderr: string };

let bench: Workbench;
let name: string;

async function setUp(): Promise<void> {
  name = uniqueName('state');
  bench = await Workbench.create([]);
  await createTopic(`${name}.events`, PARTITIONS, { 'max.message.bytes': '4000000' });
}

async function tearDown(): Promise<void> {
  await killAllProcesses();
  await deleteTopicsOf(`${name}.`);
  await bench.dispose();
}

/** A pipeline with a stream that counts by key, and one that only forwards. */
function counting({ from = `${name}.events`, options = 'tumbling: 10m', compute = 'n: count()' } = {}): Promise<string> {
  return bench.write(
    'pipeline.yaml',
    `pipeline: counts
topics:
  ${name}.events: { external: true }
  ${name}.results: { partitions: ${PARTITIONS} }
  ${name}.copies: { partitions: ${PARTITIONS} }
${from === `${name}.events` ? '' : `  ${name}.more: { external: true }\n`}streams:
  count:
    from: ${from}
    steps:
      - window: { ${options}, by: [ $key ], compute: { ${compute} } }
    to: ${name}.results
  copy:
    from: ${name}.events
    to: ${name}.copies
`,
  );
}

function settings(more: readonly string[] = []): string[] {
  const own = [`kafka.brokers=${clusterAddress().brokers}`, `namespace=${name}`, 'log.format=text', 'admin.enabled=false'];
  return [...own, ...more].flatMap((setting) => ['-s', setting]);
}

function millrace(...args: readonly string[]): Promise<Output> {
  return runMillrace([...args, 'pipeline.yaml', ...settings()], { cwd: bench.directory, timeout: 90_000 });
}

const once = (): Promise<Output> => millrace('run', '--once');

function event(key: string, minute: number, more: JsonObject = {}): WrittenRecord {
  const value = { '@timestamp': new Date(HOUR + minute * MINUTE).toISOString(), ...more };
  return { partition: key.charCodeAt(0) % PARTITIONS, key, value: JSON.stringify(value) };
}

const results = (): Promise<ForeignRecord[]> => readCommitted(clusterAddress().brokers, `${name}.results`);

function header({ headers }: ForeignRecord, wanted: string): string {
  return String(headers.find(([each]) => each === wanted)?.[1]);
}

/** The results that stand: `key minute n`, by the highest version of each id. */
function standing(records: readonly ForeignRecord[]): string[] {
  const last = new Map<string, { version: number; value: Buffer | null }>();
  for (const record of records) {
    const id = header(record, 'millrace.id');
    const version = Number(header(record, 'millrace.version'));
    if (version >= (last.get(id)?.version ?? 0)) last.set(id, { version, value: record.value });
  }
  return [...last.values()]
    .filter(({ value }) => value !== null)
    .map(({ value }) => {
      const { key, window, n } = JSON.parse(String(value)) as { key: string; window: { start: string }; n: number };
      return `${key} ${(Date.parse(window.start) - HOUR) / MINUTE} ${n}`;
    })
    .sort();
}

const EVENTS = [event('a', 1), event('a', 2), event('b', 3), event('a', 15), event('b', 31), event('a', 32)];

describeOnCluster('state that a change does not fit', () => {
  beforeEach(setUp);
  afterEach(tearDown);

  it('stops its stream before it starts, and no other; reset begins a new generation, which replaces the old results', async () => {
    await writeRecords(`${name}.events`, EVENTS);
    await counting();
    expect(await once()).toMatchObject({ code: 0 });
    const first = await results();
    expect(standing(first)).toEqual(['a 0 2', 'a 10 1', 'a 30 1', 'b 0 1', 'b 30 1']);

    await writeRecords(`${name}.events`, [event('a', 33)]);
    await counting({ options: 'tumbling: 20m' });
    const refused = await once();
    expect(refused.code).toBe(3);
    expect(refused.stderr).toMatch(
      /starting the stream count of counts: the step window-1 has options that its state does not fit.*; change it back, .* `millrace reset \S+ --task count --to beginning`/,
    );
    expect(refused.stderr).not.toMatch(STACK_TRACE);
    expect(await readCommitted(clusterAddress().brokers, `${name}.copies`)).toHaveLength(EVENTS.length + 1);
    expect(await results()).toHaveLength(first.length);

    // The same windows with another field: the ids are the same, and the results of the new generation replace the old ones.
    await counting({ compute: 'n: count(), more: count_if(true)' });
    expect((await once()).code).toBe(3);
    const reset = await millrace('reset', '--to', 'beginning', '--task', 'count');
    expect(reset).toMatchObject({ code: 0 });
    expect(reset.stdout).toContain('count: its state is forgotten; its results begin a new generation');
    expect(await once()).toMatchObject({ code: 0 });
    const all = await results();
    expect(standing(all)).toEqual(['a 0 2', 'a 10 1', 'a 30 2', 'b 0 1', 'b 30 1']);
    const ids = new Set(first.map((record) => header(record, 'millrace.id')));
    const second = all.filter((record) => Number(header(record, 'millrace.version')) >= 2 ** 32);
    expect(second).toHaveLength(5);
    expect(second.every((record) => ids.has(header(record, 'millrace.id')))).toBe(true);
  });

  it('is refused where the input has got more partitions, until it is reset', async () => {
    await writeRecords(`${name}.events`, EVENTS);
    await counting();
    expect(await once()).toMatchObject({ code: 0 });
    await addPartitions(`${name}.events`, PARTITIONS + 1);
    const refused = await once();
    expect(refused.code).toBe(3);
    expect(refused.stderr).toMatch(
      /starting count: its state is in 2 partitions and its input in 3; .*by `millrace reset \S+ --task count --to beginning`/,
    );
    expect(await millrace('reset', '--to', 'beginning', '--task', 'count')).toMatchObject({ code: 0 });
    await writeRecords(`${name}.events`, [{ ...event('c', 1), partition: 2 }]);
    expect(await once()).toMatchObject({ code: 0 });
    expect(standing(await results())).toEqual(['a 0 2', 'a 10 1', 'a 30 1', 'b 0 1', 'b 30 1', 'c 0 1']);
  });

  it('is not begun over inputs of different partitions', async () => {
    await createTopic(`${name}.more`, PARTITIONS + 1);
    await writeRecords(`${name}.events`, EVENTS);
    await counting({ from: `[ ${name}.events, ${name}.more ]` });
    const refused = await once();
    expect(refused.code).toBe(3);
    expect(refused.stderr).toMatch(
      new RegExp(`starting count: its topics ${name}\\.events, ${name}\\.more have 2, 3 partitions; .* needs equal counts`),
    );
  });
});

describeOnCluster('bad input of a stream with state', () => {
  beforeEach(setUp);
  afterEach(tearDown);

  const YEAR = 525_600;
  const GROUPS = 5;

  it('goes to the dead letters with its reason and disturbs nothing else; what is replayed is counted in its partition', async () => {
    const port = await freePorts(2);
    const bad: WrittenRecord[] = [
      { ...event('a', 3), value: '{"@timestamp":"yesterday"}' },
      event('a', YEAR),
      { ...event('b', 3), key: 'b'.repeat(1_000_000) },
    ];
    const many = Array.from({ length: 100 }, (_, i) => event(`a${i}`, 4, { amount: 1 }));
    const good = ['a', 'b'].flatMap((key) => [event(key, 1, { amount: 2 }), event(key, 2, { amount: 'two' })]);
    await writeRecords(`${name}.events`, [...good, ...bad, ...many, ...good]);
    const compute = 'n: count(), total: sum(amount)';
    await counting({ options: `tumbling: 10m, max_groups: ${GROUPS}`, compute });
    const running = bench.run(['pipeline.yaml', ...settings(['admin.enabled=true', `admin.port=${port}`])]);
    const letters = (): Promise<number> => metric(port, 'millrace_dead_letters_total', 'component="count"').catch(() => 0);
    const rejected = 100 - (GROUPS - 1);
    await eventually(async () => (await letters()) === bad.length + rejected, { what: 'all dead letters', timeout: 60_000 });
    await eventually(async () => (await metric(port, 'millrace_records_in_total', 'component="count"')) >= 111, {
      what: 'all',
      timeout: 60_000,
    });
    expect(await metric(port, 'millrace_window_outcomes_total', 'outcome="assigned"')).toBe(8 + GROUPS - 1);
    expect((await running.stop()).code).toBe(0);
    expect(running.stderr).toMatch(/sum\(amount\)/);
    expect(await codes()).toEqual({
      RECORD_NO_TIME: 1,
      RECORD_TIME_AHEAD: 1,
      WINDOW_GROUP_TOO_LONG: 1,
      WINDOW_TOO_MANY_GROUPS: rejected,
    });

    await counting({ options: 'tumbling: 10m', compute });
    const replayed = await millrace('dlq', 'replay', '--code', 'WINDOW_TOO_MANY_GROUPS');
    expect(replayed.stdout).toContain(`${rejected} dead letters handed back to count`);
    expect(await once()).toMatchObject({ code: 0 });
    const all = await results();
    expect(standing(all)).toEqual(['a 0 4', 'b 0 4', ...many.map(({ key }) => `${String(key)} 0 1`)].sort());
    const totals = all.map(({ value }) => JSON.parse(String(value)) as { key: string; total: number });
    expect(totals.filter(({ key }) => key === 'a' || key === 'b').every(({ total }) => total === 4)).toBe(true);
  });

  async function codes(): Promise<Record<string, number>> {
    const counts: Record<string, number> = {};
    for (const letter of await readCommitted(clusterAddress().brokers, `${name}.counts.dead`)) {
      const code = header(letter, 'millrace.dead.code');
      counts[code] = (counts[code] ?? 0) + 1;
    }
    return counts;
  }
});
