import { isJsonObject, type JsonObject, type JsonValue } from '../../record/json.ts';
import { deleteField, type FieldPath, getField, setField, setOwn } from '../../record/path.ts';

/** Copies values so that some fields of the copies can be set: objects on the way to these are copied too, everything else is shared. */
export class AddedFields {
  /** The objects that hold a field, from the outermost on. */
  readonly #parents: readonly FieldPath[];

  constructor(fields: readonly FieldPath[]) {
    const parents = new Map<string, FieldPath>();
    for (const path of fields) {
      for (let level = 1; level < path.length; level += 1) {
        const parent = path.slice(0, level);
        parents.set(JSON.stringify(parent), parent);
      }
    }
    this.#parents = [...parents.values()].sort((a, b) => a.length - b.length);
  }

  copyOf(value: JsonObject): JsonObject {
    const copy = shallowCopyOf(value);
    for (const parent of this.#parents) {
      const inner = getField(copy, parent);
      if (isJsonObject(inner)) setField(copy, parent, shallowCopyOf(inner));
    }
    return copy;
  }
}

/** Sets a field; `undefined`: deletes it, for what says nothing of this record must not say something of another. */
export function putField(value: JsonObject, path: FieldPath, to: JsonValue | undefined): void {
  if (to === undefined) deleteField(value, path);
  else setField(value, path, to);
}

/** Field by field: V8 adds fields to what a spread has made some ten times slower. */
function shallowCopyOf(value: JsonObject): JsonObject {
  const copy: JsonObject = {};
  for (const name of Object.keys(value)) setOwn(copy, name, value[name] as JsonValue);
  return copy;
}
