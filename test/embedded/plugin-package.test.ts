import { cp, mkdir, readFile, rename } from 'node:fs/promises';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { guideCommands, guideFiles } from '../support/guide.ts';
import { command, install, pack, unreachable } from '../support/npm.ts';
import { Workbench } from '../support/workbench.ts';

const path = (name: string): string => fileURLToPath(new URL(`../../${name}`, import.meta.url));
const PLUGIN = path('test/support/plugin-package');
const INSTALLED = 'node_modules/millrace-plugin-example';
const KINDS = ['pipeline', 'processor', 'function', 'parser', 'source', 'sink'];
/** Two packages are compiled, one of them with librdkafka: about two minutes on two cores that have more to do. */
const INSTALL_MS = 560_000;
const COMMAND_MS = 120_000;

/** Nothing here is linked or unpacked by hand: what is tried is what somebody gets who installs the packages. */
describe('the packed Millrace and packages of plugins, installed by npm into an empty directory', { timeout: COMMAND_MS }, () => {
  let bench: Workbench;
  let packed: readonly string[] = [];
  let said = '';
  let missing: string | undefined;

  const millrace = (...args: string[]) => command('npx', ['--no', '--', 'millrace', ...args], bench.directory);

  beforeAll(async () => {
    bench = await Workbench.create([]);
    const folders = [path('.'), PLUGIN, path('test/support/plugin-commonjs')];
    const tarballs = await Promise.all(folders.map((folder) => pack(folder, bench.directory)));
    packed = tarballs[0]?.files ?? [];
    const installed = await install(
      tarballs.map(({ tarball }) => `./${tarball}`),
      bench.directory,
    );
    missing = unreachable(installed);
    if (missing === undefined) expect([installed.code, installed.stderr]).toEqual([0, expect.anything()]);
    said = installed.stdout + installed.stderr;
  }, INSTALL_MS);

  afterAll(() => bench.dispose());

  beforeEach(({ skip }) => {
    if (missing === undefined) return;
    if (process.env['CI'] === 'true') throw new Error(`${missing}; without it nothing of this can be shown`);
    skip(`${missing}: that packages can be installed and used is not shown`);
  });

  it('have all that they need in them, and nothing that is for their authors alone', () => {
    expect(packed.filter((file) => /\.test\.[jt]s|^test\/|\/build\/|tsbuildinfo/.test(file))).toEqual([]);
    for (const file of ['src/cli/bin.cjs', 'src/plugins/module-hooks.mjs', 'dist/src/published-sdk.d.ts', 'config/default.yaml'])
      expect(packed).toContain(file);
  });

  it('are installed without a warning of versions, engines, peers or what nobody keeps any more', () => {
    expect(said).not.toMatch(/EBADENGINE|ERESOLVE|deprecated|peer/i);
  });

  it('have the native layer, which is compiled when the packages are installed', async () => {
    const { stdout } = await millrace('doctor', '--profile', 'embedded');
    expect(stdout).toMatch(/^ok +batches +cross natively$/m);
  });

  it('pass the tests of a plugin', async () => {
    const { code, stdout, stderr } = await millrace('test', `${INSTALLED}/pipelines`);
    expect([stderr, code, stdout]).toEqual(['', 0, expect.stringContaining('1 passed')]);
  });

  it('run a pipeline with a plugin', async () => {
    await bench.write('orders.log', 'b-1 5\nb-2 500\n');
    await bench.write('orders.yaml', await readFile(bench.path(`${INSTALLED}/pipelines/orders.yaml`)));
    const settings = ['admin.enabled=false', `data_directory=${bench.path('data')}`].flatMap((each) => ['-s', each]);
    const { code, stderr } = await millrace('run', 'orders.yaml', '--once', '--profile', 'embedded', ...settings);
    expect(code, stderr).toBe(0);
    const out = (await readFile(bench.path('sized.ndjson'), 'utf8')).trimEnd().split('\n');
    expect(out.map((line) => (JSON.parse(line) as { size: string }).size).toSorted()).toEqual(['large', 'small']);
  });

  it('let CommonJS have the SDK too, in a package and in a file', async () => {
    await bench.write(
      'double.cjs',
      `const { defineFunction } = require('millrace/sdk');
module.exports = [defineFunction({
  name: 'doubled', summary: 's', parameters: [{ name: 'n', type: 'number' }], returns: 'number', call: (n) => n * 2,
})];
`,
    );
    await bench.write(
      'common.yaml',
      `pipeline: common
plugins: [ millrace-plugin-commonjs, ./double.cjs ]
topics: { in: { external: true }, out: {} }
streams: { s: { from: in, steps: [ { map: "a = reversed(a)\\nn = doubled(n)" }, { stamp: seen } ], to: out } }
`,
    );
    await bench.write(
      'common.test.yaml',
      `tests:
  - name: both are called
    given: [ { topic: in, records: [ { value: { a: abc, n: 4 } } ] } ]
    expect: { topics: { out: [ { a: cba, n: 8, stamp: seen } ] } }
`,
    );
    const { code, stdout, stderr } = await millrace('test', 'common.test.yaml');
    expect([stderr, code, stdout]).toEqual(['', 0, expect.stringContaining('1 passed')]);
  });

  describe('with the tools of an author', () => {
    beforeAll(async () => {
      if (missing !== undefined) return;
      const { code, stderr } = await install(['--save-dev', 'vitest@4', 'typescript@7'], bench.directory);
      expect(code, stderr).toBe(0);
    }, INSTALL_MS);

    it("pass a plugin's own tests, from its folder", async () => {
      await cp(PLUGIN, bench.path(basename(PLUGIN)), { recursive: true });
      const { code, stdout, stderr } = await command('npm', ['test'], bench.path(basename(PLUGIN)));
      expect(code, stdout + stderr).toBe(0);
      expect(stdout).toMatch(/Tests .*2 passed/);
      expect(stdout).toContain('1 test in 1 file: 1 passed, 0 failed');
    });

    it('have types for what `millrace new` writes and the guide shows, as strict as they come', async () => {
      for (const [name, text] of await guideFiles()) await bench.write(`made/${name}`, text);
      const written = await Promise.all(KINDS.map((kind) => millrace('new', kind, `my-${kind}`, '--directory', 'made')));
      expect(written.map(({ code }) => code)).toEqual(KINDS.map(() => 0));
      await bench.write(
        'made/all.ts',
        `import { loadPipelineWithPlugins, PluginFaults } from 'millrace';
import { defineProcessor } from 'millrace/sdk';
import { testPipeline } from 'millrace/testing';

export const all = [loadPipelineWithPlugins, PluginFaults, defineProcessor, testPipeline];
`,
      );
      const strict = { strict: true, exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true, skipLibCheck: false };
      const compilerOptions = { ...strict, module: 'nodenext', target: 'es2023', noEmit: true };
      await bench.write('tsconfig.json', JSON.stringify({ compilerOptions, include: ['made'] }));
      const { code, stdout, stderr } = await command('npx', ['--no', '--', 'tsc', '-p', '.'], bench.directory);
      expect([stdout, stderr, code]).toEqual(['', '', 0]);
      const tested = await millrace('test', 'made');
      expect([tested.stderr, tested.code, tested.stdout]).toEqual(['', 0, expect.stringContaining('7 passed')]);
    });

    it('make a package of TypeScript of the files of the guide, by its commands', async () => {
      const folder = 'millrace-plugin-orders';
      await mkdir(bench.path(folder));
      for (const line of await guideCommands(/^npm (init|pkg)/))
        expect(await command('bash', ['-c', line], bench.path(folder))).toMatchObject({ code: 0 });
      for (const [file, text] of await guideFiles())
        await bench.write(`${folder}/${file}`, text.replace('[ ./order-size.ts ]', `[ ${folder} ]`));
      const { code, stdout, stderr } = await command('npm', ['test'], bench.path(folder));
      expect(code, stdout + stderr).toBe(0);
      const { tarball, files } = await pack(bench.path(folder), bench.directory);
      expect(files.toSorted()).toEqual(['order-size.ts', 'package.json']);
      const installed = await install([`./${tarball}`], bench.directory);
      expect(installed.code, installed.stderr).toBe(0);
      await cp(bench.path(`${folder}/orders.yaml`), bench.path('of-package.yaml'));
      expect(await millrace('validate', 'of-package.yaml')).toMatchObject({ code: 0, stderr: '' });
    });
  });

  it('say so in a sentence, where their native code has not been compiled', async () => {
    await rename(bench.path('node_modules/node-rdkafka/build'), bench.path('elsewhere'));
    const { code, stderr } = await millrace('run', 'orders.yaml', '--once', '--profile', 'embedded');
    expect([code, stderr]).toEqual([
      3,
      expect.stringMatching(/^millrace: its native code is not compiled .*`npm rebuild .*`\n$/),
    ]);
  });
});
