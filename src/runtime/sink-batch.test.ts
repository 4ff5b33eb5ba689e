import { expect, it } from 'vitest';
import { deliveryBatchOf } from '../../test/support/delivered-case.ts';
import type { RecordBatch } from '../record/batch.ts';
import type { DeliveryLoad } from './delivery-load.ts';
import { DeliveryBatch } from './sink-batch.ts';

const values = (batch: RecordBatch): string[] => Array.from({ length: batch.length }, (_, row) => batch.valueText(row) ?? '');

it('gives the memory of its records away once it is settled, and keeps what is committed', () => {
  const loads: DeliveryLoad[] = [];
  const first = deliveryBatchOf(['{"n":0}', '{"n":1}', '{"n":2}'], loads);
  expect(values(first.view(undefined).records)).toEqual(['{"n":0}', '{"n":1}', '{"n":2}']);
  const offsets = DeliveryBatch.offsetsOf([first]);
  expect(offsets).not.toEqual([]);
  first.rejectRow(1, { code: 'ES_REJECTED', message: 'no' });
  first.settle();
  expect([first.done, first.length, loads.length]).toEqual([true, 0, 1]);

  const second = deliveryBatchOf(['{"other":true}', '{"other":false}'], loads);
  expect(loads).toEqual([]);
  expect(values(second.view(undefined).records)).toEqual(['{"other":true}', '{"other":false}']);
  expect(values(first.outputs.batch())).toEqual(['{"n":1}']);
  expect(DeliveryBatch.offsetsOf([first])).toEqual(offsets);

  second.settle();
  first.reset(1);
  expect([first.done, first.length, first.empty, loads.length]).toEqual([false, 0, true, 0]);
});
