import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadPipeline, pipelineJsonSchema, renderDiagnostic } from '../../src/config/index.ts';
import { loadPipelineWithPlugins } from '../../src/plugins/index.ts';
import { environment, expectGolden, filesIn, folder } from './golden.ts';
import { registry } from './registry.ts';

const directory = folder('plugins');
/** As it is said from where the tests run. */
const said = 'test/golden/plugins/';

describe('pipeline files with plugins that are wrong, or used wrongly', () => {
  it.each(filesIn(directory, '.yaml'))('%s has exactly these diagnostics', async (name) => {
    const { loaded } = await loadPipelineWithPlugins(join(directory, name), registry, environment);
    if (loaded.ok) throw new Error(`${name} loads without an error`);
    const text = loaded.diagnostics.map((each) => renderDiagnostic(each)).join('\n');
    expectGolden(
      join(directory, name.replace(/\.yaml$/, '.expected')),
      `${text.replaceAll(directory, '').replaceAll(said, '')}\n`,
    );
  });

  it('give editors a schema with what the plugins take', async () => {
    const file = join(directory, 'values.yaml');
    const { registry: plugged } = await loadPipelineWithPlugins(file, registry, environment);
    const text = JSON.stringify(pipelineJsonSchema(plugged));
    expect(text).toContain('"bot-score":{"description":"Scores a user agent."');
    expect(text).toContain('From which score on it is a bot.');
    expect(text).toContain('The options of a format of a plugin: `pairs`.');
    expect(text).toContain('What stands between.');
    expect(JSON.stringify(pipelineJsonSchema(registry))).not.toContain('format of a plugin');
  });

  it('are told that plugins have to be loaded before', () => {
    const loaded = loadPipeline(join(directory, 'found.yaml'), registry, environment);
    expect(loaded.ok ? [] : loaded.diagnostics.map(({ code, line, column }) => [code, line, column])).toContainEqual([
      'PLUGINS_NOT_LOADED',
      2,
      1,
    ]);
  });
});
