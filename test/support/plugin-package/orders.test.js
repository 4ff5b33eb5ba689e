import { pipelineTests, testPipeline } from 'millrace/testing';
import { describe, expect, it } from 'vitest';

it('counts the orders whose size it has told', async () => {
  const run = await testPipeline('pipelines/orders.yaml', { environment: { ORDERS: '/orders.log' } });
  await run.feed('log', { lines: ['a-1 7.25', 'a-2 none'] });
  expect(run.values('sized')).toMatchObject([{ id: 'a-1', amount: 7.25, cents: 725, size: 'small' }]);
  expect(run.deadLetters()).toMatchObject([{ component: 'read', code: 'PARSE_FAILED' }]);
  expect(run.metrics()).toMatchObject({ 'streams.size.records_out': 1 });
  await run.stop();
});

describe('orders.test.yaml', async () => {
  for (const { name, run } of await pipelineTests('pipelines/orders.test.yaml')) it(name, run);
});
