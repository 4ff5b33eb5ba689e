import { duration, filePath, size } from 'millrace/sdk';
import { z } from 'zod';

const rotate = z
  .strictObject({
    size: size()
      .optional()
      .describe('Rotates before the file would grow beyond this. A batch is never split: a file may be as large as one.'),
    interval: duration()
      .optional()
      .describe('Rotates at the first record of a new interval, counted in UTC: `1h` at full hours, `1d` at midnight.'),
    keep: z
      .number()
      .int()
      .min(1)
      .optional()
      .describe('How many rotated files to keep; the oldest beyond are deleted. By default all are kept.'),
    compress: z.boolean().default(false).describe('Whether to compress rotated files (`.gz`).'),
  })
  .refine(({ size: bytes, interval }) => bytes !== undefined || interval !== undefined, {
    message: 'say when to rotate: write size, interval or both',
  })
  .refine(({ size: bytes }) => bytes !== 0, { path: ['size'], message: 'it must be more than 0' })
  .refine(({ interval }) => interval === undefined || interval >= 1_000, {
    path: ['interval'],
    message: 'it must be 1s or more',
  });

/** Options of the NDJSON sink. */
export const ndjsonConfig = z.strictObject({
  path: filePath().describe(
    'The file to append to. It and its directory are made where missing; one that was renamed away (logrotate) is made anew.',
  ),
  sync: z
    .enum(['batch', 'never'])
    .default('batch')
    .describe(
      'When to ask the disk to have written: after each batch, before it counts as delivered, or never: then a crash of the machine may lose lines.',
    ),
  rotate: rotate
    .optional()
    .describe('When the file is renamed (to its name and the time) and begun anew. By default it grows for ever.')
    .meta({ examples: [{ size: '100MB', interval: '1d', keep: 14, compress: true }] }),
});

export type NdjsonConfig = z.output<typeof ndjsonConfig>;
