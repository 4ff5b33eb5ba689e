import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, it } from 'vitest';
import { writeExamples } from '../support/sdk-reference.ts';

const HERE = fileURLToPath(new URL('.', import.meta.url));
const TSC = join(createRequire(import.meta.url).resolve('typescript/package.json'), '../bin/tsc');

let directory: string;

afterAll(() => rm(directory, { recursive: true, force: true }));

it('has types, by the published declarations, under which the examples of the reference compile', async () => {
  // Within the project, so that `millrace` is found by its own name.
  directory = await mkdtemp(join(HERE, '.sdk-'));
  await writeExamples(directory);
  // Shows that the compiler knows the types: it is all that it may complain of.
  await writeFile(join(directory, 'wrong.ts'), "import { parseSize } from 'millrace/sdk';\n\nparseSize(5);\n");
  const options = {
    extends: '../../../tsconfig.json',
    compilerOptions: { customConditions: [] },
    include: ['*.ts'],
    exclude: [],
  };
  await writeFile(join(directory, 'tsconfig.json'), JSON.stringify(options));
  const complaints = await new Promise<string>((resolve) => {
    execFile(process.execPath, [TSC, '-p', directory], (_, stdout, stderr) => resolve(stdout + stderr));
  });
  expect(complaints.trim().split('\n')).toEqual([expect.stringMatching(/wrong\.ts\(3,11\): error TS2345/)]);
}, 60_000);
