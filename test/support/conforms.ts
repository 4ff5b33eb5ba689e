import { isJsonObject, type JsonValue } from '../../src/record/json.ts';
import { ANY, fieldOf, type RecordType, typeText } from '../../src/sdk/types/index.ts';

/** Why a value is not of a type, with the path to where it is not; `undefined`: it is. */
export function misfitOfValue(value: JsonValue | undefined, type: RecordType, path = '$'): string | undefined {
  if (type === ANY) return undefined;
  if (isJsonObject(value)) {
    const { object } = type;
    if (object === undefined) return `${path}: an object, not ${typeText(type)}`;
    for (const [name, inner] of Object.entries(value)) {
      if (inner === undefined) continue;
      const misfit = misfitOfValue(inner, fieldOf(object, name).type, `${path}.${name}`);
      if (misfit !== undefined) return misfit;
    }
    for (const [name, { always }] of object.fields)
      if (always && value[name] === undefined) return `${path}.${name}: missing, and always there by ${typeText(type)}`;
    return undefined;
  }
  if (Array.isArray(value)) {
    if (type.list === undefined) return `${path}: a list, not ${typeText(type)}`;
    for (const [i, item] of value.entries()) {
      const misfit = misfitOfValue(item, type.list, `${path}[${i}]`);
      if (misfit !== undefined) return misfit;
    }
    return undefined;
  }
  if (value === null) return type.null === true ? undefined : `${path}: null, not ${typeText(type)}`;
  if (typeof value === 'string') {
    const values = type.string?.values;
    const fits = type.string !== undefined && (values === undefined || values.has(value));
    return fits ? undefined : `${path}: ${JSON.stringify(value).slice(0, 80)}, not ${typeText(type)}`;
  }
  const kind = typeof value === 'number' ? 'number' : 'boolean';
  return type[kind] === true ? undefined : `${path}: ${String(value)}, not ${typeText(type)}`;
}
