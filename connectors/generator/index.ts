import { defineSource } from 'millrace/sdk';
import { type GeneratorConfig, generatorConfig } from './config.ts';
import { GeneratorSource } from './source.ts';

export { type AccessLogOptions, generateAccessLog } from './access-log.ts';
export type { CustomerRecord } from './transactions/customer.ts';
export { FRAUD_KINDS, type FraudKind } from './transactions/fraud-kinds.ts';
export { BLOCKED_MERCHANT_IDS } from './transactions/merchants.ts';
export { type Label, type Transaction, type TransactionOptions, Transactions } from './transactions/transactions.ts';

export const generator = defineSource<GeneratorConfig>({
  type: 'generator',
  summary: 'Makes up records for trying out, tests and load: the same for the same seed, each with its number.',
  description:
    'Records are numbered from 0 (`event.sequence`, and `?n=` in the URL). The position is how many there were, so that a restart goes on with ' +
    'the next one; another seed begins anew.',
  config: generatorConfig,
  main: 'kind',
  examples: ['generator: { kind: apache_combined, count: 10000 }', 'generator: { kind: json, rate: 100, seed: 7 }'],
  create: (config) => new GeneratorSource(config),
});
