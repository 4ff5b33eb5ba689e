import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import * as rxjs from 'rxjs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import * as zod from 'zod';
import { registry } from '../../test/golden/registry.ts';
import { hostile } from '../../test/support/plugins/hostile.ts';
import { type Clock, systemClock } from '../sdk/clock.ts';
import { loadPlugins } from './load-plugins.ts';
import { PluginFaults } from './plugin.ts';

/** A clock on which waits are a thousand times as short. */
const fast: Clock = { ...systemClock, sleep: (ms, signal) => systemClock.sleep(ms / 1_000, signal) };

describe('loading plugins', () => {
  let directory: string;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'millrace-load-'));
  });

  afterEach(async () => {
    await rm(directory, { recursive: true });
  });

  async function write(name: string, text: string): Promise<void> {
    await mkdir(dirname(join(directory, name)), { recursive: true });
    await writeFile(join(directory, name), text);
  }

  function load(names: readonly string[], clock = systemClock) {
    const file = join(directory, 'p.yaml');
    const named = names.map((name) => ({ name, file }));
    return loadPlugins(named, { registry, faults: new PluginFaults(), clock });
  }

  it('gives up a plugin that waits for ever while it is loaded, and goes on with the next', async () => {
    await write('waits.ts', 'await new Promise(() => {});\nexport const a = 1;\n');
    const { registry: plugged, files } = await load(['./waits.ts', './gone.ts'], fast);
    expect(plugged.plugins?.problems).toMatchObject([
      {
        index: 0,
        code: 'PLUGIN_NOT_LOADED',
        parameters: { reason: 'an "await" outside of its functions has not come to an end within 30 s' },
      },
      { index: 1, code: 'PLUGIN_NOT_FOUND' },
    ]);
    // It may be mended while it is watched.
    expect(files).toContain(join(directory, 'waits.ts'));
  });

  it('says something of whatever a module throws, and goes on with the next', async () => {
    Object.assign(globalThis, { [Symbol.for('millrace.test.hostile')]: hostile });
    const names = Object.keys(hostile);
    for (const [i, name] of names.entries())
      await write(`${i}.mjs`, `throw globalThis[Symbol.for('millrace.test.hostile')][${JSON.stringify(name)}]();\n`);
    const { registry: plugged } = await load(names.map((_, i) => `./${i}.mjs`));
    const problems = plugged.plugins?.problems ?? [];
    expect(problems.map(({ code }) => code)).toEqual(names.map(() => 'PLUGIN_NOT_LOADED'));
    for (const { parameters } of problems) expect(parameters['reason']).toMatch(/^\S.{0,600}/);
  });

  it('takes what a module defines beside what it exports that cannot be looked at', async () => {
    Object.assign(globalThis, { [Symbol.for('millrace.test.hostile')]: hostile });
    await write(
      'odd.mjs',
      `import { defineFunction } from 'millrace/sdk';
export const odd = Object.values(globalThis[Symbol.for('millrace.test.hostile')]).map((make) => make());
export const [proxy, , revoked] = odd;
export default { get field() { throw revoked; } };
export const good = defineFunction({ name: 'good', summary: 'g', parameters: [], returns: 'number', call: () => 1 });\n`,
    );
    const { registry: plugged } = await load(['./odd.mjs']);
    expect(plugged.plugins?.problems).toEqual([]);
    expect(plugged.plugins?.functions.map(({ quiet }) => quiet.name)).toEqual(['good']);
  });

  describe('CommonJS modules', () => {
    const defines = (name: string, gives: string): string => `const { defineFunction } = require('millrace/sdk');
const made = defineFunction({ name: '${name}', summary: 's', parameters: [], returns: 'any', call: () => ${gives} });\n`;

    it('get the SDK, zod and rxjs of Millrace, wherever they lie', async () => {
      const seen: { sdk: unknown; zod: typeof zod; rxjs: typeof rxjs; parts: unknown[] }[] = [];
      Object.assign(globalThis, { [Symbol.for('millrace.test.seen')]: (given: (typeof seen)[0]) => seen.push(given) });
      const tell = `globalThis[Symbol.for('millrace.test.seen')]({
  sdk: require('millrace/sdk'), zod: require('zod'), rxjs: require('rxjs'),
  parts: [require('zod/v4').z.string, require('rxjs/operators').map],
});\n`;
      await write('local.cjs', `${tell}${defines('local', '1')}module.exports = { ['odd name']: made };\n`);
      await write('node_modules/packaged/package.json', '{ "name": "packaged", "main": "./lib/main.js" }');
      await write(
        'node_modules/packaged/lib/main.js',
        `require('./told.js');\n${defines('packaged', '1')}exports.made = made;\n`,
      );
      await write('node_modules/packaged/lib/told.js', tell);
      const { registry: plugged } = await load(['./local.cjs', 'packaged']);
      expect(plugged.plugins?.problems).toEqual([]);
      expect(plugged.plugins?.functions.map(({ quiet }) => quiet.name)).toEqual(['local', 'packaged']);
      const sdk = (globalThis as Record<symbol, unknown>)[Symbol.for('millrace/sdk')];
      expect(seen).toHaveLength(2);
      for (const given of seen) {
        expect(given.sdk).toBe(sdk);
        expect(given.zod.z).toBe(zod.z);
        expect(given.rxjs.Observable).toBe(rxjs.Observable);
        expect(given.parts.map((part) => typeof part)).toEqual(['function', 'function']);
      }
    });

    it('are loaded anew with the files that they require, and these are told of', async () => {
      await write('edited.cjs', `const name = require('./part.cjs');\n${defines("' + name + '", '1')}exports.made = made;\n`);
      await write('part.cjs', "module.exports = 'alpha';\n");
      const nameIn = async () => {
        const { registry: plugged, files } = await load(['./edited.cjs']);
        expect(files.toSorted()).toEqual([join(directory, 'edited.cjs'), join(directory, 'part.cjs')]);
        return plugged.plugins?.functions.map(({ quiet }) => quiet.name);
      };
      expect(await nameIn()).toEqual(['alpha']);
      await write('part.cjs', "module.exports = 'beta';\n");
      expect(await nameIn()).toEqual(['beta']);
    });

    it('are told of with their places, where they throw', async () => {
      await write('throws.cjs', "require('./deep.cjs');\n");
      await write('deep.cjs', "\nthrow new Error('no such thing');\n");
      const { registry: plugged } = await load(['./throws.cjs']);
      expect(plugged.plugins?.problems).toMatchObject([
        {
          code: 'PLUGIN_NOT_LOADED',
          parameters: { reason: expect.stringMatching(/^no such thing, at .*deep\.cjs:2:7\)/) as string },
        },
      ]);
    });
  });
});
