import { defineFunction, defineParser, defineProcessor, parseFailure } from 'millrace/sdk';
import { z } from 'zod';
import { sizeOf } from './size.js';

export const orderSize = defineProcessor({
  kind: 'order-size',
  summary: 'Tells the size of an order.',
  options: z.strictObject({ large: z.number().default(1_000).describe('From which amount on it is large.') }),
  main: 'large',
  each: (record, { large }, { metrics }) => {
    if (typeof record.value.amount !== 'number') throw new Error('there is no amount');
    metrics.counter('orders').inc();
    return record.with({ value: { ...record.value, size: sizeOf(record.value.amount, large) } });
  },
});

export const inCents = defineFunction({
  name: 'in_cents',
  summary: 'An amount in cents.',
  parameters: [{ name: 'amount', type: 'number' }],
  returns: 'number',
  call: (amount) => Math.round(amount * 100),
});

export const order = defineParser({
  name: 'order',
  summary: 'an order, `id amount`',
  create: () => (text) => {
    const match = /^(\S+) (\d+(?:\.\d+)?)$/.exec(text);
    return match === null ? parseFailure('expected an id and an amount') : { id: match[1], amount: Number(match[2]) };
  },
});
