import { type ErrorCode, type ErrorParameters, errorMessage } from '../../errors/index.ts';
import { suggest } from '../../errors/suggest.ts';
import { type FieldPath, parsePath } from '../../record/path.ts';
import type { ResultName } from '../../sdk/aggregate-function.ts';
import type { CompiledOption } from '../../sdk/option.ts';
import type { OptionProblem } from '../../sdk/step.ts';

/** What a result holds of its window. */
const WINDOW: FieldPath = ['window'];

/**
 * What is wrong with the `compute` of a step, once its expressions are bound: names that the result does not have, or only gets
 * later, and fields that take each other's place. `group`: the fields of the group.
 */
export function checkComputation(
  compute: Readonly<Record<string, CompiledOption>>,
  group: readonly FieldPath[],
  option: readonly PropertyKey[] = ['compute'],
): readonly OptionProblem[] {
  const known: FieldPath[] = [WINDOW, ...group];
  return Object.entries(compute).flatMap(([name, computed]) => {
    const place = [...option, name];
    const problems = computed.aggregate.names.flatMap((each) => checkName(each, { compute, known, place }));
    return [...problems, ...checkField(name, computed, { known, place })];
  });
}

/**
 * What is wrong with the `compute` of a step that puts its fields into records, which may have any names: fields that take the place of
 * each other, or of one that is `taken`.
 */
export function checkAddedFields(
  compute: Readonly<Record<string, CompiledOption>>,
  taken: readonly FieldPath[],
  option: readonly PropertyKey[] = ['compute'],
): readonly OptionProblem[] {
  const known = [...taken];
  return Object.entries(compute).flatMap(([name, computed]) => checkField(name, computed, { known, place: [...option, name] }));
}

/** Whether a field can stand beside those that are known, to which it is added. */
function checkField(
  name: string,
  { text }: CompiledOption,
  { known, place }: { readonly known: FieldPath[]; readonly place: readonly PropertyKey[] },
): OptionProblem[] {
  const path = parsePath(name);
  const at = { path: place, offset: 0, length: text.length };
  if (path === undefined) {
    const reason = `${name} is no field path; write names with dots between: stats.errors`;
    return [problem('EXPRESSION_AGGREGATE', { reason }, at)];
  }
  const other = known.find((each) => isPrefix(each, path) || isPrefix(path, each));
  known.push(path);
  if (other === undefined) return [];
  const reason = `${name} would take the place of ${other.join('.')}, which the result has already: give it another name`;
  return [problem('EXPRESSION_AGGREGATE', { reason }, at)];
}

interface NameContext {
  readonly compute: Readonly<Record<string, CompiledOption>>;
  /** The fields that the result has by then. */
  readonly known: readonly FieldPath[];
  readonly place: readonly PropertyKey[];
}

function checkName({ path, offset, length }: ResultName, { compute, known, place }: NameContext): OptionProblem[] {
  // The whole result (`$value`), a part of a field that there is, or an object that holds one.
  if (known.some((each) => isPrefix(each, path) || isPrefix(path, each))) return [];
  const name = path.join('.');
  const at = { path: place, offset, length };
  if (Object.keys(compute).some((later) => isPrefix(parsePath(later) ?? [later], path))) {
    const instead = 'it is not computed yet, since fields are computed in their order';
    return [problem('EXPRESSION_NOT_IN_RESULT', { name, instead }, at)];
  }
  const names = known.map((each) => each.join('.'));
  const near = suggest(name, names);
  const instead =
    near === undefined
      ? `put it into an aggregate, such as sum(${name}) or last(${name}); the result has ${names.join(', ')}`
      : `did you mean ${near}? A field of records stands in an aggregate, such as last(${name})`;
  return [problem('EXPRESSION_NOT_IN_RESULT', { name, instead }, at, near)];
}

function isPrefix(start: FieldPath, path: FieldPath): boolean {
  return start.length <= path.length && start.every((level, i) => level === path[i]);
}

function problem(
  code: ErrorCode,
  parameters: ErrorParameters,
  at: Pick<OptionProblem, 'path' | 'offset' | 'length'>,
  suggestion?: string,
): OptionProblem {
  return { code, message: errorMessage(code, parameters), ...at, ...(suggestion === undefined ? {} : { suggestion }) };
}
