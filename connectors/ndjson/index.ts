import { defineSink } from 'millrace/sdk';
import { type NdjsonConfig, ndjsonConfig } from './config.ts';
import { rehearse } from './rehearsal.ts';
import { NdjsonSink } from './sink.ts';

export const ndjson = defineSink<NdjsonConfig>({
  type: 'ndjson',
  summary: 'Appends records to a file, one JSON value a line.',
  description:
    'A batch that could not be written whole is taken back before it is tried again, and so is a line that a crash left half written. After a ' +
    'crash the last batch may stand in the file twice: a file has no ids to tell. One process at a time may write a file. ' +
    'With `rotate` a full file is renamed in one step, between two batches: no line is lost or torn by it, whatever happens meanwhile.',
  config: ndjsonConfig,
  main: 'path',
  examples: [
    'ndjson: out/events.ndjson',
    'ndjson: { path: /var/lib/millrace/events.ndjson, sync: never }',
    'ndjson:\n  path: out/events.ndjson\n  rotate: { size: 100MB, interval: 1d, keep: 14, compress: true }\n',
  ],
  batch: { records: 5000, bytes: 4_000_000 },
  concurrency: 1,
  delivery: 'at_least_once',
  create: (config, context) => new NdjsonSink(config, context),
  rehearse,
});
