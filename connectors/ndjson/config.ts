import { filePath } from 'millrace/sdk';
import { z } from 'zod';

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
});

export type NdjsonConfig = z.output<typeof ndjsonConfig>;
