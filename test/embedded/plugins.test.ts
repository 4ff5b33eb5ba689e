import { readFile } from 'node:fs/promises';
import { afterEach, expect, it } from 'vitest';
import type { JsonObject } from '../../src/record/json.ts';
import { PLUGINS } from '../support/plugged.ts';
import { killAllProcesses, startMillrace } from '../support/processes.ts';
import { Workbench } from '../support/workbench.ts';

afterEach(killAllProcesses);

it('outlives what plugins throw where nobody waits for it', async () => {
  const bench = await Workbench.create([]);
  await bench.write('in.log', ['{"n":1}', '{"do":"later","n":2}', '{"n":3}'].join('\n').concat('\n'));
  const file = await bench.write(
    'p.yaml',
    `pipeline: stray
plugins: [ "${PLUGINS}trouble.ts" ]
topics: { lines: {}, once: {}, twice: {} }
sources: { log: { file: in.log, to: lines, steps: [ { parse: json } ] } }
streams:
  throws: { from: lines, to: once, steps: [ { trouble-later: { how: throws } } ] }
  rejects: { from: once, to: twice, steps: [ { trouble-later: { how: rejects } } ] }
sinks: { archive: { from: twice, ndjson: { path: out.ndjson } } }
`,
  );
  const settings = ['admin.enabled=false', 'log.format=text', `data_directory=${bench.path('data')}`];
  const millrace = startMillrace(['run', file, '--once', '--profile', 'embedded', ...settings.flatMap((each) => ['-s', each])], {
    cwd: bench.directory,
  });
  expect((await millrace.ended).code, millrace.stderr).toBe(0);
  expect(millrace.stderr).toMatch(/the plugin .*trouble.ts threw: thrown by a timer, at .*trouble.ts:\d+.*; the process goes on/);
  expect(millrace.stderr).toMatch(/the plugin .*trouble.ts left a promise alone that was rejected: rejected by nobody, at /);
  const out = (await readFile(bench.path('out.ndjson'), 'utf8')).trimEnd().split('\n');
  expect(out.map((line) => (JSON.parse(line) as JsonObject)['n']).toSorted()).toEqual([1, 2, 3]);
  await bench.dispose();
}, 90_000);
