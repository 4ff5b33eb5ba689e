import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { pipelineTests } from '../../src/testing/pipeline-tests.ts';
import { expectGolden, filesIn, folder } from './golden.ts';

const directory = folder('broken-tests');

describe('broken test files', () => {
  it.each(filesIn(directory, '.test.yaml'))('%s has exactly these diagnostics', async (name) => {
    const text = await pipelineTests(join(directory, name)).then(
      () => '',
      (error: Error) => error.message.replaceAll(directory, ''),
    );
    expect(text).toContain(name);
    expectGolden(join(directory, name.replace(/\.test\.yaml$/, '.expected')), `${text}\n`);
  });
});
