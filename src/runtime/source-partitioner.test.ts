import { expect, it } from 'vitest';
import { sourceNode } from '../../test/support/tasks.ts';
import { bindOption, defaultScope } from '../expression/index.ts';
import { BatchBuilder } from '../record/batch-builder.ts';
import { CompiledOption } from '../sdk/option.ts';
import { SourcePartitioner } from './source-partitioner.ts';

function batchOf(value: string): ReturnType<BatchBuilder['batch']> {
  const builder = new BatchBuilder(['in']);
  builder.begin(0, -1, 0);
  builder.value(value);
  return builder.batch();
}

function partitioner(stepsChange: boolean): SourcePartitioner {
  const partitionBy = new CompiledOption('template', '{{ id }}');
  expect(bindOption(partitionBy, defaultScope)).toEqual([]);
  const none = (): never => {
    throw new Error('not started here');
  };
  return new SourcePartitioner(sourceNode(none, { partitionBy }), 4, stepsChange);
}

it('gives a key by the record as it comes, where no step changes it', () => {
  const placed = partitioner(false).place(batchOf('{"id":"a"}'), 'file');
  expect(placed.key(0)?.toString()).toBe('a');
  expect(partitioner(false).keyOf(batchOf('{}'), 0, { id: 'a' })).toBeUndefined();
});

it('gives a key by what the steps have made of it, where they change it', () => {
  const source = partitioner(true);
  expect(source.place(batchOf('{"message":"{}"}'), undefined).key(0)).toBeNull();
  expect(source.keyOf(batchOf('{"message":"{}"}'), 0, { id: 7 })).toBe('7');
  expect(source.keyOf(batchOf('{"message":"{}"}'), 0, {})).toBeUndefined();
});
