import { z } from 'zod';
import { duration, expression, parseDuration } from '../../sdk/schema.ts';
import type { Emission } from '../../stream/window/settings.ts';
import { by, reservedProblem } from '../group-options.ts';
import { lateOption } from '../late-option.ts';
import { compute, computedPaths } from './compute.ts';
import { KINDS, kinds } from './kinds.ts';

const EVERY = /^every\s+(\S+)$/;
const MAX_GROUPS = 1_000_000;
const MOST_GROUPS = 100_000_000;

const emit = z.string().transform((text, context): Emission => {
  if (text === 'close' || text === 'update') return text;
  const every = parseDuration(EVERY.exec(text)?.[1] ?? '');
  if (every !== undefined && every > 0) return { every };
  context.addIssue({
    code: 'custom',
    message: `${JSON.stringify(text)} says not when to emit; write close, update, or an interval with its unit: "every 5s"`,
  });
  return z.NEVER;
});

const fields = z.strictObject({
  ...kinds,
  by: by
    .optional()
    .describe(
      'Expressions that records are grouped by. In a list, a path sets the field of its name in the result (`[ url.path ]`), and `$key` sets `key`; anything else is given a name: `{ path: "lower(url.path)" }`. A missing value is null. Without it all records are one group.',
    ),
  compute: compute.describe('What is computed for each group: `{ errors: count(), bytes: sum(http.response.body.bytes) }`.'),
  having: expression()
    .optional()
    .describe('An expression over the result: only results for which it is true are emitted: `errors > 100`.'),
  keep: duration()
    .refine(Number.isInteger, { error: 'must be a whole number of ms' })
    .default(0)
    .describe('For how long after its end a window takes late records, each of which makes a new revision of the result.'),
  emit: emit
    .default('close')
    .describe(
      'When results are emitted: `close` (when the window is complete), `update` (also once a micro-batch, of all groups that it changed) or `every 5s` (also at that interval of wall-clock time, of all groups changed since). The result on time comes in any case.',
    ),
  late: lateOption('those that are too late for all of their windows'),
  max_groups: z
    .number()
    .int()
    .min(1)
    .max(MOST_GROUPS)
    .default(MAX_GROUPS)
    .describe(
      'How many groups in open windows a partition may hold in memory. A record that would add one more is a dead letter.',
    ),
});

export const options = fields.superRefine((given, context) => {
  const complain = (path: PropertyKey[], message: string): void => {
    context.addIssue({ code: 'custom', path, message });
  };
  const chosen = KINDS.filter((kind) => given[kind] !== undefined);
  if (chosen.length === 0) complain([], `one of ${KINDS.join(', ')} is needed: it says which windows there are`);
  for (const kind of chosen.slice(1)) complain([kind], `a step has windows of one kind, and "${chosen[0]}" stands there already`);
  for (const path of computedPaths(given.compute)) {
    const problem = reservedProblem(path);
    if (problem !== undefined) complain(['compute', path.join('.')], problem);
  }
});

export type WindowOptions = z.output<typeof options>;
