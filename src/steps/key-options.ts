import { z } from 'zod';
import { parsePath } from '../record/path.ts';
import { expression, fieldPath } from '../sdk/schema.ts';
import { keepOption, ruleOptions } from './rule-options.ts';

/**
 * The options of steps that let records of a key go on, changed or not: as those of all rules, but that the values of `by` set no
 * fields, and so need no names.
 */
export const keyOptions = {
  ...ruleOptions,
  ...keepOption,
  by: z
    .union([z.array(expression()).min(1), z.record(z.string(), expression())])
    .superRefine((given, context) => {
      if (!Array.isArray(given) && Object.keys(given).length === 0)
        context.addIssue({ code: 'custom', message: 'at least one value is needed; leave "by" out for one key of all records' });
    })
    .optional()
    .describe(
      'Expressions whose values make up the key, as a list or with names: records of one key are looked at together, in the order of event time. `$key` is the Kafka key; missing and null are the same. Without it all records are of one key.',
    ),
} as const;

const TAKES_TIME = 'records go by the time in @timestamp, which must stay as it is; choose another name';

/** The path of a field that a step sets in records; `@timestamp` is none, for the order of records depends on it. */
export function addedField(): z.ZodType<readonly string[], string> {
  return fieldPath().refine(([first]) => first !== '@timestamp', { error: TAKES_TIME });
}

/** What is wrong where two fields that a step sets would take each other's place. */
export function apartProblem(a: readonly string[] | undefined, b: readonly string[] | undefined): string | undefined {
  if (a === undefined || b === undefined) return undefined;
  const shared = Math.min(a.length, b.length);
  if (a.slice(0, shared).some((level, i) => level !== b[i])) return undefined;
  return `${b.join('.')} would take the place of ${a.join('.')}, or of a part of it; choose another name`;
}

/** What is wrong with setting a field of this name in records. */
export function addedFieldProblem(name: string): string | undefined {
  return parsePath(name)?.[0] === '@timestamp' ? TAKES_TIME : undefined;
}
