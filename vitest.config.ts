import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { plantedModules } from './test/support/planted.ts';

const source = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  plugins: [plantedModules()],
  resolve: { alias: { 'millrace/sdk': source('./src/published-sdk.ts'), 'millrace/testing': source('./src/testing/index.ts') } },
  test: {
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          // Nothing waits for time to pass: this is how long a loaded machine may take.
          testTimeout: 60_000,
          sequence: { groupOrder: 0 },
          include: [
            'src/**/*.test.ts',
            'connectors/**/*.test.ts',
            'test/{architecture,conformance,contract,embedded,golden,pipelines,property,support}/**/*.test.ts',
          ],
        },
      },
      {
        extends: true,
        test: {
          name: 'cluster',
          include: ['test/{integration,e2e,fault}/**/*.test.ts'],
          globalSetup: ['test/support/cluster-setup.ts'],
          // After the others, one file at a time: the servers take what the machine has.
          sequence: { groupOrder: 1 },
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 180_000,
        },
      },
    ],
  },
});
