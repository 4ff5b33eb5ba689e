import { appendFile, readFile } from 'node:fs/promises';
import { afterEach, expect, it, onTestFailed } from 'vitest';
import type { JsonObject } from '../../src/record/json.ts';
import { FULL } from '../fault/full.ts';
import { killAllProcesses, showOutput, startMillrace } from '../support/processes.ts';
import { eventually } from '../support/wait.ts';
import { Workbench } from '../support/workbench.ts';

const SWAPS = FULL ? 10 : 2;

afterEach(killAllProcesses);

const plugin = (edition: number): string => `import { defineFunction, defineProcessor } from 'millrace/sdk';
import { z } from 'zod';

const edition: number = ${edition};

export const mark = defineProcessor({
  kind: 'mark',
  summary: 'Tells which edition of it has seen a record.',
  options: z.strictObject({}),
  each: (record) => record.with({ value: { ...record.value, edition } }),
});

// With a function every task may run code of the plugin: the source is swapped too.
export const same = defineFunction({ name: 'same', summary: 'What it is given.', parameters: [{ name: 'n', type: 'number' }], returns: 'number', call: (n) => n });
`;

const pipeline = (edition: number): string => `pipeline: watched
plugins: [ ./mark.ts ]
topics: { lines: {}, marked: {} }
sources: { log: { file: in.log, to: lines, steps: [ { parse: json }, { map: n = same(n) } ] } }
streams: { mark: { from: lines, to: marked, steps: [ { mark: {} }, { set: { file: ${edition} } } ] } }
sinks: { archive: { from: marked, ndjson: { path: out.ndjson } } }
`;

it(`swaps edited plugins and pipelines ${SWAPS} times while records flow: none is lost, none comes twice`, async () => {
  const bench = await Workbench.create([]);
  await bench.write('in.log', '');
  await bench.write('mark.ts', plugin(0));
  const file = await bench.write('p.yaml', pipeline(0));
  const settings = ['admin.enabled=false', 'log.format=text', `data_directory=${bench.path('data')}`];
  const args = ['run', file, '--watch', '--profile', 'embedded', ...settings.flatMap((each) => ['-s', each])];
  const millrace = startMillrace(args, { cwd: bench.directory });
  onTestFailed(() => showOutput([millrace]));
  let written = 0;
  const write = async (count: number): Promise<void> => {
    const lines = Array.from({ length: count }, (_, i) => `${JSON.stringify({ n: written + i })}\n`);
    await appendFile(bench.path('in.log'), lines.join(''));
    written += count;
  };
  const out = async (): Promise<JsonObject[]> => {
    const text = await readFile(bench.path('out.ndjson'), 'utf8').catch(() => '');
    return text
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as JsonObject);
  };
  const seen = (name: string, edition: number) =>
    eventually(async () => (await out()).some((value) => value[name] === edition), {
      what: `${name} ${edition}`,
      timeout: 60_000,
    });
  await write(100);
  await seen('edition', 0);
  for (let edition = 1; edition <= SWAPS; edition += 1) {
    await write(100);
    if (edition === 1) {
      await bench.write('mark.ts', 'export const mark: = 1;\n');
      await eventually(() => millrace.stderr.includes('what ran before keeps running'), { what: 'the refusal', timeout: 30_000 });
      expect(millrace.stderr).toMatch(
        /p\.yaml:2:12: error PLUGIN_NOT_LOADED: loading the plugin "\.\/mark\.ts": .*mark\.ts:1:20: /,
      );
    }
    const editsPlugin = edition % 2 === 1;
    await (editsPlugin ? bench.write('mark.ts', plugin(edition)) : bench.write('p.yaml', pipeline(edition)));
    await write(100);
    const isSwapped = () => millrace.stderr.split(/swapped: .*watched\/mark.* new or changed/).length > edition;
    await eventually(isSwapped, { what: `swap ${edition}`, timeout: 60_000 });
    await write(1);
    await seen(editsPlugin ? 'edition' : 'file', edition);
  }
  await eventually(async () => (await out()).length >= written, { what: 'all records', timeout: 60_000 });
  expect((await millrace.stop(30_000)).code).toBe(0);
  const numbers = (await out()).map(({ n }) => n as number).toSorted((a, b) => a - b);
  expect(numbers).toEqual(Array.from({ length: written }, (_, n) => n));
  await bench.dispose();
}, 240_000);
