import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, it } from 'vitest';
import type { JsonObject } from '../../src/record/json.ts';
import { killAllProcesses, startMillrace } from '../support/processes.ts';
import { Workbench } from '../support/workbench.ts';

const PROGRAM = fileURLToPath(new URL('../fault/processor-run.mjs', import.meta.url));
const RECORDS = 3_000;

afterEach(killAllProcesses);

it('runs processors of both kinds on the embedded broker, to the end of their input', async () => {
  const bench = await Workbench.create([]);
  const lines = Array.from({ length: RECORDS }, (_, n) => JSON.stringify({ n, key: `k${n % 7}` }));
  await bench.write('in.log', `${lines.join('\n')}\n`);
  const file = await bench.write(
    'p.yaml',
    `pipeline: numbers
topics: { lines: {}, raw: {}, numbered: {}, passed: {} }
sources:
  log: { file: "in.log", to: lines }
streams:
  key: { from: lines, to: raw, steps: [ { parse: json }, { key-by: {} } ] }
  number: { from: raw, to: numbered, steps: [ { number-each: { waits: false } } ] }
  pass: { from: numbered, to: passed, delivery: at_least_once, steps: [ { pass: {} } ] }
sinks:
  archive: { from: passed, ndjson: { path: "out.ndjson" } }
`,
  );
  const settings = ['admin.enabled=false', `data_directory=${bench.path('data')}`].flatMap((setting) => ['-s', setting]);
  const millrace = startMillrace([file, '--once', '--profile', 'embedded', ...settings], {
    program: PROGRAM,
    cwd: bench.directory,
  });
  expect((await millrace.ended).code, millrace.stderr).toBe(0);
  const out = (await readFile(bench.path('out.ndjson'), 'utf8'))
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as JsonObject);
  const numbered = out.filter(({ timer }) => timer === undefined);
  expect(new Set(numbered.map(({ n, number }) => `${n} ${number}`))).toEqual(
    new Set(lines.map((_, n) => `${n} ${Math.floor(n / 7) + 1}`)),
  );
  await bench.dispose();
}, 90_000);
