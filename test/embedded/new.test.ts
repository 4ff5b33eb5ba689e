import { readdir, readFile } from 'node:fs/promises';
import { afterEach, expect, it } from 'vitest';
import { killAllProcesses, startMillrace } from '../support/processes.ts';
import { Workbench } from '../support/workbench.ts';

const KINDS = ['pipeline', 'processor', 'function', 'parser', 'source', 'sink'];

afterEach(killAllProcesses);

it('writes examples of everything whose tests pass, and nothing over what is there', async () => {
  const bench = await Workbench.create([]);
  const millrace = async (...args: string[]) => {
    const run = startMillrace(args, { cwd: bench.directory });
    const { code } = await run.ended;
    return { code, stdout: run.stdout, stderr: run.stderr };
  };
  const made = await Promise.all(KINDS.map((kind) => millrace('new', kind, `my-${kind}`, '--directory', 'made')));
  for (const [i, { code, stdout, stderr }] of made.entries()) {
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain(`try it: npx millrace test made/my-${KINDS[i]}.test.yaml`);
  }
  const tested = await millrace('test', 'made');
  expect([tested.code, tested.stderr, tested.stdout]).toEqual([0, '', expect.stringContaining('6 passed')]);
  const files = (await readdir(bench.path('made'))).filter((name) => /^my-[a-z]+\.yaml$/.test(name));
  const valid = await millrace('validate', ...files.map((name) => `made/${name}`));
  expect([valid.code, valid.stderr]).toEqual([0, '']);
  const before = await readFile(bench.path('made/my-sink.ts'), 'utf8');
  const again = await millrace('new', 'sink', 'my-sink', '--directory', 'made');
  expect([again.code, again.stderr]).toEqual([
    2,
    expect.stringContaining('made/my-sink.ts, made/my-sink.yaml, made/my-sink.test.yaml is there already'),
  ]);
  expect(await readFile(bench.path('made/my-sink.ts'), 'utf8')).toBe(before);
  expect((await millrace('new', 'sink', 'My Sink')).code).toBe(2);
  expect((await millrace('new', 'window', 'mine')).stderr).toContain('window: it can be pipeline, processor');
  const taken = await Promise.all([
    millrace('new', 'processor', 'filter'),
    millrace('new', 'function', 'to-number'),
    millrace('new', 'parser', 'json'),
    millrace('new', 'sink', 'class'),
  ]);
  expect(taken.map(({ code }) => code)).toEqual([2, 0, 2, 2]);
  expect(taken[0]?.stderr).toBe(
    'millrace: the step filter cannot be written: there is a built-in one of that name; choose another name\n',
  );
  expect(taken[3]?.stderr).toContain('the sink class cannot be written: that is a word of JavaScript');
  await bench.dispose();
}, 120_000);
