import { CompiledOption, type Sink } from 'millrace/sdk';
import { config } from '../../connectors/elasticsearch/config.ts';
import { elasticsearch } from '../../connectors/elasticsearch/index.ts';
import { bindOption, defaultScope } from '../../src/expression/index.ts';
import { contextWith, KeptLog } from './sink-batches.ts';

/** An Elasticsearch sink by options as a pipeline has them. */
export function createElasticsearchSink(
  options: Record<string, unknown>,
  context: KeptLog | ReturnType<typeof contextWith> = new KeptLog(),
): Sink {
  return elasticsearch.create(boundConfig(options), context instanceof KeptLog ? contextWith(context) : context);
}

/** The options of a sink, their templates compiled. */
export function boundConfig(options: Record<string, unknown>): ReturnType<typeof config.parse> {
  const parsed = config.parse(options);
  for (const option of Object.values(parsed)) {
    const problems = option instanceof CompiledOption ? bindOption(option, defaultScope) : [];
    if (problems.length > 0) throw new Error(problems.map(({ message }) => message).join());
  }
  return parsed;
}
