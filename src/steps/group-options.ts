import { z } from 'zod';
import { type FieldPath, parsePath } from '../record/path.ts';
import type { StreamRecord } from '../record/record.ts';
import { groupKey } from '../sdk/group-key.ts';
import type { Grouping } from '../sdk/operator.ts';
import type { CompiledOption } from '../sdk/option.ts';
import { expression } from '../sdk/schema.ts';
import type { GroupField } from '../stream/group-by.ts';

/** Fields of a result that windows set themselves. */
const RESERVED: ReadonlySet<string> = new Set(['@timestamp', 'window', 'pane', 'revision']);

/** A path that means the same as an expression and as a field. */
const PLAIN_PATH = /^[A-Za-z_]\w*(\.[A-Za-z_]\w*)*$/;
const NO_PATHS: ReadonlySet<string> = new Set(['true', 'false', 'null', 'undefined', 'NaN', 'Infinity']);

/** By what records are grouped. */
export const by = z.union([z.array(expression()).min(1), z.record(z.string(), expression())]).superRefine((given, context) => {
  for (const [key, { text }] of Object.entries(given)) {
    const path = Array.isArray(given) ? listedField(text) : parsePath(key);
    const at = Array.isArray(given) ? [Number(key)] : [key];
    const problem = path === undefined ? unnamed(Array.isArray(given) ? text : key, Array.isArray(given)) : reservedProblem(path);
    if (problem !== undefined) context.addIssue({ code: 'custom', path: at, message: problem });
  }
  if (!Array.isArray(given) && Object.keys(given).length === 0)
    context.addIssue({ code: 'custom', message: 'at least one field is needed; leave "by" out for one group of all records' });
});

export type By = z.output<typeof by>;

function unnamed(text: string, inList: boolean): string {
  return inList
    ? `the field of the result for ${JSON.stringify(text)} has no name; write a mapping: { name: ${JSON.stringify(text)} }`
    : `${JSON.stringify(text)} is no field path; write names with dots between: url.path`;
}

/** What is wrong with setting this field in a result. */
export function reservedProblem([first]: FieldPath): string | undefined {
  return RESERVED.has(first as string)
    ? `the field "${first}" of a result is set by the window itself; choose another name`
    : undefined;
}

/** The field of a result that shows a value of a list such as `by`: the path that it is, or `key`. */
export function listedField(text: string): FieldPath | undefined {
  const plain = text.trim();
  if (plain === '$key') return ['key'];
  return PLAIN_PATH.test(plain) && !NO_PATHS.has(plain) ? parsePath(plain) : undefined;
}

interface NamedOption {
  readonly path: FieldPath;
  readonly option: CompiledOption;
}

/** What records are grouped by, each with the field of results that shows it. */
export function namedOptions(given: By | undefined): NamedOption[] {
  if (given === undefined) return [];
  if (Array.isArray(given)) return given.map((option) => ({ path: listedField(option.text) ?? [option.text], option }));
  return Object.entries(given).map(([key, option]) => ({ path: parsePath(key) ?? [key], option }));
}

/** The fields that results show the groups by, before anything is compiled. */
export function groupPaths(given: By | undefined): readonly FieldPath[] {
  return namedOptions(given).map(({ path }) => path);
}

export function groupTexts(given: By | undefined): readonly string[] {
  return namedOptions(given).map(({ option }) => option.text.trim());
}

export function groupFields(given: By | undefined): readonly GroupField[] {
  return namedOptions(given).map(({ path, option }) => ({ path, evaluate: option.evaluate }));
}

/** How records must be spread so that those of a group are together. */
export function groupingOf(given: By | undefined): Grouping {
  const texts = groupTexts(given);
  if (texts.length === 0) return { by: 'nothing' };
  const evaluate = groupFields(given).map((field) => field.evaluate);
  return groupedBy(texts, (record) => groupKey(evaluate.map((value) => value(record))));
}

/** Grouping by the values of expressions, of which `keyOf` makes a Kafka key; by `$key` alone records are together already. */
export function groupedBy(texts: readonly string[], keyOf: (record: StreamRecord) => string | null): Grouping {
  return texts.length === 1 && texts[0] === '$key' ? { by: 'key' } : { by: 'values', texts, keyOf };
}
