import { z } from 'zod';
import { CompiledOption } from '../../sdk/option.ts';
import { duration, matchExpression } from '../../sdk/schema.ts';
import { fieldMapping } from '../field-mapping.ts';
import { keepOption, ruleOptions } from '../rule-options.ts';
import { checkSequence } from './check-sequence.ts';
import { element } from './element-options.ts';
import { namesOf } from './names.ts';

const MOST_PARTIAL = 1_000_000;
const DEFAULT_PARTIAL = 1000;

const named = (which: string): z.ZodString => z.string().min(1).describe(`The name of an element: ${which}.`);

const fields = z.strictObject({
  ...ruleOptions,
  ...keepOption,
  sequence: z
    .array(element)
    .min(1)
    .describe('The elements of the pattern, in order; the first is `begin`, each other says how it stands to the one before.'),
  within: duration()
    .refine((ms) => ms > 0, { error: 'must be longer than nothing' })
    .optional()
    .describe(
      'How long after its first record a match must be complete, in event time: one that takes exactly as long is none. Without it partial matches are kept for ever, up to `max_partial_matches`.',
    ),
  skip: z
    .union([
      z.enum(['no_skip', 'to_next', 'past_last_event']),
      z.strictObject({ to_first: named('matches that began before its first record are ruled out') }),
      z.strictObject({ to_last: named('matches that began before its last record are ruled out') }),
    ])
    .default('no_skip')
    .describe(
      'Which other matches a match rules out: none (`no_skip`), those that begin with the same record (`to_next`), those that begin with one of its records or between them (`past_last_event`), those that begin before the first or last record of an element (`{ to_first: name }`, `{ to_last: name }`).',
    ),
  timed_out: z
    .enum(['drop', 'emit'])
    .default('drop')
    .describe(
      'What becomes of partial matches that were not complete in time: `drop`, or `emit`: they are results too, with `match.timed_out`.',
    ),
  compute: fieldMapping(matchExpression())
    .optional()
    .describe(
      'What results have of a match: `{ first: first(small.amount), total: sum(big.amount), city: big.city }`. A path that begins with no element is that of the last record. Without it they have all records, by the names of their elements, in `matched`.',
    ),
  max_partial_matches: z
    .number()
    .int()
    .min(1)
    .max(MOST_PARTIAL)
    .default(DEFAULT_PARTIAL)
    .describe('How many partial matches a key may have: the oldest beyond are given up, with a warning.'),
});

export const options = fields.superRefine(({ sequence, skip, within, compute }, context) => {
  const names = namesOf(sequence);
  for (const { path, message } of checkSequence(sequence, { within }))
    context.addIssue({ code: 'custom', path: ['sequence', ...path], message });
  for (const [key, name] of Object.entries(typeof skip === 'object' ? skip : {})) {
    if (names.includes(name)) continue;
    const message = `there is no element "${name}"; the elements are ${names.join(', ')}`;
    context.addIssue({ code: 'custom', path: ['skip', key], message });
  }
  tellNames([sequence, compute], names);
});

export type PatternOptions = z.output<typeof options>;

/** Tells the expressions by which names they may call elements. */
function tellNames(value: unknown, names: readonly string[]): void {
  if (value instanceof CompiledOption) value.elements = names;
  else if (typeof value === 'object' && value !== null) for (const inner of Object.values(value)) tellNames(inner, names);
}
