import { defineFunction, defineParser, defineProcessor, parseFailure } from 'millrace/sdk';
import { z } from 'zod';
import { half } from './lib/half.js';

interface Options {
  readonly threshold: number;
}

export const botScore = defineProcessor<Options>({
  kind: 'bot-score',
  summary: 'Scores a user agent.',
  options: z.strictObject({ threshold: z.number().min(0).max(1).describe('From which score on it is a bot.') }),
  each: (record, { threshold }) => record.with({ value: { ...record.value, bot: half(1) >= threshold } }),
});

export const riskOf = defineFunction({
  name: 'risk_of',
  summary: 'How risky an amount is.',
  parameters: [{ name: 'amount', type: 'number' }],
  returns: 'number',
  call: (amount) => Math.min(1, half(amount)),
});

export const pairs = defineParser({
  name: 'pairs',
  summary: 'a pair, `name=value`',
  options: z.strictObject({ separator: z.string().default('=').describe('What stands between.') }),
  create:
    ({ separator }) =>
    (text) => {
      const [name, value, ...more] = text.split(separator);
      return name === undefined || value === undefined || more.length > 0
        ? parseFailure(`expected one ${separator}`)
        : { [name]: value };
    },
});
