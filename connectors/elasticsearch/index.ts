import { defineSink } from 'millrace/sdk';
import { config, type ElasticsearchConfig } from './config.ts';
import { rehearse } from './rehearsal.ts';
import { ElasticsearchSink } from './sink.ts';

/** Delivers records to Elasticsearch as documents. */
export const elasticsearch = defineSink<ElasticsearchConfig>({
  type: 'elasticsearch',
  summary: 'Indexes records in Elasticsearch, each once.',
  description: `Each record becomes a document by \`_bulk\`, created under an id that derives from the record's topic, partition and
offset, so that a record sent again after a crash is not there twice. A document that Elasticsearch cannot take is a dead letter with
the reason it gives; a server that is busy, a closed index or a missing permission make the sink wait and try again.

With ids of your own (\`id\`) documents can be replaced, updated and deleted, in the order of the records of each id. See the
[guide](../guide/elasticsearch.md).`,
  config,
  examples: [
    [
      'elasticsearch:',
      '  nodes: [ "https://search.example.org:9200" ]',
      '  data_stream: logs-access-default',
      '  api_key: "${ES_API_KEY}"',
      '  tls: { ca: ./ca.pem }',
      '',
    ].join('\n'),
    [
      'elasticsearch:',
      '  index: orders',
      '  id: "{{ order.id }}"',
      "  operation: \"{{ op === 'd' ? 'delete' : 'index' }}\"",
      '  version: "{{ order.revision }}"',
      '',
    ].join('\n'),
    'elasticsearch:\n  index: "logs-{{ service.name ?? \'other\' }}"\n',
  ],
  batch: { records: 5_000, bytes: 5_000_000 },
  concurrency: 4,
  delivery: 'effectively_once',
  onlyCreates({ data_stream: stream }) {
    if (stream === undefined) return undefined;
    return { option: 'data_stream', mend: 'write "index" in its place, so that a revision replaces the result before it' };
  },
  create: (options, context) => new ElasticsearchSink(options, context),
  rehearse,
});
