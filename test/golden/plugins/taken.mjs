import { defineFunction, defineProcessor, defineSink, defineStep } from 'millrace/sdk';
import { z } from 'zod';

const step = { summary: 'A step.', options: z.strictObject({}), changesValue: false, readsValue: false, examples: [], create: () => () => undefined };
const sink = {
  summary: 'A sink.',
  config: z.strictObject({}),
  examples: [],
  batch: { records: 1, bytes: 1 },
  concurrency: 1,
  delivery: 'at_least_once',
  create: () => undefined,
};

export default [
  defineStep({ kind: 'filter', ...step }),
  defineStep({ kind: 'when', ...step }),
  defineSink({ type: 'console', ...sink }),
  defineFunction({ name: 'lower', summary: 'Lower.', parameters: [], returns: 'any', call: () => 1 }),
  defineFunction({ name: 'count', summary: 'Count.', parameters: [], returns: 'any', call: () => 1 }),
  defineProcessor({ kind: 'bot-score', summary: 'A second one.', options: z.strictObject({}), each: () => null }),
];
