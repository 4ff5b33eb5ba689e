import type { JsonObject, JsonValue, ReadonlyJsonValue } from './json.ts';
import { setOwn } from './path.ts';

const MOST_LEVELS = 100;
/** What is read from a topic may be nested deeper than what is kept. */
const MOST_RECORD_LEVELS = 1_000;
/** More than any topic takes: values that hold one thing many times over would grow without end. */
const MOST_RECORD_CHARACTERS = 64_000_000;
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
  return new Copier({ forState: true, mostCharacters: MOST_CHARACTERS, mostLevels: MOST_LEVELS }).copy(value, 0);
}

/**
 * A copy, that may be changed, of an object that is to be the value of a record. Numbers that JSON does not have are null, as
 * `JSON.stringify` makes them. Throws {@link NotJson} for anything else that it does not hold, and for what is nested too deep.
 */
export function plainCopy(value: unknown): JsonObject {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new NotJson(`it is ${describe(value)} and no object`);
  return new Copier(FOR_RECORDS).copy(value, 0) as JsonObject;
}

/** What a value is, in words, for messages. */
export function describe(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (Array.isArray(value)) return 'a list';
  if (value instanceof Promise) return 'a promise';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

interface CopyRules {
  /** It is kept: frozen, and with its numbers as they are. */
  readonly forState: boolean;
  readonly mostCharacters: number;
  readonly mostLevels: number;
}

const FOR_RECORDS: CopyRules = { forState: false, mostCharacters: MOST_RECORD_CHARACTERS, mostLevels: MOST_RECORD_LEVELS };

class Copier {
  readonly #rules: CopyRules;
  #characters = 0;

  constructor(rules: CopyRules) {
    this.#rules = rules;
  }

  copy(value: unknown, level: number): JsonValue {
    this.#count(PER_NODE);
    switch (typeof value) {
      case 'string':
        this.#count(value.length);
        return value;
      case 'boolean':
        return value;
      case 'number':
        if (!Number.isFinite(value) && !this.#rules.forState) return null;
        if (!Number.isFinite(value)) throw new NotJson(`it holds ${value}, which JSON has no number for`);
        return value;
      case 'object':
        return value === null ? null : this.#copyObject(value, level);
      default:
        throw new NotJson(`it holds ${describe(value)}`);
    }
  }

  #copyObject(value: object, level: number): JsonValue {
    const { mostLevels } = this.#rules;
    if (level >= mostLevels) throw new NotJson(`it is nested deeper than ${mostLevels} levels, or holds itself`);
    if (Array.isArray(value)) return this.#kept(Array.from(value, (item) => this.#item(item, level + 1)));
    const prototype: object | null = Object.getPrototypeOf(value);
    if (prototype !== Object.prototype && prototype !== null) {
      throw new NotJson(
        `it holds an object of the class ${classOf(prototype)}; write out what it consists of, such as a time in ms`,
      );
    }
    const copy: JsonObject = {};
    for (const [name, field] of Object.entries(value)) {
      this.#count(name.length);
      // A field that is undefined is one that is not there, as in JSON.
      if (field !== undefined) setOwn(copy, name, this.copy(field, level + 1));
    }
    return this.#kept(copy);
  }

  /** A hole or undefined in a list of a record is null, as in JSON. */
  #item(item: unknown, level: number): JsonValue {
    return item === undefined && !this.#rules.forState ? null : this.copy(item, level);
  }

  #kept<Value extends object>(copy: Value): Value {
    return this.#rules.forState ? Object.freeze(copy) : copy;
  }

  #count(characters: number): void {
    this.#characters += characters;
    if (this.#characters > this.#rules.mostCharacters)
      throw new NotJson(`it is larger than ${this.#rules.mostCharacters} characters`);
  }
}

/** A class may be anything, also one whose name is no text. */
function classOf(prototype: object): string {
  const made: unknown = prototype.constructor;
  return typeof made === 'function' && typeof made.name === 'string' && made.name !== '' ? made.name : '?';
}
