import { z } from 'zod';
import { checkTransactionOptions, customerFields, transactionFields } from './transactions/options.ts';

/** Options of the generator source. */
export const generatorConfig = z
  .strictObject({
    kind: z
      .enum(['apache_combined', 'json', 'transactions', 'customers'])
      .default('apache_combined')
      .describe(
        'What to make up: `apache_combined` are lines of a web access log, as `message`; `json` are the same requests as ' +
          'ECS fields, ready parsed; `transactions` are card transactions with labelled fraud in between; `customers` is the table of ' +
          'their customers, one record each.',
      ),
    count: z
      .int()
      .min(0)
      .optional()
      .describe('How many records to make before the source ends. Without it there is no end, but for `customers`.'),
    rate: z.number().positive().max(10_000_000).optional().describe('Records per second. Without it, as fast as they are taken.'),
    seed: z
      .int()
      .min(0)
      .max(0xffff_ffff)
      .default(1)
      .describe(
        'The same seed gives the same records. Each carries its sequence number, requests in the query of their URL too.',
      ),
    ...customerFields,
    ...transactionFields,
  })
  .superRefine((options, context) => {
    const { kind } = options;
    const problem = (path: string, message: string): void => {
      context.addIssue({ code: 'custom', path: [path], message });
    };
    const foreign = Object.keys({
      ...(kind === 'transactions' || kind === 'customers' ? {} : customerFields),
      ...(kind === 'transactions' ? {} : transactionFields),
    }).filter((name) => options[name as keyof typeof options] !== undefined);
    for (const name of foreign) problem(name, `is an option of kind: transactions, and has no meaning for kind: ${kind}`);
    if (kind === 'transactions') checkTransactionOptions(options, problem);
  });

export type GeneratorConfig = z.output<typeof generatorConfig>;
