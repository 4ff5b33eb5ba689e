import { parsePath } from '../../record/path.ts';
import type { CompiledOption } from '../../sdk/option.ts';
import type { StepTypes } from '../../sdk/step-types.ts';
import {
  BOOLEAN,
  type FieldType,
  listOf,
  objectOf,
  objectType,
  type RecordType,
  STRING,
  setPath,
} from '../../sdk/types/index.ts';
import { groupedType } from '../result-types.ts';
import type { ElementOptions } from './element-options.ts';
import { groupOf, namesOf } from './names.ts';
import type { PatternOptions } from './options.ts';

const MATCH = objectOf({ start: STRING, end: STRING, 'timed_out?': BOOLEAN });

/** What is known of a match: what is computed of it, or the records that its elements have taken. */
export function matchType({ by, sequence, compute }: PatternOptions, known: StepTypes): RecordType {
  for (const condition of conditionsOf(sequence)) known.condition(condition);
  const match = setPath(groupedType(by, known), ['match'], { type: MATCH, always: true });
  if (compute === undefined) return setPath(match, ['matched'], { type: takenType(sequence, known.input), always: true });
  return Object.entries(compute).reduce(
    (result, [name, option]) => setPath(result, parsePath(name) ?? [name], known.valueOf(option)),
    match,
  );
}

function conditionsOf(sequence: readonly ElementOptions[]): CompiledOption[] {
  return sequence.flatMap((element) => [
    ...[element.where, element.until].filter((condition) => condition !== undefined),
    ...conditionsOf(groupOf(element) ?? []),
  ]);
}

function takenType(sequence: readonly ElementOptions[], record: RecordType): RecordType {
  const fields = namesOf(sequence).map((name): [string, FieldType] => [name, { type: listOf(record), always: false }]);
  return objectType(new Map(fields));
}
