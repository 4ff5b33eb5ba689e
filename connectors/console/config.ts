import { z } from 'zod';

/** Options of the console sink. */
export const consoleConfig = z.strictObject({
  format: z
    .enum(['json', 'text', 'logfmt'])
    .default('json')
    .describe(
      'How a record is printed, one line each: `json` is its value as it is, `logfmt` are its fields as `name=value`, `text` is its time, level and ' +
        'message (the value as JSON where it has no message).',
    ),
  stream: z.enum(['stdout', 'stderr']).default('stdout').describe('Where to print.'),
});

export type ConsoleConfig = z.output<typeof consoleConfig>;
