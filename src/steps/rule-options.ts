import { z } from 'zod';
import { duration } from '../sdk/schema.ts';
import { GroupBy } from '../stream/group-by.ts';
import type { RuleSettings } from '../stream/rule/rule-operator.ts';
import { by, groupFields } from './group-options.ts';
import { lateOption } from './late-option.ts';

const MOST = 100_000_000;

const limit = (unless: number): z.ZodDefault<z.ZodNumber> => z.number().int().min(1).max(MOST).default(unless);

/** The options that all steps have which take the records of each key in the order of event time. */
export const ruleOptions = {
  by: by
    .optional()
    .describe(
      'Expressions whose values make up the key: records of one key are looked at together, in the order of event time. In a list, a path sets the field of its name in results (`[ card.id ]`), and `$key` sets `key`; anything else is given a name: `{ card: "lower(card.id)" }`. Without it all records are of one key.',
    ),
  late: lateOption('those that come when the watermark has passed their time'),
  max_keys: limit(1_000_000).describe(
    'How many keys a partition may hold in memory. A record that would add one more is a dead letter.',
  ),
  max_waiting: limit(1_000_000).describe(
    'How many records a partition may hold that wait for those before them in event time. One more is a dead letter.',
  ),
} as const;

/** The option of those steps for which a record that is late may count as one of now. */
export const keepOption = {
  keep: duration()
    .prefault('0s')
    .describe(
      'For how long a late record is taken all the same: at once, behind those that have had their turn, as if its time was where the step stands by then.',
    ),
} as const;

export type RuleOptions = z.output<z.ZodObject<typeof ruleOptions>>;

export function ruleSettings(given: RuleOptions & { readonly keep?: number }): RuleSettings {
  const { by: key, late, keep = 0, max_keys: maxKeys, max_waiting: maxWaiting } = given;
  return { groupBy: new GroupBy(groupFields(key)), late, takesLate: keep, maxKeys, maxWaiting };
}
