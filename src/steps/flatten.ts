import { z } from 'zod';
import { errorMessage } from '../errors/index.ts';
import { isJsonObject, type JsonObject } from '../record/json.ts';
import { getField, setField, setOwn } from '../record/path.ts';
import { fieldPath } from '../sdk/schema.ts';
import { defineStep, type Rejected } from '../sdk/step.ts';
import { replacePath, union } from '../sdk/types/index.ts';
import { flatType } from './flatten/flat-type.ts';

/** Deeper levels are never flattened: nobody reads such names, and the work stays bounded. */
const DEEPEST = 100;

const options = z.strictObject({
  field: fieldPath().optional().describe('The object that is flattened; without it, the whole record.'),
  separator: z.string().min(1).max(10).default('.').describe('What stands between the names of the levels.'),
  depth: z
    .number()
    .int()
    .min(1)
    .max(DEEPEST)
    .default(DEEPEST)
    .describe(
      'How many levels of nested objects are dissolved; what lies deeper stays an object. 1 is those of the first level.',
    ),
});

export const flatten = defineStep<z.output<typeof options>>({
  kind: 'flatten',
  summary: 'Makes nested objects one level of fields with joined names.',
  description:
    '`{ http: { response: { bytes: 5 } } }` becomes `{ "http.response.bytes": 5 }`. Lists and empty objects stay as they are. Later steps find a name with dots only as `$value[\'http.response.bytes\']`, so it is a step for the end, or one for a separator such as `_`. A record of which two fields would get one name is rejected.',
  options,
  main: 'field',
  changesValue: true,
  readsValue: true,
  examples: ['flatten: labels', 'flatten: { separator: _, depth: 3 }'],
  yields({ field, separator, depth }, known) {
    const { input } = known;
    const before = field === undefined ? { type: input, always: true } : known.read(field, { at: ['field'], optional: true });
    const { object, ...others } = before.type;
    if (object === undefined) return input;
    const flat = flatType(object, { separator, depth });
    return field === undefined ? flat : replacePath(input, field, { type: union(others, flat), always: before.always });
  },
  create({ field, separator, depth }) {
    const name = field?.join('.') ?? 'the record';
    return (record) => {
      const from = field === undefined ? record.value : getField(record.value, field);
      if (!isJsonObject(from)) return undefined;
      const flat: JsonObject = {};
      const conflict = addFlat(flat, from, { separator, depth, prefix: '' });
      if (conflict !== undefined) return rejected(name, conflict);
      if (field === undefined) record.value = flat;
      else setField(record.value, field, flat);
      return undefined;
    };
  },
});

interface Below {
  readonly separator: string;
  readonly depth: number;
  readonly prefix: string;
}

/** Adds the fields of `from` under their joined names. Returns the name that is there twice, where one is. */
function addFlat(flat: JsonObject, from: JsonObject, { separator, depth, prefix }: Below): string | undefined {
  for (const key of Object.keys(from)) {
    const value = from[key];
    if (value === undefined) continue;
    const name = prefix + key;
    if (depth > 0 && isJsonObject(value) && !isEmpty(value)) {
      const conflict = addFlat(flat, value, { separator, depth: depth - 1, prefix: name + separator });
      if (conflict !== undefined) return conflict;
    } else {
      if (Object.hasOwn(flat, name)) return name;
      setOwn(flat, name, value);
    }
  }
  return undefined;
}

function isEmpty(object: JsonObject): boolean {
  for (const name in object) if (object[name] !== undefined) return false;
  return true;
}

function rejected(field: string, name: string): Rejected {
  const shown = name.length > 100 ? `${name.slice(0, 100)}...` : name;
  return { kind: 'rejected', code: 'FLATTEN_CONFLICT', message: errorMessage('FLATTEN_CONFLICT', { field, name: shown }) };
}
