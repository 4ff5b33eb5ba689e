import type { SinkDefinition, SourceDefinition } from 'millrace/sdk';
import { consoleSink } from './console/index.ts';
import { elasticsearch } from './elasticsearch/index.ts';
import { file } from './file/index.ts';
import { generator } from './generator/index.ts';
import { ndjson } from './ndjson/index.ts';

/** Every built-in connector, by its key in pipeline files. */
export const connectors: {
  readonly sources: ReadonlyMap<string, SourceDefinition>;
  readonly sinks: ReadonlyMap<string, SinkDefinition>;
} = {
  sources: byType<SourceDefinition>([file, generator]),
  sinks: byType<SinkDefinition>([consoleSink, elasticsearch, ndjson]),
};

function byType<Definition extends { readonly type: string }>(
  definitions: readonly Definition[],
): ReadonlyMap<string, Definition> {
  return new Map(definitions.map((definition) => [definition.type, definition]));
}
