import process from 'node:process';
import { defineSink } from 'millrace/sdk';
import { type ConsoleConfig, consoleConfig } from './config.ts';
import { rehearse } from './rehearsal.ts';
import { ConsoleSink } from './sink.ts';

export const consoleSink = defineSink<ConsoleConfig>({
  type: 'console',
  summary: 'Prints records to standard output or standard error, a line each.',
  description:
    'For trying out and for containers whose output is collected. After a crash the records of the last batch may be printed again. Control ' +
    'characters are shown as escapes.',
  config: consoleConfig,
  main: 'format',
  examples: ['console: json', 'console: { format: logfmt, stream: stderr }'],
  batch: { records: 1000, bytes: 1_000_000 },
  concurrency: 1,
  delivery: 'at_least_once',
  create: (config) => new ConsoleSink(config, process[config.stream]),
  rehearse,
});
