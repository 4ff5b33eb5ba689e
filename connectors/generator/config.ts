import { z } from 'zod';

/** Options of the generator source. */
export const generatorConfig = z.strictObject({
  kind: z
    .enum(['apache_combined', 'json'])
    .default('apache_combined')
    .describe(
      'What to make up: `apache_combined` are lines of a web access log, as `message`; `json` are the same requests as ' +
        'ECS fields, ready parsed.',
    ),
  count: z.int().min(0).optional().describe('How many records to make before the source ends. Without it there is no end.'),
  rate: z.number().positive().max(10_000_000).optional().describe('Records per second. Without it, as fast as they are taken.'),
  seed: z
    .int()
    .min(0)
    .max(0xffff_ffff)
    .default(1)
    .describe('The same seed gives the same records. Each carries its sequence number, in the query of its URL.'),
});

export type GeneratorConfig = z.output<typeof generatorConfig>;
