import { existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { JsonValue, SinkRehearsal, SinkRehearsalContext } from 'millrace/sdk';
import type { NdjsonConfig } from './config.ts';
import { NdjsonSink } from './sink.ts';

/** The sink with a file of the test's own, of the same name. It is not rotated: what it holds is to be looked at. */
export function rehearse({ rotate: _, ...config }: NdjsonConfig, context: SinkRehearsalContext): SinkRehearsal {
  const path = join(context.directory, basename(config.path));
  return {
    sink: new NdjsonSink({ ...config, path }, context),
    delivered: () => (existsSync(path) ? valuesIn(readFileSync(path, 'utf8')) : []),
  };
}

function valuesIn(text: string): JsonValue[] {
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as JsonValue);
}
