import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, it } from 'vitest';
import { killAllProcesses, startMillrace } from '../support/processes.ts';
import { Workbench } from '../support/workbench.ts';

const GUIDE = fileURLToPath(new URL('../../docs/guide/plugins.md', import.meta.url));

afterEach(killAllProcesses);

it('passes the test of the guide to plugins, with the plugin and the pipeline of the guide', async () => {
  const bench = await Workbench.create([]);
  const guide = await readFile(GUIDE, 'utf8');
  const files = [...guide.matchAll(/```(?:ts|yaml)\n(?:\/\/|#) (\S+)\n(.*?)```/gs)];
  expect(files.map(([, name]) => name)).toEqual(['order-size.ts', 'orders.yaml', 'orders.test.yaml']);
  for (const [, name, text] of files) await bench.write(name as string, text as string);
  const millrace = startMillrace(['test', 'orders.test.yaml'], { cwd: bench.directory });
  const { code } = await millrace.ended;
  expect([millrace.stderr, code, millrace.stdout]).toEqual(['', 0, expect.stringContaining('1 passed')]);
  await bench.dispose();
}, 60_000);
