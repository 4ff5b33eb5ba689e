import { isJsonObject, type JsonObject, type JsonValue } from '../../record/json.ts';

/** A field that a step has changed. */
export interface Change {
  readonly path: string;
  /** Undefined: it was not there. */
  readonly before: JsonValue | undefined;
  /** Undefined: it is not there any more. */
  readonly after: JsonValue | undefined;
}

/** What is different between two values, field by field; a list is one field. In the order of the fields. */
export function changesBetween(before: JsonObject, after: JsonObject): Change[] {
  const old = leaves(before);
  const now = leaves(after);
  const changes: Change[] = [];
  for (const [path, value] of old) {
    const other = now.get(path);
    if (JSON.stringify(value) !== JSON.stringify(other)) changes.push({ path, before: value, after: other });
  }
  for (const [path, value] of now) if (!old.has(path)) changes.push({ path, before: undefined, after: value });
  return changes;
}

function leaves(value: JsonObject): Map<string, JsonValue> {
  const found = new Map<string, JsonValue>();
  const visit = (object: JsonObject, prefix: string): void => {
    for (const [name, inner] of Object.entries(object)) {
      const path = prefix === '' ? name : `${prefix}.${name}`;
      if (isJsonObject(inner) && Object.keys(inner).length > 0) visit(inner, path);
      else if (inner !== undefined) found.set(path, inner);
    }
  };
  visit(value, '');
  return found;
}
