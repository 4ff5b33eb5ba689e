import { defineStatefulStep, type OperatorContext, type StatefulFacet, type StatefulStepDefinition } from '../sdk/operator.ts';
import type { Rule } from '../stream/rule/rule.ts';
import { RuleOperator, type RuleSettings } from '../stream/rule/rule-operator.ts';
import { groupingOf } from './group-options.ts';
import { lateTopics } from './late-option.ts';
import { type RuleOptions, ruleSettings } from './rule-options.ts';

type Definition<Options> = Parameters<typeof defineStatefulStep<Options>>[0];

interface RuleStep<Options>
  extends Omit<Definition<Options>, 'changesValue' | 'readsValue' | 'topics' | 'routesAll' | 'state'>,
    Pick<StatefulFacet<Options>, 'fingerprint' | 'revises' | 'keepsOrder'> {
  rule(options: Options, context: OperatorContext): Rule<unknown>;
  /** Absent: as the options that all rules have say. */
  settings?(options: Options): RuleSettings;
}

/** Defines a step that applies a rule to the records of each key, in the order of event time. */
export function defineRuleStep<Options extends RuleOptions>(step: RuleStep<Options>): StatefulStepDefinition<Options> {
  const { rule, settings = ruleSettings, fingerprint, revises, keepsOrder = false, ...rest } = step;
  return defineStatefulStep<Options>({
    ...rest,
    changesValue: true,
    readsValue: true,
    topics: ({ late }) => lateTopics(late),
    routesAll: () => false,
    state: {
      grouping: ({ by }) => groupingOf(by),
      fingerprint,
      keepsOrder,
      create: (options, context) => new RuleOperator(rule(options, context), settings(options), context),
      ...(revises === undefined ? {} : { revises }),
    },
  });
}
