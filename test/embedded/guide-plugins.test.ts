import { afterEach, expect, it } from 'vitest';
import { guideFiles } from '../support/guide.ts';
import { killAllProcesses, startMillrace } from '../support/processes.ts';
import { Workbench } from '../support/workbench.ts';

afterEach(killAllProcesses);

it('passes the test of the guide to plugins, with the plugin and the pipeline of the guide', async () => {
  const bench = await Workbench.create([]);
  const files = await guideFiles();
  expect(files.map(([name]) => name)).toEqual(['order-size.ts', 'orders.yaml', 'orders.test.yaml', 'orders.test.js']);
  for (const [name, text] of files) await bench.write(name, text);
  const millrace = startMillrace(['test', 'orders.test.yaml'], { cwd: bench.directory });
  const { code } = await millrace.ended;
  expect([millrace.stderr, code, millrace.stdout]).toEqual(['', 0, expect.stringContaining('1 passed')]);
  await bench.dispose();
}, 60_000);
