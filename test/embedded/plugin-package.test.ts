import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, expect, it } from 'vitest';
import { killAllProcesses, startMillrace } from '../support/processes.ts';
import { Workbench } from '../support/workbench.ts';

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const PLUGIN = join(ROOT, 'test', 'support', 'plugin-package');

afterEach(killAllProcesses);

/** Packs a package as it would be published, without running its scripts: what is built is packed as it is. */
async function pack(directory: string, to: string): Promise<{ tarball: string; files: readonly string[] }> {
  const { stdout } = await run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', to], { cwd: directory });
  const [packed] = JSON.parse(stdout) as [{ filename: string; files: readonly { path: string }[] }];
  return { tarball: join(to, packed.filename), files: packed.files.map(({ path }) => path) };
}

/** Installs a tarball as npm does: unpacked under its name. */
async function install(tarball: string, into: string): Promise<void> {
  await mkdir(into, { recursive: true });
  await run('tar', ['xzf', tarball, '--strip-components=1', '-C', into]);
}

/**
 * Shown: the tarballs are whole, what they export is found by its names, and a plugin that lies beside Millrace shares its SDK and its
 * zod. Not shown: that npm gets and compiles the packages of others; those are linked from here, but for zod and rxjs, which are nowhere
 * to be found from the plugin.
 */
it('a plugin package runs and passes its tests with the packed Millrace, in a directory with nothing else', async () => {
  const bench = await Workbench.create([]);
  const modules = bench.path('node_modules');
  await mkdir(modules);
  const [millrace, plugin] = await Promise.all([pack(ROOT, bench.directory), pack(PLUGIN, bench.directory)]);
  expect(millrace.files.filter((path) => /\.test\.[jt]s|^test\/|\/build\/|tsbuildinfo/.test(path))).toEqual([]);
  for (const path of [
    'src/cli/bin.cjs',
    'src/plugins/module-hooks.mjs',
    'dist/src/cli/main.js',
    'dist/src/published-sdk.d.ts',
    'config/default.yaml',
  ])
    expect(millrace.files).toContain(path);
  const home = join(modules, 'millrace');
  await Promise.all([install(millrace.tarball, home), install(plugin.tarball, join(modules, 'millrace-plugin-example'))]);
  await linkAll(join(ROOT, 'node_modules'), join(home, 'node_modules'));
  await writeFile(bench.path('package.json'), '{ "type": "module" }\n');
  const pipelines = join('node_modules', 'millrace-plugin-example', 'pipelines');
  const program = join(home, 'src', 'cli', 'bin.cjs');
  const start = async (...args: string[]) => {
    const started = startMillrace(args, { cwd: bench.directory, program });
    const { code } = await started.ended;
    return { code, stdout: started.stdout, stderr: started.stderr };
  };
  const tested = await start('test', pipelines);
  expect([tested.stderr, tested.code, tested.stdout]).toEqual(['', 0, expect.stringContaining('1 passed')]);
  await writeFile(bench.path('orders.log'), 'b-1 5\nb-2 500\n');
  await writeFile(bench.path('orders.yaml'), await readFile(bench.path(join(pipelines, 'orders.yaml'))));
  const settings = ['admin.enabled=false', 'log.format=text', `data_directory=${bench.path('data')}`];
  const ran = await start('run', 'orders.yaml', '--once', '--profile', 'embedded', ...settings.flatMap((each) => ['-s', each]));
  expect(ran.code, ran.stderr).toBe(0);
  const out = (await readFile(bench.path('sized.ndjson'), 'utf8')).trimEnd().split('\n');
  expect(out.map((line) => (JSON.parse(line) as { size: string }).size).toSorted()).toEqual(['large', 'small']);
  await bench.dispose();
}, 120_000);

/** Links all packages of a folder, those of scopes one by one. */
async function linkAll(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true });
  for (const name of await readdir(from)) {
    if (name.startsWith('.') || name === 'millrace') continue;
    if (name.startsWith('@')) await linkAll(join(from, name), join(to, name));
    else await symlink(join(from, name), join(to, name));
  }
}
