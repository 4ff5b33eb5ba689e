import { createRequire } from 'node:module';

/** The version of Millrace that runs, as its package says. */
export function millraceVersion(): string {
  const { version } = createRequire(import.meta.url)('millrace/package.json') as { version: string };
  return version;
}
