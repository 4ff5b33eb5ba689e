import { parsePath } from '../../record/path.ts';
import type { StepTypes } from '../../sdk/step-types.ts';
import { BOOLEAN, listOf, NEVER, objectOf, objectType, type RecordType, STRING, setPath, union } from '../../sdk/types/index.ts';
import { groupedType } from '../result-types.ts';
import type { ElementOptions } from './element-options.ts';
import { groupOf, isNot, nameOf } from './names.ts';
import type { PatternOptions } from './options.ts';

const MATCH = objectOf({ start: STRING, end: STRING, 'timed_out?': BOOLEAN });

/** What is known of a match: what is computed of it, or the records that its elements have taken. */
export function matchType({ by, sequence, compute }: PatternOptions, known: StepTypes): RecordType {
  const taken = new Map<string, RecordType>();
  lookAt(sequence, taken, known);
  const match = setPath(groupedType(by, known), ['match'], { type: MATCH, always: true });
  if (compute === undefined) return setPath(match, ['matched'], { type: takenType(taken), always: true });
  return Object.entries(compute).reduce(
    (result, [name, option]) => setPath(result, parsePath(name) ?? [name], known.valueOf(option, { taken })),
    match,
  );
}

/** Looks at conditions in order, each with what is known of the records that elements before it have taken: they meet their conditions. */
function lookAt(sequence: readonly ElementOptions[], taken: Map<string, RecordType>, known: StepTypes): void {
  for (const element of sequence) {
    const { where, until } = element;
    const met = where === undefined ? known.input : known.condition(where, { taken }).met;
    if (until !== undefined) known.condition(until, { taken });
    const group = groupOf(element);
    const name = nameOf(element);
    if (group !== undefined) lookAt(group, taken, known);
    else if (name !== undefined && !isNot(element)) taken.set(name, union(taken.get(name) ?? NEVER, met));
  }
}

function takenType(taken: ReadonlyMap<string, RecordType>): RecordType {
  return objectType(new Map([...taken].map(([name, record]) => [name, { type: listOf(record), always: false }])));
}
