import type { Sink } from 'millrace/sdk';
import { config } from '../../connectors/elasticsearch/config.ts';
import { elasticsearch } from '../../connectors/elasticsearch/index.ts';
import { contextWith, KeptLog } from './sink-batches.ts';

/**
 * An Elasticsearch sink by options as a pipeline has them. A template in `index` stands for the field `to`, since no
 * compiler is at hand.
 */
export function createElasticsearchSink(options: Record<string, unknown>, log: KeptLog = new KeptLog()): Sink {
  const parsed = config.parse(options);
  const { index } = parsed;
  index?.bind((record) => record.value['to'], index.text.includes('{{') ? undefined : { value: index.text });
  return elasticsearch.create(parsed, contextWith(log));
}
