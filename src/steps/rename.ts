import type { JsonValue } from '../record/json.ts';
import { deleteField, type FieldPath, setField } from '../record/path.ts';
import { fieldPath } from '../sdk/schema.ts';
import { defineStep } from '../sdk/step.ts';
import { ABSENT, deletePath, type FieldType, isNever, type RecordType, setPath } from '../sdk/types/index.ts';
import { fieldMapping, pathEntries } from './field-mapping.ts';

const options = fieldMapping(fieldPath()).describe('The new path of each field: `old: new`.');

export const rename = defineStep<Record<string, FieldPath>>({
  kind: 'rename',
  summary: 'Moves fields to other paths.',
  description:
    'All are taken off first and then put in place, so that two fields can change places. A field that a record does not have is passed over; one that stands at a new path is replaced.',
  options,
  main: '*',
  changesValue: true,
  readsValue: true,
  examples: ['rename: { host: host.name, msg: message }'],
  yields(mapping, known) {
    const moves = pathEntries(mapping);
    const taken = Object.keys(mapping).map((name, i) => known.read(moves[i]?.path ?? [], { at: [name], optional: true }));
    const rest = moves.reduce((record, { path }) => deletePath(record, path), known.input);
    return moves.reduce((record, { value }, i) => moved(record, value, taken[i]), rest);
  },
  create(mapping) {
    const moves = pathEntries(mapping);
    const taken: (JsonValue | undefined)[] = moves.map(() => undefined);
    return ({ value }) => {
      for (let i = 0; i < moves.length; i += 1) taken[i] = deleteField(value, (moves[i] as { path: FieldPath }).path);
      for (let i = 0; i < moves.length; i += 1) {
        const moved = taken[i];
        if (moved !== undefined) setField(value, (moves[i] as { value: FieldPath }).value, moved);
        taken[i] = undefined;
      }
      return undefined;
    };
  },
});

function moved(record: RecordType, to: FieldPath, field: FieldType = ABSENT): RecordType {
  return isNever(field.type) ? record : setPath(record, to, field);
}
