import { appendFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, it, onTestFailed } from 'vitest';
import type { JsonObject } from '../../src/record/json.ts';
import { clusterAddress, describeOnCluster, uniqueName } from '../support/cluster.ts';
import { CommitWatch, streamTopic } from '../support/foreign-reader.ts';
import { killAllProcesses, type MillraceProcess, showOutput, startMillrace } from '../support/processes.ts';
import { eventually, pause } from '../support/wait.ts';
import { Workbench } from '../support/workbench.ts';
import { FULL } from './full.ts';
import { seeded } from './random.ts';

const PROGRAM = fileURLToPath(new URL('processor-run.mjs', import.meta.url));
const SEED = Number(process.env['MILLRACE_FAULT_SEED'] ?? 20_150_517);
const RECORDS = FULL ? 400_000 : 40_000;
const KEYS = 97;
const KILLS = FULL ? 10 : 4;
const INSTANCES = 2;
const LATEST_KILL_MS = 800;
/**
 * `hold` of the processor that gathers, and how long the commit of what is older may take on a loaded machine. While a group waits for the
 * session of a member that was killed, brokers take no commits of the others.
 */
const HOLD_MS = 2_000;
const COMMIT_MS = 3_000;
const SESSION_MS = 6_000;
/** What continuous processors gather records by. */
const GATHERERS = ['bufferTime', 'windowTime'] as const;

const pipeline = (name: string): string => `pipeline: numbers
topics:
  ${name}.lines: { partitions: 2 }
  ${name}.raw: { partitions: 4 }
  ${name}.numbered: { partitions: 4 }
  ${name}.passed: { partitions: 4 }
${GATHERERS.map((by) => `  ${name}.${by}: { partitions: 4 }`).join('\n')}
sources:
  log:
    file: { include: [ "in.log" ] }
    to: ${name}.lines
streams:
  key:
    from: ${name}.lines
    steps: [ { parse: json }, { key-by: {} } ]
    to: ${name}.raw
  number:
    from: ${name}.raw
    steps:
      - filter: "n >= 0"
      - number-each: { waits: true }
      - set: { seen: true }
    to: ${name}.numbered
  pass:
    from: ${name}.raw
    delivery: at_least_once
    steps: [ { pass: {} } ]
    to: ${name}.passed
${GATHERERS.map(
  (by) => `  ${by.toLowerCase()}:
    from: ${name}.raw
    delivery: at_least_once
    steps: [ { gather: ${by} } ]
    to: ${name}.${by}`,
).join('\n')}
`;

const lines = (from: number, count: number): string =>
  Array.from({ length: count }, (_, i) => {
    const n = from + i;
    return `${JSON.stringify({ n, key: `k${n % KEYS}`, '@timestamp': new Date(1_700_000_000_000 + n * 10).toISOString() })}\n`;
  }).join('');

/** The numbers that each key got, in the order of the topic, and its timers. */
async function numbersIn(topic: string): Promise<{ numbers: Map<string, number[]>; timers: Map<string, string[]> }> {
  const numbers = new Map<string, number[]>();
  const timers = new Map<string, string[]>();
  for await (const { key, value } of streamTopic(clusterAddress().brokers, topic)) {
    const record = JSON.parse(String(value)) as JsonObject;
    expect(record['seen']).toBe(true);
    const name = String(key);
    if (record['timer'] === undefined) numbers.set(name, [...(numbers.get(name) ?? []), record['number'] as number]);
    else timers.set(name, [...(timers.get(name) ?? []), record['timer'] as string]);
  }
  return { numbers, timers };
}

/** When each record came to the processor that gathers them, as often as it was gathered. */
async function gatheredIn(topic: string): Promise<Map<number, number[]>> {
  const seen = new Map<number, number[]>();
  for await (const { value } of streamTopic(clusterAddress().brokers, topic)) {
    const { all } = JSON.parse(String(value)) as { all: [number, number][] };
    for (const [n, at] of all) seen.set(n, [...(seen.get(n) ?? []), at]);
  }
  return seen;
}

describeOnCluster(`a processor with state over ${RECORDS.toLocaleString('en')} records, two processes`, () => {
  afterEach(killAllProcesses);

  it(
    `numbers every record once over ${KILLS} kills; continuous ones lose none, and double only what came within hold (seed ${SEED})`,
    async () => {
      const random = seeded(SEED);
      const name = uniqueName('processor');
      const bench = await Workbench.create([]);
      await bench.write('in.log', '');
      const file = await bench.write('numbers.yaml', pipeline(name));
      const settings = [
        `kafka.brokers=${clusterAddress().brokers}`,
        `kafka.session_timeout=${SESSION_MS / 1000}s`,
        `namespace=${name}`,
        'host=numbers',
        'admin.enabled=false',
        'log.format=text',
        `data_directory=${bench.path('data')}`,
      ];
      const start = (): MillraceProcess =>
        startMillrace([file, ...settings.flatMap((setting) => ['-s', setting])], { program: PROGRAM, cwd: bench.directory });
      const groups = ['number', 'pass', ...GATHERERS].map((stream) => `${name}.numbers.${stream.toLowerCase()}`);
      const kills: number[] = [];
      const watch = await CommitWatch.start(clusterAddress().brokers, groups);
      const instances = Array.from({ length: INSTANCES }, start);
      onTestFailed(() => showOutput(instances));
      const part = Math.floor(RECORDS / (KILLS + 1));
      let written = 0;
      const write = async (count: number): Promise<void> => {
        await appendFile(bench.path('in.log'), lines(written, count));
        written += count;
      };
      try {
        for (let kill = 0; kill < KILLS; kill += 1) {
          const since = groups.map((group) => watch.sum(group));
          await write(part);
          await eventually(() => groups.every((group, i) => watch.sum(group) > (since[i] as number)), {
            what: `commits before kill ${kill + 1}`,
            timeout: 90_000,
          });
          await pause(random() * LATEST_KILL_MS);
          const victim = Math.floor(random() * INSTANCES);
          expect((await (instances[victim] as MillraceProcess).kill()).signal).toBe('SIGKILL');
          kills.push(Date.now());
          instances[victim] = start();
        }
        await write(RECORDS - written);
        await eventually(() => groups.every((group) => watch.sum(group) >= RECORDS), {
          what: 'all to be read',
          timeout: 180_000,
        });
        const ends = await Promise.all(instances.map((instance) => instance.stop(60_000)));
        expect(ends.map(({ code }) => code)).toEqual(instances.map(() => 0));
      } finally {
        watch.stop();
      }
      const { numbers, timers } = await numbersIn(`${name}.numbered`);
      expect(numbers.size).toBe(KEYS);
      for (let k = 0; k < KEYS; k += 1) {
        const of = Math.floor((RECORDS - 1 - k) / KEYS) + 1;
        expect(numbers.get(`k${k}`), `k${k}`).toEqual(Array.from({ length: of }, (_, i) => i + 1));
        const hundreds = Math.floor(of / 100);
        // The last may be waiting for event time to go on.
        const fired = timers.get(`k${k}`) ?? [];
        const all = Array.from({ length: hundreds }, (_, i) => `at ${(i + 1) * 100}`);
        expect(all.slice(0, fired.length), `timers of k${k}`).toEqual(fired);
        expect(fired.length).toBeGreaterThanOrEqual(hundreds - 1);
      }
      const passed = new Set<number>();
      for await (const { value } of streamTopic(clusterAddress().brokers, `${name}.passed`))
        passed.add((JSON.parse(String(value)) as { n: number }).n);
      expect(passed.size).toBe(RECORDS);
      for (const by of GATHERERS) {
        const gathered = await gatheredIn(`${name}.${by}`);
        expect(gathered.size, by).toBe(RECORDS);
        const twice = [...gathered.values()].filter((times) => times.length > 1);
        // What was committed is not read again: only what had come since, which is what `hold` is about, comes twice.
        for (const times of twice) {
          const [first] = times.toSorted((a, b) => a - b) as [number];
          expect(
            kills.some((kill) => first <= kill && kill - first <= HOLD_MS + SESSION_MS + COMMIT_MS),
            by,
          ).toBe(true);
        }
      }
      await bench.dispose();
    },
    FULL ? 900_000 : 300_000,
  );
});
