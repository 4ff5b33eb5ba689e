import type { BatchBuilder } from 'millrace/sdk';
import { accessEvent, accessLine } from './access-line.ts';
import type { GeneratorConfig } from './config.ts';
import { transactionOptionsOf } from './transactions/options.ts';
import { Transactions } from './transactions/transactions.ts';

/** What the source makes up: numbered records, each made from its number. */
export interface MadeRecords {
  /** How many there are at most. */
  readonly size: number;
  /** What the numbers count, where a position of another kind would mean something else. */
  readonly counts?: 'transactions' | 'customers';
  /** Sets value and key of the record begun last. */
  readonly write: (sequence: number, builder: BatchBuilder) => void;
}

export function madeRecords(config: GeneratorConfig, host: string): MadeRecords {
  const { kind, seed, count = Number.POSITIVE_INFINITY } = config;
  switch (kind) {
    case 'apache_combined':
      return {
        size: count,
        write: (sequence, builder) =>
          builder.value(JSON.stringify({ message: accessLine(seed, sequence), event: { sequence }, host: { name: host } })),
      };
    case 'json':
      return { size: count, write: (sequence, builder) => builder.value(JSON.stringify(accessFields(seed, sequence, host))) };
    case 'transactions': {
      const transactions = new Transactions(transactionOptionsOf(seed, config));
      return {
        size: count,
        counts: kind,
        write: (sequence, builder) => {
          const transaction = transactions.at(sequence);
          builder.key(transaction.card.id);
          builder.value(JSON.stringify(transaction));
        },
      };
    }
    case 'customers': {
      const options = transactionOptionsOf(seed, config);
      const transactions = new Transactions(options);
      return {
        size: Math.min(count, options.customers),
        counts: kind,
        write: (sequence, builder) => {
          const customer = transactions.customer(sequence);
          builder.key(customer.id);
          builder.value(JSON.stringify(customer));
        },
      };
    }
  }
}

/** A request of the access log as fields of the Elastic Common Schema. */
function accessFields(seed: number, sequence: number, host: string): object {
  const { time, address, method, path, status, bytes, referrer, agent } = accessEvent(seed, sequence);
  return {
    '@timestamp': new Date(time).toISOString(),
    event: { sequence },
    host: { name: host },
    source: { address },
    url: { original: path },
    http: {
      request: { method, ...(referrer === '-' ? {} : { referrer }) },
      response: { status_code: status, body: { bytes } },
    },
    user_agent: { original: agent },
  };
}
