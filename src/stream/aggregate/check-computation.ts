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
  return Object.entries(compute).flatMap(([name, { text, aggregate }]) => {
    const path = parsePath(name);
    const place = { path: [...option, name], offset: 0, length: text.length };
    const problems = aggregate.names.flatMap((each) => checkName(each, { compute, known, place: place.path }));
    if (path === undefined) {
      const reason = `${name} is no field path; write names with dots between: stats.errors`;
      return [...problems, problem('EXPRESSION_AGGREGATE', { reason }, place)];
    }
    const other = known.find((each) => isPrefix(each, path) || isPrefix(path, each));
    known.push(path);
    if (other === undefined) return problems;
    const reason = `${name} would take the place of ${other.join('.')}, which the result has already: give it another name`;
    return [...problems, problem('EXPRESSION_AGGREGATE', { reason }, place)];
  });
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
