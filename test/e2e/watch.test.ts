import { appendFile } from 'node:fs/promises';
import { afterEach, expect, it, onTestFailed } from 'vitest';
import type { JsonObject } from '../../src/record/json.ts';
import { clusterAddress, describeOnCluster, uniqueName } from '../support/cluster.ts';
import { readCommitted } from '../support/foreign-reader.ts';
import { killAllProcesses, showOutput } from '../support/processes.ts';
import { deleteTopicsOf } from '../support/shipment.ts';
import { eventually, pause } from '../support/wait.ts';
import { Workbench } from '../support/workbench.ts';

const KEYS = 16;
const WRITE = 40;
const WRITE_EVERY_MS = 50;
/** Event time from one record to the next. */
const STEP_MS = 10;
const START = Date.UTC(2026, 0, 1);

const plugin = (edition: number): string => `import { defineProcessor } from 'millrace/sdk';
import { z } from 'zod';

export const mark = defineProcessor({
  kind: 'mark',
  summary: 'Tells which edition of it has seen a record.',
  options: z.strictObject({}),
  each: (record) => record.with({ value: { ...record.value, edition: ${edition} } }),
});
`;

const ADDED = '  added: { from: $.marked, to: $.added, steps: [ { filter: "n % 2 === 0" } ] }';

/** `file`: the edition of the pipeline file, seen in its records. */
const pipeline = (name: string, file: number, added: string): string =>
  `pipeline: watched
plugins: [ ./mark.ts ]
topics: { $.lines: { partitions: 4 }, $.marked: { partitions: 4 }, $.counts: {}, $.added: {} }
sources: { log: { file: { include: [ in.log ], poll_interval: 50ms }, partition_by: "{{ k }}", to: $.lines, steps: [ { parse: json } ] } }
streams:
  mark: { from: $.lines, to: $.marked, steps: [ { mark: {} }, { set: { file: ${file} } } ] }
  count:
    from: $.marked
    steps: [ { window: { tumbling: 1s, by: [ k ], compute: { n: count(), sum: sum(n) } } } ]
    to: $.counts
${added}
`.replaceAll('$', name);

describeOnCluster('run --watch', () => {
  afterEach(killAllProcesses);

  it.each([1, 2])(
    'swaps what is edited while records flow, exactly once, in %i process(es)',
    async (instances) => {
      const name = uniqueName('watch');
      const { brokers } = clusterAddress();
      const bench = await Workbench.create([`kafka.brokers=${brokers}`, `namespace=${name}`, 'host=here']);
      await bench.write('in.log', '');
      await bench.write('mark.ts', plugin(0));
      const file = await bench.write('p.yaml', pipeline(name, 0, ADDED));
      const run = bench.run([file, '--watch', ...(instances > 1 ? ['--instances', String(instances)] : [])]);
      onTestFailed(() => showOutput([run]));
      const values = async (topic: string): Promise<(JsonObject & { partition: number })[]> =>
        (await readCommitted(brokers, `${name}.${topic}`)).map(({ value, partition }) => ({
          ...(JSON.parse(String(value)) as JsonObject),
          partition,
        }));

      let written = 0;
      const write = async (count: number, at = written): Promise<void> => {
        const lines = Array.from({ length: count }, (_, i) => ({
          n: written + i,
          k: `k${(written + i) % KEYS}`,
          '@timestamp': new Date(START + (at + i) * STEP_MS).toISOString(),
        }));
        await appendFile(bench.path('in.log'), lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
        written += count;
      };
      const stop = new AbortController();
      const writing = (async () => {
        while (!stop.signal.aborted) {
          await write(WRITE);
          await pause(WRITE_EVERY_MS);
        }
      })();
      const seen = (what: string, pattern: RegExp, times: number) =>
        eventually(() => (run.stderr.match(pattern) ?? []).length >= times, { what, timeout: 60_000 });
      const versionOf = ({ edition, file: of }: JsonObject): string => `${edition} ${of}`;
      /** Waits until all processes have swapped, and a record has been processed by the new version. */
      const swapped = async (swaps: number, version: string): Promise<void> => {
        await seen(`swap ${swaps}`, /swapped: /g, swaps * instances);
        const isSeen = async () => (await values('marked')).some((each) => versionOf(each) === version);
        await eventually(isSeen, { what: `records of version ${version}`, timeout: 60_000, interval: 1_000 });
      };

      await eventually(async () => (await values('counts')).length > 0, { what: 'windows', timeout: 60_000, interval: 2_000 });
      await bench.write('mark.ts', plugin(1));
      await swapped(1, '1 0');
      await bench.write('p.yaml', pipeline(name, 1, ADDED));
      await swapped(2, '1 1');
      await bench.write('p.yaml', pipeline(name, 2, ADDED).replace('tumbling', 'tumblig'));
      await seen('the refusal', /what ran before keeps running/g, instances);
      await bench.write('p.yaml', pipeline(name, 2, ''));
      await swapped(3, '1 2');
      await bench.write('p.yaml', pipeline(name, 3, ADDED));
      await swapped(4, '1 3');
      stop.abort();
      await writing;
      const counted = written;
      // A day later, so that the windows of all before are closed; each key, so that every partition knows.
      await write(KEYS, written + 8_640_000);
      const all = Array.from({ length: written }, (_, n) => n);
      const numbers = (records: readonly JsonObject[]) => records.map(({ n }) => n as number).toSorted((a, b) => a - b);
      const total = (records: readonly JsonObject[]) => records.reduce((sum, { n }) => sum + (n as number), 0);
      await eventually(async () => total(await values('counts')) >= counted && (await values('added')).length >= written / 2, {
        what: 'all results',
        timeout: 60_000,
        interval: 2_000,
      });
      expect((await run.stop()).code).toBe(0);

      const marked = await values('marked');
      expect(numbers(marked)).toEqual(all);
      expect(new Set(marked.map(versionOf))).toEqual(new Set(['0 0', '1 0', '1 1', '1 2', '1 3']));
      expect(numbers(await values('added'))).toEqual(all.filter((n) => n % 2 === 0));
      const counts = await values('counts');
      const windows = counts.map(({ k, window }) => `${k} ${(window as JsonObject)['start']}`);
      expect(new Set(windows).size).toBe(windows.length);
      expect([total(counts), counts.reduce((sum, each) => sum + (each['sum'] as number), 0)]).toEqual([
        counted,
        (counted * (counted - 1)) / 2,
      ]);
      process.stdout.write(`${name}: ${written} records over 4 swaps in ${instances} process(es): each once\n`);
      await deleteTopicsOf(`${name}.`);
      await bench.dispose();
    },
    180_000,
  );
});
