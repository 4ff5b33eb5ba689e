import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { formatDiagnostic, loadPipeline } from '../../src/config/index.ts';
import { describePipeline, describeTypes, toMermaid, toText, typesToText } from '../../src/topology/index.ts';
import { environment, expectGolden, filesIn, folder } from './golden.ts';
import { registry } from './registry.ts';

const directory = folder('valid');

describe('valid pipeline files', () => {
  it.each(filesIn(directory, '.yaml'))('%s is described as before', (name) => {
    const loaded = loadPipeline(join(directory, name), registry, environment);
    if (!loaded.ok) throw new Error(loaded.diagnostics.map(formatDiagnostic).join('\n'));
    const description = describePipeline(loaded.pipeline);
    const base = join(directory, name.replace(/\.yaml$/, ''));
    const warnings = loaded.warnings
      .map((each) => `${formatDiagnostic(each)}\n`)
      .join('')
      .replaceAll(directory, '');
    expectGolden(`${base}.txt`, warnings + toText(description));
    expectGolden(`${base}.mmd`, toMermaid(description));
    expectGolden(`${base}.types`, typesToText(loaded.types));
    expect(() => JSON.stringify(describeTypes(loaded.types))).not.toThrow();
    const json = `${JSON.stringify(description, null, 2)}\n`.replaceAll(directory, '<folder>/');
    expect(json).not.toContain('correct-horse');
    expectGolden(`${base}.json`, json);
  });
});
