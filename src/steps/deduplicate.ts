import { z } from 'zod';
import { groupKey } from '../sdk/group-key.ts';
import { defineStatefulStep, type Grouping } from '../sdk/operator.ts';
import type { CompiledOption } from '../sdk/option.ts';
import { duration, expression } from '../sdk/schema.ts';
import { Deduplicator } from '../stream/deduplicate/deduplicator.ts';
import { identityByValues, identityByWhole } from './deduplicate/identity.ts';
import { groupedBy } from './group-options.ts';
import { lateOption, lateTopics } from './late-option.ts';

const STATE_VERSION = 1;
const MOST_KEYS = 20_000_000;

const options = z.strictObject({
  by: z
    .union([z.array(expression()).min(1), z.record(z.string(), expression())])
    .optional()
    .describe(
      'What duplicates have in common: expressions, as a list or with names. `$key` is the Kafka key. Without it the whole value. A record for which all are missing or null goes on.',
    ),
  within: duration().describe('How far in event time a duplicate may be from the record that was let through, to either side.'),
  late: lateOption('those that come when the time in which their duplicates are known is over'),
  max_keys: z
    .number()
    .int()
    .min(1)
    .max(MOST_KEYS)
    .default(1_000_000)
    .describe('The most keys that a partition remembers: a record with a new one beyond is rejected.'),
});

type DeduplicateOptions = z.output<typeof options>;

export const deduplicate = defineStatefulStep<DeduplicateOptions>({
  kind: 'deduplicate',
  summary: 'Lets the first record of each key within a time go on, and drops the others.',
  description: [
    'A record is a duplicate where one with the same key, at most `within` away in event time, has been let through before it, in the order of its partition.',
    'One that was let through is forgotten once the watermark has passed its time by `within`.',
    'What is remembered is committed with the records, so that a crash lets no duplicate through and loses no record.',
  ].join(' '),
  options,
  main: 'by',
  changesValue: false,
  readsValue: true,
  topics: ({ late }) => lateTopics(late),
  routesAll: () => false,
  examples: [
    'deduplicate: { by: [ order.id ], within: 10m }',
    'deduplicate: { by: [ $key ], within: 1h, late: access.errors }',
    'deduplicate: { within: 5s }',
  ],
  state: {
    grouping: ({ by }) => groupingBy(expressionsOf(by)),
    fingerprint: ({ by, within }) => ['deduplicate', STATE_VERSION, expressionsOf(by).map(({ text }) => text), within],
    create({ by, within, late, max_keys: maxKeys }, context) {
      const expressions = expressionsOf(by).map(({ evaluate }) => evaluate);
      const identityOf = expressions.length === 0 ? identityByWhole : identityByValues(expressions);
      return new Deduplicator({ identityOf, within, late, maxKeys }, context);
    },
  },
});

function expressionsOf(by: DeduplicateOptions['by']): readonly CompiledOption[] {
  return by === undefined ? [] : Object.values(by);
}

function groupingBy(by: readonly CompiledOption[]): Grouping {
  if (by.length === 0) return groupedBy(['$value'], identityByWhole);
  const expressions = by.map(({ evaluate }) => evaluate);
  return groupedBy(
    by.map(({ text }) => text.trim()),
    (record) => {
      const values = expressions.map((each) => each(record) ?? null);
      // One that can have no duplicate may stay where it is.
      return values.every((value) => value === null) ? null : groupKey(values);
    },
  );
}
