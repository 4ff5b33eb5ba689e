import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadPipeline, loadTestFile, renderDiagnostic, type TestFile } from '../../src/config/index.ts';
import type { Pipeline } from '../../src/topology/types.ts';
import { registry } from '../golden/registry.ts';

const DIRECTORY = fileURLToPath(new URL('../../pipelines', import.meta.url));
const readFile = (path: string): string => readFileSync(path, 'utf8');

/** The test files of `pipelines/`, by their path in it. */
export function pipelineTests(): ReadonlyMap<string, TestFile> {
  const names = readdirSync(DIRECTORY, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.test.yaml'));
  return new Map(
    names.sort().map((name) => {
      const loaded = loadTestFile(join(DIRECTORY, name), { variables: {}, readFile });
      if (!loaded.ok) throw new Error(loaded.diagnostics.map((each) => renderDiagnostic(each)).join('\n'));
      return [name, loaded.tests];
    }),
  );
}

/** The pipeline of a test file; undefined where it does not load. `edit`: changes the text of the file before. */
export function pipelineOfTests(
  { pipeline, variables }: TestFile,
  edit: (text: string) => string = (text) => text,
): Pipeline | undefined {
  const loaded = loadPipeline(pipeline, registry, {
    variables,
    readFile: (path) => (path === pipeline ? edit(readFile(path)) : readFile(path)),
  });
  return loaded.ok ? loaded.pipeline : undefined;
}
