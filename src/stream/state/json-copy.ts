import type { JsonObject, JsonValue, ReadonlyJsonValue } from '../../record/json.ts';
import { setOwn } from '../../record/path.ts';

const MOST_LEVELS = 100;
/** About how many bytes a value may have as JSON. */
const MOST_CHARACTERS = 1_000_000;
/** What a number, a comma, quotes or brackets are counted as. */
const PER_NODE = 8;

/** A value that cannot be kept, with the reason. */
export class NotJson extends Error {}

/**
 * A frozen copy of a value that shares nothing with it. Throws {@link NotJson} for what JSON does not hold, what is nested deeper
 * than 100 levels, and what would have more than about 1 MB.
 */
export function frozenCopy(value: unknown): ReadonlyJsonValue {
  return new Copier().copy(value, 0);
}

class Copier {
  #characters = 0;

  copy(value: unknown, level: number): JsonValue {
    this.#count(PER_NODE);
    switch (typeof value) {
      case 'string':
        this.#count(value.length);
        return value;
      case 'boolean':
        return value;
      case 'number':
        if (!Number.isFinite(value)) throw new NotJson(`it holds ${value}, which JSON has no number for`);
        return value;
      case 'object':
        return value === null ? null : this.#copyObject(value, level);
      default:
        throw new NotJson(`it holds ${value === undefined ? 'undefined' : `a ${typeof value}`}`);
    }
  }

  #copyObject(value: object, level: number): JsonValue {
    if (level >= MOST_LEVELS) throw new NotJson(`it is nested deeper than ${MOST_LEVELS} levels`);
    if (Array.isArray(value)) return Object.freeze(Array.from(value, (item) => this.copy(item, level + 1))) as JsonValue[];
    const prototype: object | null = Object.getPrototypeOf(value);
    if (prototype !== Object.prototype && prototype !== null) {
      throw new NotJson(
        `it holds an object of the class ${prototype.constructor.name}; set what it consists of, such as a time in ms`,
      );
    }
    const copy: JsonObject = {};
    for (const [name, field] of Object.entries(value)) {
      this.#count(name.length);
      // A field that is undefined is one that is not there, as in JSON.
      if (field !== undefined) setOwn(copy, name, this.copy(field, level + 1));
    }
    return Object.freeze(copy);
  }

  #count(characters: number): void {
    this.#characters += characters;
    if (this.#characters > MOST_CHARACTERS) throw new NotJson(`it is larger than ${MOST_CHARACTERS} characters`);
  }
}
