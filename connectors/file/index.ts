import { basename } from 'node:path';
import { defineSource } from 'millrace/sdk';
import { type FileConfig, fileConfig } from './config.ts';
import { excludesNothing } from './overlap.ts';
import { recordType } from './record-type.ts';
import { rehearse } from './rehearsal.ts';
import { FileSource } from './source.ts';

export const file = defineSource<FileConfig>({
  type: 'file',
  summary: 'Reads lines from files, each exactly once: across rotation, truncation, restarts and crashes.',
  description: [
    'A file is known by its device and inode together with a fingerprint of its first bytes that grows with the file, so',
    'renaming does not matter, tiny files are read at once, and an inode that is used again is noticed. A renamed or deleted',
    'file is read to its end, and for 30 s after its last change. A file that shrank, or holds something else, is read from',
    'its beginning. Positions are committed in the transaction of the records.',
    '',
    'Each line becomes a JSON object with `message` (without its line break), `log.file.path`, `log.offset` and `host.name`.',
    'A line without a line break at the end of the file waits for it, except where the source is bounded. Bytes that are no',
    'UTF-8 become U+FFFD; a byte order mark is skipped. Binary files are reported and skipped, and compressed ones unless',
    '`compressed: gzip` reads them. `multiline` makes one record of several lines, such as a stack trace.',
    '',
    'With copytruncate rotation, bytes written between the copy and the truncation and not read are lost (counted where seen).',
    'A copy among the files is known for one: it is read only from where its original was read to.',
  ].join('\n'),
  config: fileConfig,
  main: 'include',
  examples: [
    'file: /var/log/nginx/access*.log',
    'file:\n  include: [ "/var/log/**/*.log" ]\n  exclude: [ "**/*.gz" ]\n  start: end',
    'file:\n  include: [ "/var/log/containers/*.log" ]\n  multiline: [cri, java]',
    'file:\n  include: [ "/var/log/app/app.log*" ]\n  multiline: { start: "^\\\\d{4}-", timeout: 2s }\n  compressed: gzip',
  ],
  doubts: ({ include, exclude }) =>
    excludesNothing(include, exclude).map((i) => {
      const pattern = exclude[i] as string;
      const parameters = { pattern, anywhere: `**/${basename(pattern)}` };
      return { path: ['exclude', i], code: 'FILE_EXCLUDES_NOTHING', parameters };
    }),
  yields: recordType,
  create: (config) => new FileSource(config),
  rehearse,
});
