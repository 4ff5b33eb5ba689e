import type { JsonValue } from '../record/json.ts';
import { parsePath } from '../record/path.ts';
import { CompiledOption } from '../sdk/option.ts';
import { PatternRule } from '../stream/pattern/pattern-rule.ts';
import { groupTexts } from './group-options.ts';
import { definitionOf } from './pattern/definition-of.ts';
import { matchType } from './pattern/match-type.ts';
import { options, type PatternOptions } from './pattern/options.ts';
import { defineRuleStep } from './rule-step.ts';

/** The form of the stored state: raised when it changes. */
const STATE_FORM = 1;

export const pattern = defineRuleStep<PatternOptions>({
  kind: 'pattern',
  summary: 'Finds sequences of records that follow a pattern, in the records of each key.',
  description: [
    'Records are looked at in the order of event time, whatever order they came in; a match is a result, with the fields of `by` and `compute`, `match.start` and `match.end` (the times of its first and last record) and `@timestamp`, when it was found.',
    'The records themselves go no further. Meanings are those of Flink CEP.',
  ].join(' '),
  options,
  examples: [
    `pattern:
  by: [ card.id ]
  within: 10m
  skip: past_last_event
  sequence:
    - begin: small
      where: "amount < 2"
      times: 2
    - followed_by: big
      where: "amount > 500 && amount > 100 * small.amount"
  compute: { card_tests: count(small), amount: big.amount, merchant: big.merchant.name }`,
    `pattern:
  by: [ order.id ]
  within: 30m
  sequence:
    - { begin: ordered, where: "type === 'order'" }
    - { not_followed_by: paid, where: "type === 'payment'" }`,
  ],
  yields: matchType,
  fingerprint,
  rule(given, { log }) {
    const { compute, timed_out: timedOut, max_partial_matches: maxRuns } = given;
    const measures = compute === undefined ? undefined : Object.entries(compute).map(measureOf);
    return new PatternRule({ definition: definitionOf(given), measures, emitsTimedOut: timedOut === 'emit', maxRuns }, log);
  },
});

function measureOf([name, option]: [string, CompiledOption]): {
  path: readonly string[];
  expression: CompiledOption['match'];
} {
  return { path: parsePath(name) ?? [name], expression: option.match };
}

/** Any change of the pattern makes other states; what is computed, `late` and the limits may change. */
function fingerprint({ by, sequence, within, skip }: PatternOptions): JsonValue {
  return [STATE_FORM, [...groupTexts(by)], plain(sequence), within ?? null, plain(skip)];
}

function plain(value: unknown): JsonValue {
  return JSON.parse(
    JSON.stringify(value, (_, inner: unknown) => (inner instanceof CompiledOption ? inner.text : inner)),
  ) as JsonValue;
}
