import { z } from 'zod';
import type { FieldPath } from '../record/path.ts';
import { groupKey } from '../sdk/group-key.ts';
import { duration, fieldPath } from '../sdk/schema.ts';
import { NUMBER, objectOf, setPath } from '../sdk/types/index.ts';
import { CompareRule, type CompareSettings, windowOf } from '../stream/compare/compare-rule.ts';
import { MOST_WINDOWS, type Spans } from '../stream/compare/earlier-windows.ts';
import { GroupBy, type GroupField } from '../stream/group-by.ts';
import { groupFields, groupTexts } from './group-options.ts';
import { ruleOptions, ruleSettings } from './rule-options.ts';
import { defineRuleStep } from './rule-step.ts';
import { wholeDuration } from './whole-duration.ts';

const STATE_FORM = 1;
const MOST_SPANS = 100;

/** What is in expressions, and hardly in the names of fields that a window has computed. */
const OPERATORS = /[\s()+*/?]/;

const COMPARISON = objectOf({
  windows: NUMBER,
  'before?': NUMBER,
  'difference?': NUMBER,
  'ratio?': NUMBER,
  'stddev?': NUMBER,
  'zscore?': NUMBER,
});

const options = z
  .strictObject({
    of: z
      .union([fieldPath(), z.array(fieldPath()).min(1)])
      .describe('The field, or the fields, that are compared: numbers that the window has computed.'),
    with: z
      .union([z.literal('previous'), wholeDuration(), z.array(wholeDuration()).min(1).max(MOST_SPANS)])
      .default('previous')
      .describe(
        'The earlier windows: `previous`, the one that ends where this one starts; `1d`, the one that started so long before; a list of such durations.',
      ),
    last: z
      .number()
      .int()
      .min(1)
      .max(MOST_SPANS)
      .default(1)
      .describe('How many earlier windows: the last 7 before this one, or with `with: 1d` that of each of the last 7 days.'),
    into: fieldPath()
      .prefault('compare')
      .describe('The field that gets the comparisons, each under the path of what is compared.'),
    missing: z
      .number()
      .optional()
      .describe(
        'What a window counts as that has no result for the key (nothing was counted in it), or no number in the field: `0`. Without it such windows are left out.',
      ),
    keep: duration()
      .refine(Number.isInteger, { error: 'must be a whole number of ms' })
      .default(0)
      .describe(
        'For how long after the end of a window its result may be revised: `keep` of the window. A revision takes the place of the value and goes on, compared anew; later windows that were compared with the old value stay as they are.',
      ),
    early: z
      .boolean()
      .default(false)
      .describe('Whether early results go on, compared at once with what is known. They are never remembered.'),
    ...ruleOptions,
  })
  .superRefine((given, context) => {
    for (const [i, path] of fieldsOf(given).entries()) {
      const text = path.join('.');
      if (!OPERATORS.test(text)) continue;
      const message = `${JSON.stringify(text)} is no field: compute it in the window, or by a "map" before this step, and name what that has set`;
      context.addIssue({ code: 'custom', path: typeof given.of[0] === 'string' ? ['of'] : ['of', i], message });
    }
    if (Array.isArray(given.with) && given.last > 1) {
      const message = 'a list in "with" names the windows one by one: leave "last" out, or write one duration';
      context.addIssue({ code: 'custom', path: ['last'], message });
    }
    const { back } = spansOf(given);
    if (back.length === 0 || (Math.max(...back) + given.keep) / stepOf(back) < MOST_WINDOWS) return;
    const message = `between the earliest of them and the window there are more than ${MOST_WINDOWS} at the distance that they have in common, and all would be remembered together; choose durations that are multiples of each other`;
    context.addIssue({ code: 'custom', path: ['with'], message });
  });

type CompareOptions = z.output<typeof options>;

export const compare = defineRuleStep<CompareOptions>({
  kind: 'compare',
  summary: 'Compares results of windows with those of earlier windows of the same key.',
  description: [
    'Records must be results of one step `window`, here or in the topic of another stream, and `by` must name all the fields that its results are grouped by.',
    'Each goes on with `compare.<field>`: `before` (the earlier value, or the mean of several), `difference`, `ratio` (missing where `before` is 0), `windows` (how many earlier values there are), and of several `stddev` (of a sample) and `zscore`. Without any earlier value there is only `windows: 0`.',
    'A filter behind it finds spikes: `filter: "compare.errors.ratio > 3"`.',
    'A window without a result is not compared, for there is no record of it.',
  ].join(' '),
  options,
  main: 'of',
  examples: [
    'compare: { by: [ url.path ], of: errors }',
    'compare: { by: [ url.path ], of: [ errors, latency.p99 ], with: 1d, last: 7, missing: 0 }',
    'compare: { by: [ shop.id ], of: turnover, with: [ 1d, 7d ], into: usual, keep: 10m }',
  ],
  fingerprint: (given) => {
    const { back, previous } = spansOf(given);
    return ['compare', STATE_FORM, [...groupTexts(given.by)], fieldsOf(given).map((path) => [...path]), [...back], previous];
  },
  yields(given, known) {
    const single = typeof given.of[0] === 'string';
    return fieldsOf(given).reduce((record, path, i) => {
      known.read(path, { at: single ? ['of'] : ['of', i], takes: NUMBER });
      return setPath(record, [...given.into, ...path], { type: COMPARISON, always: true });
    }, known.input);
  },
  rule(given) {
    const { by, into, missing, keep, early } = given;
    const group = groupFields(by);
    const keyOf: CompareSettings['keyOf'] = (record) => groupKey(group.map(({ evaluate }) => evaluate(record)));
    return new CompareRule({ keyOf, spans: spansOf(given), of: fieldsOf(given), into, missing, keep, early });
  },
  settings(given) {
    const groupBy = new GroupBy([...groupFields(given.by), ...phaseOf(spansOf(given))]);
    return { ...ruleSettings(given), takesLate: 0, groupBy, keep: given.keep };
  },
  revises: ({ keep, early }) => (early ? 'early' : keep > 0 ? 'keep' : undefined),
});

function fieldsOf({ of }: Pick<CompareOptions, 'of'>): readonly FieldPath[] {
  return (typeof of[0] === 'string' ? [of] : of) as readonly FieldPath[];
}

function spansOf({ with: given, last }: Pick<CompareOptions, 'with' | 'last'>): Spans {
  if (given === 'previous') return { back: [], previous: last };
  if (Array.isArray(given)) return { back: given, previous: 0 };
  return { back: Array.from({ length: last }, (_, i) => (i + 1) * given), previous: 0 };
}

/** The distance that windows have which may be compared with each other. */
function stepOf(back: readonly number[]): number {
  return back.reduce(commonDivisor);
}

function commonDivisor(a: number, b: number): number {
  return b === 0 ? a : commonDivisor(b, a % b);
}

/**
 * Windows that are never compared with each other are states of their own (those of 10:05 and of 10:10, with `1d`), so that a result
 * changes a small state, and not one of all the windows of days.
 */
function phaseOf({ back }: Spans): readonly GroupField[] {
  if (back.length === 0) return [];
  const step = stepOf(back);
  const evaluate: GroupField['evaluate'] = ({ value }) => {
    const start = windowOf(value)?.start ?? 0;
    return ((start % step) + step) % step;
  };
  return [{ path: ['window'], evaluate }];
}
