import { parsePath } from '../record/path.ts';
import { CompiledOption } from '../sdk/option.ts';
import type { Against, StepTypes } from '../sdk/step-types.ts';
import {
  BOOLEAN,
  type FieldType,
  NULL,
  NUMBER,
  objectOf,
  oneOf,
  putPath,
  type RecordType,
  STRING,
  setPath,
  without,
} from '../sdk/types/index.ts';
import { type By, namedOptions } from './group-options.ts';
import type { Compute } from './window/compute.ts';

/** What is known of a result that has its time and the fields of its group, where a missing value is null. */
export function groupedType(by: By | undefined, known: StepTypes): RecordType {
  return namedOptions(by).reduce(
    (result, { path, option }) => setPath(result, path, orNull(known.valueOf(option))),
    objectOf({ '@timestamp': STRING }),
  );
}

/** What a value is that is null where it is missing. */
export function orNull({ type, always }: FieldType): FieldType {
  return { type: always ? type : oneOf(type, NULL), always: true };
}

/** What is known of a result, or a record, with the fields of `compute`: each expression sees those before it. */
export function computedType(compute: Compute, start: RecordType, known: StepTypes): RecordType {
  let result = start;
  for (const [name, option] of Object.entries(compute))
    result = putPath(result, parsePath(name) ?? [name], known.valueOf(option, { result }));
  return result;
}

/** What is known of a result with the fields that it shows of a record; what is missing or null shows nothing. */
export function shownType(
  fields: Readonly<Record<string, CompiledOption | number | boolean>> | undefined,
  start: RecordType,
  known: StepTypes,
  against: Against = {},
): RecordType {
  let result = start;
  for (const [name, shown] of Object.entries(fields ?? {})) {
    const { type, always } = shown instanceof CompiledOption ? known.valueOf(shown, against) : literalType(shown);
    result = setPath(result, parsePath(name) ?? [name], {
      type: without(type, 'null'),
      always: always && type.null === undefined,
    });
  }
  return result;
}

function literalType(shown: number | boolean): FieldType {
  return { type: typeof shown === 'number' ? NUMBER : BOOLEAN, always: true };
}
