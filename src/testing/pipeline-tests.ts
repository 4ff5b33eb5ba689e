import { readFileSync } from 'node:fs';
import { byPosition, checkTestFile, loadTestFile } from '../config/index.ts';
import { diagnosticsText, loadForTests } from './load-for-tests.ts';
import { failureText } from './pipeline/failure-text.ts';
import { runTest } from './pipeline/run-test.ts';

/** A test of a test file. */
export interface PipelineTestCase {
  readonly name: string;
  /** Runs it; rejects with what is wrong and where it stands. */
  run(): Promise<void>;
}

/**
 * The tests of a `*.test.yaml`, for those who run theirs with vitest. Rejects where the file or its pipeline is wrong.
 *
 *     for (const { name, run } of await pipelineTests('pipelines/access.test.yaml')) it(name, run);
 */
export async function pipelineTests(file: string): Promise<readonly PipelineTestCase[]> {
  const loaded = loadTestFile(file, { variables: {}, readFile: (path) => readFileSync(path, 'utf8') });
  const found = loaded.ok ? [] : loaded.diagnostics;
  const subject = loaded.ok ? loaded.tests : loaded.subject;
  if (subject === undefined) throw new Error(diagnosticsText(found));
  const pipeline = await loadForTests(subject.pipeline, subject.variables);
  const wrong = [...found, ...checkTestFile(subject, pipeline)].sort(byPosition);
  if (!loaded.ok || wrong.length > 0) throw new Error(diagnosticsText(wrong));
  const { tests } = loaded;
  return tests.tests.map((test) => ({
    name: test.name,
    async run() {
      const result = await runTest(test, tests, pipeline);
      if (result.failures.length > 0) throw new Error(failureText(file, result));
    },
  }));
}
