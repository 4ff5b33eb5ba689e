import { duration } from 'millrace/sdk';
import { z } from 'zod';
import { FRAUD_KINDS, type FraudKind } from './fraud-kinds.ts';
import {
  DEFAULT_CUSTOMERS,
  DEFAULT_FRAUD,
  DEFAULT_SHARE,
  DEFAULT_START,
  PER_CUSTOMER_AND_DAY,
  type TransactionOptions,
} from './transactions.ts';

const MAX_CUSTOMERS = 1_000_000;
/** More than this part of all transactions cannot be fraud: honest ones fill up what is left of each slice. */
const MAX_FRAUD = 0.1;
/** Transactions that may change places are in memory at once. */
const MAX_OUT_OF_ORDER = 1_000_000;
const SECOND_MS = 1000;
const DAY_SECONDS = 86_400;
const END_OF_STARTS = Date.UTC(2200, 0, 1);

/** What each kind of fraud is, for the reference. */
const KIND_TEXT: Readonly<Record<FraudKind, string>> = {
  velocity: '6 to 10 small purchases with one card within 5 minutes, online, with a device and an address of a fraudster.',
  impossible_travel:
    'two purchases with one card in shops more than 1,400 km apart, within 45 minutes. The customer pays nothing else for a day after.',
  declined_declined_approved:
    'a card is tested: 2 to 4 small purchases are declined, then one is approved, within 4 minutes, online, with a device of a fraudster.',
  probe_then_big:
    'less than 1.50 EUR, and within 10 minutes 5 to 9 times what is usual for the customer, online, with a device of a fraudster.',
  unusual_amount:
    '12 to 30 times what is usual for the customer (no honest transaction is over 11 times), online, with a device of theirs.',
  new_device: 'cards of 4 to 6 customers on one device that was never seen before, within 5 minutes.',
  blocked_merchant: 'a purchase from one of the merchants `m-60000` to `m-60004`, with which honest transactions never are.',
};

const share = (kind: FraudKind): z.ZodOptional<z.ZodNumber> =>
  z.number().min(0).max(MAX_FRAUD).optional().describe(`Which part of all transactions belongs to this: ${KIND_TEXT[kind]}`);

const shares = z.strictObject({
  velocity: share('velocity'),
  impossible_travel: share('impossible_travel'),
  declined_declined_approved: share('declined_declined_approved'),
  probe_then_big: share('probe_then_big'),
  unusual_amount: share('unusual_amount'),
  new_device: share('new_device'),
  blocked_merchant: share('blocked_merchant'),
});

/** Also true where it is no time at all, which is another mistake. */
function isWithinStarts(text: string): boolean {
  const time = Date.parse(text);
  return Number.isNaN(time) || (time >= 0 && time < END_OF_STARTS);
}

/** Options of `kind: customers`, which those of `kind: transactions` contain. */
export const customerFields = {
  customers: z
    .int()
    .min(10)
    .max(MAX_CUSTOMERS)
    .optional()
    .describe(
      `How many customers there are (default \`${DEFAULT_CUSTOMERS}\`), for \`transactions\` and \`customers\`. Each takes some 200 bytes of memory.`,
    ),
};

/** Options of `kind: transactions` alone. */
export const transactionFields = {
  event_rate: z
    .number()
    .min(0.001)
    .max(1_000_000)
    .optional()
    .describe(
      'Transactions a second of event time (`@timestamp`), on the average of a usual week; `rate` is how fast they are made. ' +
        `Default: ${PER_CUSTOMER_AND_DAY} a day for each customer. With many more, honest customers pay so often that they look like \`velocity\`.`,
    ),
  start: z.iso
    .datetime({ offset: true, error: 'is no time; write it as 2024-01-01T00:00:00Z' })
    .refine(isWithinStarts, 'must be from 1970 to 2199')
    .optional()
    .describe(
      `The time of the first transaction (default \`${new Date(DEFAULT_START).toISOString()}\`). The same seed gives the same times on any day.`,
    ),
  out_of_order: duration()
    .optional()
    .describe(
      'By how much a transaction may come behind one with a later time (default `0s`: times rise). They are the same transactions in another order, and the order is the same for the same seed.',
    ),
  labels: z
    .boolean()
    .optional()
    .describe(
      'Whether transactions have a `label` (default `true`): `label.fraud`, and for fraud `label.kind`, `label.episode` (the id of the case), `label.part` and `label.parts`.',
    ),
  fraud: z
    .union([z.number().min(0).max(MAX_FRAUD), shares])
    .optional()
    .describe(
      'Which part of all transactions is fraud: a number, of which each kind has the same share, or the part of each kind, where a kind ' +
        `that is left out does not occur. Default: each kind has \`${DEFAULT_SHARE}\`. Together at most \`${MAX_FRAUD}\`.`,
    ),
};

type Fields = z.output<z.ZodObject<typeof customerFields & typeof transactionFields>>;

/** What the options mean, defaults filled in. */
export function transactionOptionsOf(seed: number, options: Fields): Required<TransactionOptions> {
  const { customers = DEFAULT_CUSTOMERS, start, event_rate, out_of_order = 0, labels = true, fraud } = options;
  return {
    seed,
    customers,
    start: start === undefined ? DEFAULT_START : Date.parse(start),
    eventRate: event_rate ?? (customers * PER_CUSTOMER_AND_DAY) / DAY_SECONDS,
    outOfOrder: out_of_order,
    labels,
    fraud: sharesOf(fraud),
  };
}

function sharesOf(fraud: Fields['fraud']): Required<TransactionOptions>['fraud'] {
  if (typeof fraud !== 'number') return fraud ?? DEFAULT_FRAUD;
  return Object.fromEntries(FRAUD_KINDS.map((kind) => [kind, fraud / FRAUD_KINDS.length]));
}

/** Reports what the schemas of single options cannot see. */
export function checkTransactionOptions(options: Fields, problem: (path: string, message: string) => void): void {
  const { eventRate, outOfOrder, fraud } = transactionOptionsOf(0, options);
  const total = FRAUD_KINDS.reduce((sum, kind) => sum + (fraud[kind] ?? 0), 0);
  if (total > MAX_FRAUD + Number.EPSILON)
    problem('fraud', `the kinds come to ${total}; together they may be at most ${MAX_FRAUD}`);
  if ((outOfOrder * eventRate) / SECOND_MS > MAX_OUT_OF_ORDER) {
    problem(
      'out_of_order',
      `with ${eventRate} transactions a second, more than ${MAX_OUT_OF_ORDER} would change places; make it shorter`,
    );
  }
}
