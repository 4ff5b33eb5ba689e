import { z } from 'zod';
import type { StreamRecord } from '../record/record.ts';
import { groupKey } from '../sdk/group-key.ts';
import type { Evaluate } from '../sdk/option.ts';
import { expression } from '../sdk/schema.ts';
import { DROPPED, defineStep } from '../sdk/step.ts';
import { murmur3 } from '../stream/aggregate/murmur.ts';
import { identityByWhole } from './deduplicate/identity.ts';

/** What keys are hashed with: another number would choose other records. A format, and none that sketches use. */
const SEED = 0x53414d50;
const HASHES = 2 ** 32;

const options = z.strictObject({
  rate: z.number().min(0).max(1).describe('Which part of the keys goes on: 0.1 is one in ten.'),
  by: z
    .union([z.array(expression()).min(1), z.record(z.string(), expression())])
    .optional()
    .describe(
      'What is chosen: expressions whose values make up the key, as a list or with names; all records of a key go on, or none. `$key` is the Kafka key. Without it, and for a record in which all of them are missing or null, it is the whole value.',
    ),
});

export const sample = defineStep<z.output<typeof options>>({
  kind: 'sample',
  summary: 'Lets a part of the records go on: all records of some keys.',
  description: [
    'Which keys is decided by a hash of them: without state or chance, so that all records of a trace stay together, in any stream and in a replay.',
    'What goes on at a rate goes on at every higher one too.',
    'Records that must never be left out are spared by `when` of the step. For so many of each key in a time see `throttle`.',
  ].join(' '),
  options,
  main: 'rate',
  changesValue: false,
  readsValue: true,
  examples: ['sample: { rate: 0.1, by: [ trace.id ] }', 'sample: 0.01'],
  create({ rate, by }) {
    const below = rate * HASHES;
    const keyOf = keyBy(Object.values(by ?? {}).map(({ evaluate }) => evaluate));
    return (record) => (murmur3(keyOf(record), SEED) < below ? undefined : DROPPED);
  },
});

function keyBy(by: readonly Evaluate[]): (record: StreamRecord) => string {
  if (by.length === 0) return identityByWhole;
  return (record) => {
    const values = by.map((each) => each(record) ?? null);
    return values.every((value) => value === null) ? identityByWhole(record) : (groupKey(values) as string);
  };
}
