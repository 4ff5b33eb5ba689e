import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadPipeline, renderDiagnostic } from '../../src/config/index.ts';
import { environment, expectGolden, filesIn, folder } from './golden.ts';
import { registry } from './registry.ts';

const directory = folder('broken');
const files = filesIn(directory, '.yaml');

describe('broken pipeline files', () => {
  it('are many', () => {
    expect(files.length).toBeGreaterThanOrEqual(160);
  });

  it.each(files)('%s has exactly these diagnostics', (name) => {
    const loaded = loadPipeline(join(directory, name), registry, environment);
    if (loaded.ok) throw new Error(`${name} loads without an error`);
    const text = loaded.diagnostics
      .map((each) => renderDiagnostic(each))
      .join('\n')
      .replaceAll(directory, '');
    expectGolden(join(directory, name.replace(/\.yaml$/, '.expected')), `${text}\n`);
  });

  it('never show a secret', () => {
    for (const name of files) {
      const loaded = loadPipeline(join(directory, name), registry, environment);
      const text = loaded.ok ? '' : loaded.diagnostics.map((each) => renderDiagnostic(each)).join('\n');
      expect(text, name).not.toMatch(/correct-horse|hunter2/);
    }
  });
});
