import { z } from 'zod';
import type { CompiledOption } from '../../sdk/option.ts';
import { duration, matchExpression } from '../../sdk/schema.ts';

/** The keys of an element that say how it stands to the one before, with its name: Flink CEP's methods. */
export const LINKS = ['begin', 'next', 'followed_by', 'followed_by_any', 'not_next', 'not_followed_by'] as const;
export type LinkKey = (typeof LINKS)[number];

/** An element of a sequence as it is written. */
export interface ElementOptions {
  begin?: string | ElementOptions[] | undefined;
  next?: string | ElementOptions[] | undefined;
  followed_by?: string | ElementOptions[] | undefined;
  followed_by_any?: string | ElementOptions[] | undefined;
  not_next?: string | undefined;
  not_followed_by?: string | undefined;
  where?: CompiledOption | undefined;
  times?: number | { from: number; to?: number | undefined } | undefined;
  one_or_more: boolean;
  optional: boolean;
  greedy: boolean;
  consecutive: boolean;
  allow_combinations: boolean;
  until?: CompiledOption | undefined;
  within?: number | undefined;
}

const MOST_TIMES = 1000;
/** Elements begin the paths by which conditions ask what they have taken. */
const NAME = /^[A-Za-z_]\w*$/;

const elementName = z.string().regex(NAME, { error: 'must be a name of letters, digits and _, which conditions can call it by' });
const group = z.array(z.lazy((): z.ZodType<ElementOptions> => element)).min(1);
const nameOrGroup = z.union([elementName, group]);
const count = z.number().int().min(0).max(MOST_TIMES);
const flag = (text: string): z.ZodDefault<z.ZodBoolean> => z.boolean().default(false).describe(text);

export const element: z.ZodType<ElementOptions> = z.strictObject({
  begin: nameOrGroup
    .optional()
    .describe('The name of the first element of a sequence; or a list, a sequence of its own (a group).'),
  next: nameOrGroup
    .optional()
    .describe('The name of an element that takes the very next record (strict contiguity); or a group.'),
  followed_by: nameOrGroup
    .optional()
    .describe(
      'The name of an element that takes the next record that matches: others may be between (relaxed contiguity); or a group.',
    ),
  followed_by_any: nameOrGroup
    .optional()
    .describe(
      'The name of an element that may take any later record that matches, each a match of its own (non-deterministic relaxed contiguity); or a group.',
    ),
  not_next: elementName.optional().describe('The name of a condition that the very next record must not meet.'),
  not_followed_by: elementName
    .optional()
    .describe(
      'The name of a condition that no record meets between the elements before and behind; at the end of the sequence: within the time of `within`.',
    ),
  where: matchExpression()
    .optional()
    .describe(
      'An expression that is true for the records that it takes. Earlier records of the match are reached by the names of elements: `amount > 10 * small.amount` (the last that it took), `sum(small.amount)`, `count(small)`. Without it, any record.',
    ),
  times: z
    .union([
      z.number().int().min(1).max(MOST_TIMES),
      z.strictObject({
        from: count.describe('The least.'),
        to: count.min(1).optional().describe('The most; without it there is none.'),
      }),
    ])
    .optional()
    .describe('How many records it takes: a number, or a range `{ from: 2, to: 4 }`; without `to`, any number from `from` on.'),
  one_or_more: flag('Takes one record or more.'),
  optional: flag('May be left out.'),
  greedy: flag('Takes as many records as it can: what follows takes none that it would take.'),
  consecutive: flag('The records that it takes follow each other with none between (strict contiguity in the loop).'),
  allow_combinations: flag(
    'Any of the records that match may be left out, each choice a match of its own (non-deterministic relaxed contiguity in the loop).',
  ),
  until: matchExpression()
    .optional()
    .describe('Ends `one_or_more` and `times` without `to`: a record for which it is true is not taken, nor any behind it.'),
  within: duration().optional().describe('How long after the record that was taken before it must take its (first) record.'),
});
