import { duration, filePath, pathPattern, size } from 'millrace/sdk';
import { z } from 'zod';
import { ENCODINGS } from './encoding.ts';
import { multilineOption } from './multiline/options.ts';

/** Options of the file source. */
export const fileConfig = z.strictObject({
  include: z
    .array(filePath())
    .min(1)
    .describe(
      'Files to read, as paths or globs: `*` and `?` stay within one directory, `**` crosses directories, `[a-z]` and ' +
        '`{a,b}` choose. Let the pattern cover rotated names too (`access.log*`), so that a file renamed while Millrace ' +
        'was stopped is found again.',
    ),
  exclude: z
    .array(pathPattern())
    .default([])
    .describe(
      'Files to leave out although `include` names them, as globs over whole paths: `**/*.gz` holds in every ' +
        'directory; a pattern that begins neither with `**/` nor with `/` is relative to the pipeline file.',
    ),
  start: z
    .enum(['beginning', 'end'])
    .default('beginning')
    .describe(
      'Where to begin in files that are there when this source starts for the first time. Files that appear later are ' +
        'always read from their beginning.',
    ),
  follow: z
    .boolean()
    .default(true)
    .describe(
      'Whether to wait for more at the end of the files. When false (and under `--once`) the source reads what is there, ' +
        'a last line without line break included, and ends.',
    ),
  max_line_bytes: size()
    .prefault('1MB')
    .refine((bytes) => bytes >= 16 && bytes <= 64_000_000, 'must be from 16B to 64MB')
    .describe(
      'The longest line, in bytes. A longer one is cut there and gets `log.flags: [truncated]`; its rest is skipped. It ' +
        'must stay below what the topic takes as one record.',
    ),
  empty_lines: z.enum(['skip', 'keep']).default('skip').describe('Whether lines without a character become records.'),
  multiline: multilineOption
    .optional()
    .describe(
      'Which lines are one event: a preset (`java`), a list of them (`[cri, java]`), or patterns. Several lines are joined by ' +
        'line feeds and get `log.flags: [multiline]`. An event stays in the file until it is complete.',
    ),
  encoding: z
    .enum(ENCODINGS)
    .default('utf-8')
    .describe('How the files are encoded; records are UTF-8. What is wrong in it becomes U+FFFD; a byte order mark is skipped.'),
  compressed: z
    .enum(['skip', 'gzip'])
    .default('skip')
    .describe(
      'What to do with compressed files: leave them out with a warning, or read those of gzip too, each from its beginning ' +
        'to its end. What was read before it was compressed is known again and not read twice.',
    ),
  ignore_older: duration()
    .optional()
    .describe(
      'Leaves files alone that were last written longer ago than this and of which nothing was read. They are read from ' +
        'their beginning when they are written to.',
    ),
  header_lines: z
    .int()
    .min(0)
    .max(1000)
    .default(0)
    .describe('How many lines at the beginning of each file are left out, such as the names of columns.'),
  file_identity: z.boolean().default(false).describe('Whether records get `log.file.inode` and `log.file.device_id` too.'),
  poll_interval: duration()
    .prefault('250ms')
    .refine((ms) => ms >= 1, 'must be at least 1ms')
    .describe('How often to look for new lines and new files.'),
  fingerprint_bytes: z
    .int()
    .min(16)
    .max(65_536)
    .default(1024)
    .describe(
      'How many bytes from the beginning of a file tell it apart from another one in the same place. A shorter file is ' +
        'known by what it has, and read at once. It may be changed at any time.',
    ),
  max_open_files: z
    .int()
    .min(1)
    .max(100_000)
    .default(512)
    .describe('How many files to hold open. Beyond it the one read longest ago is closed, and opened again when it grows.'),
});

export type FileConfig = z.output<typeof fileConfig>;
