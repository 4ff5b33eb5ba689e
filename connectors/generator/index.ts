import { defineSource } from 'millrace/sdk';
import { type GeneratorConfig, generatorConfig } from './config.ts';
import { recordType } from './record-type.ts';
import { GeneratorSource } from './source.ts';

export { type AccessLogOptions, generateAccessLog } from './access-log.ts';
export type { CustomerRecord } from './transactions/customer.ts';
export { FRAUD_KINDS, type FraudKind } from './transactions/fraud-kinds.ts';
export { BLOCKED_MERCHANT_IDS } from './transactions/merchants.ts';
export { type Label, type Transaction, type TransactionOptions, Transactions } from './transactions/transactions.ts';

const DESCRIPTION = `Records are numbered from 0 (\`event.sequence\`, and \`?n=\` in the URL). The position is how many there were, so that a restart goes
on with the next one; another seed begins anew.

**\`kind: transactions\`** makes card transactions of made-up customers, each from the seed and its number alone. A record has:

| Field | Value |
| --- | --- |
| \`@timestamp\` | Event time. Hours of the day, days of the week, month ends and December differ, by the hours that the customers are up. |
| \`event.sequence\`, \`transaction.id\` | The number in the order in which they come; an id by the order of times, the same with any \`out_of_order\`. |
| \`customer.id\`, \`card.id\`, \`card.network\` | \`c-17\`, \`card-17-2\`, \`visa\`. The card is the record's Kafka key. |
| \`merchant.id\`, \`merchant.name\`, \`merchant.category\` | Categories: \`grocery\`, \`fuel\`, \`restaurant\`, \`pharmacy\`, \`clothing\`, \`electronics\`, \`entertainment\`, \`travel\`, \`cash\`, \`online\`, \`digital\`. |
| \`amount\`, \`currency\`, \`amount_eur\` | The amount in the currency of the customer's country, and in euros at a fixed rate. |
| \`status\`, \`reason\` | \`approved\`, or \`declined\` with \`insufficient_funds\`, \`limit_exceeded\`, \`wrong_pin\` or \`wrong_cvc\`. |
| \`channel\` | \`pos\`, \`online\` or \`atm\`. |
| \`device.id\`, \`source.ip\` | Only online: a device of the customer's, an address in 198.18.0.0/15. |
| \`geo.city_name\`, \`geo.country_iso_code\`, \`geo.location.lat\`, \`geo.location.lon\` | Where the customer is: at home, on a journey or on the way, never faster than an aeroplane. |
| \`label\` | \`fraud: false\`, or \`fraud: true\` with \`kind\`, \`episode\` (the id of the case), \`part\` and \`parts\`. |

**\`kind: customers\`** makes the table for a join, keyed by \`id\`: \`name\`, \`home\`, \`currency\`, \`cards\` (\`id\`, \`network\`, a \`number\` for
tests), \`devices\`, and \`usual\` (\`amount\` on the average, \`by_category\`, \`hours\`). It needs the \`seed\` and the \`customers\` of the transactions.`;

export const generator = defineSource<GeneratorConfig>({
  type: 'generator',
  summary: 'Makes up records for trying out, tests and load: the same for the same seed, each with its number.',
  description: DESCRIPTION,
  config: generatorConfig,
  main: 'kind',
  examples: [
    'generator: { kind: apache_combined, count: 10000 }',
    'generator: { kind: json, rate: 100, seed: 7 }',
    'generator: { kind: transactions, customers: 5000, rate: 1000, event_rate: 10, out_of_order: 5s, fraud: { velocity: 0.001, impossible_travel: 0.001 } }',
    'generator: { kind: customers, customers: 5000 }',
  ],
  yields: recordType,
  create: (config) => new GeneratorSource(config),
});
