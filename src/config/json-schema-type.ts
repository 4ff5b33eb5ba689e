import { isJsonObject, type JsonObject, type JsonValue } from '../record/json.ts';
import {
  ANY,
  BOOLEAN,
  type FieldType,
  LIST,
  listOf,
  NEVER,
  NULL,
  NUMBER,
  OBJECT,
  objectType,
  oneOf,
  type RecordType,
  STRING,
  textOf,
} from '../sdk/types/index.ts';

const BY_NAME: Readonly<Record<string, RecordType>> = {
  string: STRING,
  number: NUMBER,
  integer: NUMBER,
  boolean: BOOLEAN,
  null: NULL,
  array: LIST,
  object: OBJECT,
};

/** The type that a JSON Schema says, as far as it is understood; the rest is not known. `undefined`: it is none. */
export function typeOfJsonSchema(schema: JsonValue): RecordType | undefined {
  return isJsonObject(schema) ? new SchemaReader(schema).typeOf(schema) : undefined;
}

/** What it does not understand only makes a type narrower than it says, or is in an alternative that it takes for anything. */
class SchemaReader {
  readonly #root: JsonObject;
  /** What references lead to; of one that leads back to itself nothing is known further in. */
  readonly #referred = new Map<string, RecordType>();

  constructor(root: JsonObject) {
    this.#root = root;
  }

  typeOf(schema: JsonValue | undefined): RecordType {
    if (schema === false) return NEVER;
    if (!isJsonObject(schema)) return ANY;
    const { $ref, enum: values, const: constant } = schema;
    if (typeof $ref === 'string') return this.#refer($ref);
    if (Array.isArray(values)) return oneOf(...values.map(typeOfValue));
    if (constant !== undefined) return typeOfValue(constant);
    for (const alternatives of [schema['oneOf'], schema['anyOf']])
      if (Array.isArray(alternatives)) return oneOf(...alternatives.map((each) => this.typeOf(each)));
    return this.#byType(schema);
  }

  #refer(reference: string): RecordType {
    const known = this.#referred.get(reference);
    if (known !== undefined) return known;
    this.#referred.set(reference, ANY);
    const type = this.typeOf(this.#at(reference));
    this.#referred.set(reference, type);
    return type;
  }

  #byType(schema: JsonObject): RecordType {
    const { type } = schema;
    const names = Array.isArray(type) ? type : [type];
    if (type === undefined) return isJsonObject(schema['properties']) ? this.#objectOf(schema) : ANY;
    return oneOf(
      ...names.map((name) => {
        if (name === 'object') return this.#objectOf(schema);
        if (name === 'array') return listOf(this.typeOf(itemsOf(schema)));
        return (typeof name === 'string' ? BY_NAME[name] : undefined) ?? ANY;
      }),
    );
  }

  #objectOf(schema: JsonObject): RecordType {
    const { properties = {}, required, additionalProperties: others, patternProperties: patterns } = schema;
    const always = new Set(Array.isArray(required) ? required : []);
    const fields = new Map<string, FieldType>();
    for (const [name, property] of Object.entries(isJsonObject(properties) ? properties : {}))
      fields.set(name, { type: this.typeOf(property), always: always.has(name) });
    if (patterns !== undefined) return objectType(fields, ANY);
    return others === false ? objectType(fields) : objectType(fields, this.typeOf(others));
  }

  /** Where a reference within the file leads: `#/$defs/address`. */
  #at(reference: string): JsonValue | undefined {
    if (!reference.startsWith('#')) return undefined;
    let here: JsonValue | undefined = this.#root;
    for (const part of reference.slice(1).split('/').slice(1)) {
      const name = part.replaceAll('~1', '/').replaceAll('~0', '~');
      here = isJsonObject(here) && Object.hasOwn(here, name) ? here[name] : undefined;
    }
    return here;
  }
}

/** Items of a tuple are each of a type of their own. */
function itemsOf({ items, prefixItems }: JsonObject): JsonValue | undefined {
  return prefixItems === undefined && !Array.isArray(items) ? items : undefined;
}

function typeOfValue(value: JsonValue): RecordType {
  if (typeof value === 'string') return textOf(value);
  if (value === null) return NULL;
  if (typeof value === 'number') return NUMBER;
  if (typeof value === 'boolean') return BOOLEAN;
  return Array.isArray(value) ? LIST : OBJECT;
}
