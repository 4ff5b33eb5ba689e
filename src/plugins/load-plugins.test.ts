import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { registry } from '../../test/golden/registry.ts';
import { type Clock, systemClock } from '../sdk/clock.ts';
import { loadPlugins } from './load-plugins.ts';
import { PluginFaults } from './plugin.ts';

/** A clock on which waits are a thousand times as short. */
const fast: Clock = { ...systemClock, sleep: (ms, signal) => systemClock.sleep(ms / 1_000, signal) };

it('gives up a plugin that waits for ever while it is loaded, and goes on with the next', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'millrace-load-'));
  await writeFile(join(directory, 'waits.ts'), 'await new Promise(() => {});\nexport const a = 1;\n');
  const file = join(directory, 'p.yaml');
  const named = ['./waits.ts', './gone.ts'].map((name) => ({ name, file }));
  const { registry: plugged, files } = await loadPlugins(named, { registry, faults: new PluginFaults(), clock: fast });
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
  await rm(directory, { recursive: true });
});
