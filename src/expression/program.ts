import type { JsonValue } from '../record/json.ts';
import type { FieldPath } from '../record/path.ts';
import { StreamRecord } from '../record/record.ts';
import type { Evaluate } from '../sdk/option.ts';
import { VALUE } from './emit-path.ts';
import type { Emitter } from './emitter.ts';
import type { ExpressionProblem } from './problem.ts';

/** What compiling gives: a function, or everything that is wrong with the text. */
export type CompileResult = Compiled | Failed;

export interface Failed {
  readonly ok: false;
  readonly errors: readonly ExpressionProblem[];
}

export interface Compiled {
  readonly ok: true;
  readonly evaluate: Evaluate;
  /** The value where it is the same for every record; absent also where it is always missing. */
  readonly constant?: { readonly value: JsonValue };
  /** The fields read, without repetition. An empty path is the whole value; below an index that is computed, the path ends. */
  readonly fields: readonly FieldPath[];
  /** The fields that a `map` program sets or deletes, in order. */
  readonly writes?: readonly FieldPath[];
}

/** The function whose body is `body`, in terms of `record`, its value and the emitter's constants and temporaries. */
export function assemble(emitter: Emitter, body: string): Evaluate {
  return assembleFunction<Evaluate>(emitter, 'record', `const ${VALUE}=record.value;\n${body}`);
}

/** The function with these parameters whose body is `body`, in terms of the emitter's constants and temporaries. */
export function assembleFunction<Made>(emitter: Emitter, parameters: string, body: string): Made {
  const constants = emitter.constants.map((_, i) => `c${i}=constants[${i}]`);
  const temporaries = Array.from({ length: emitter.temporaries }, (_, i) => `t${i}`);
  const code = [
    '"use strict";',
    constants.length > 0 ? `const ${constants.join(',')};` : '',
    `return function evaluate(${parameters}){`,
    temporaries.length > 0 ? `let ${temporaries.join(',')};` : '',
    body,
    '}',
  ].join('\n');
  // The one place where code is made of text: see Emitter for what may get into it.
  const make = new Function('constants', code) as (constants: readonly unknown[]) => Made;
  return make(emitter.constants);
}

/** Fails where the emitter found problems; otherwise the function that gives the value of `code`. */
export function finish(emitter: Emitter, code: string): CompileResult {
  if (emitter.problems.length > 0) return failed(emitter.problems);
  const evaluate = assemble(emitter, `return ${code};`);
  const fields = distinct(emitter.fields);
  if (emitter.readsRecord) return { ok: true, evaluate, fields };
  const value = evaluate(new StreamRecord());
  return value === undefined ? { ok: true, evaluate, fields } : { ok: true, evaluate, fields, constant: { value } };
}

/** A failure with its problems in the order of the text. */
export function failed(problems: readonly ExpressionProblem[]): Failed {
  return { ok: false, errors: problems.toSorted((a, b) => a.offset - b.offset) };
}

export function distinct(paths: readonly FieldPath[]): readonly FieldPath[] {
  return [...new Map(paths.map((path) => [JSON.stringify(path), path])).values()];
}
