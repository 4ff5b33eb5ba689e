import { types } from 'node:util';
import type { JsonObject, JsonValue, ReadonlyJsonValue } from './json.ts';
import { setOwn } from './path.ts';

const MOST_LEVELS = 100;
/** What is read from a topic may be nested deeper than what is kept. */
const MOST_RECORD_LEVELS = 1_000;
/** More than any topic takes. */
const MOST_RECORD_VALUES = 5_000_000;
/** About how many bytes a value may have as JSON. */
const MOST_CHARACTERS = 1_000_000;
/** What a number, a comma, quotes or brackets are counted as. */
const PER_NODE = 8;

/** A value that cannot be kept, with the reason. */
export class NotJson extends Error {}

/** Whether that was thrown. It may be anything: a proxy is not asked what it is. */
export function isNotJson(thrown: unknown): thrown is NotJson {
  return types.isNativeError(thrown) && thrown instanceof NotJson;
}

/**
 * A frozen copy of a value that shares nothing with it. Throws {@link NotJson} for what JSON does not hold, what is nested deeper
 * than 100 levels, and what would have more than about 1 MB.
 */
export function frozenCopy(value: unknown): ReadonlyJsonValue {
  return new Copier().copy(value, 0);
}

/**
 * A copy, that may be changed, of an object that is to be the value of a record. Numbers that JSON does not have are null, as
 * `JSON.stringify` makes them, and fields that are undefined stay so, which is absent. Throws {@link NotJson} for anything else that
 * JSON does not hold, and for what is nested too deep. It is in the way of every record of a processor, and so does no more than that.
 */
export function plainCopy(value: unknown): JsonObject {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new NotJson(`it is ${describe(value)} and no object`);
  return plainObject(value as JsonObject, { values: 0 }, 0);
}

/** How many values a record has had so far: one that holds a thing many times over would grow without end. */
interface Budget {
  values: number;
}

function plainObject(value: JsonObject, budget: Budget, level: number): JsonObject {
  assertPlain(value);
  // Spreading keeps the shape of the object and copies `__proto__` as a field, like any other.
  const copy = { ...value };
  const names = Object.keys(copy);
  spend(budget, names.length, level);
  for (let i = 0; i < names.length; i += 1) {
    const name = names[i] as string;
    const field: unknown = copy[name];
    if (typeof field === 'string' || typeof field === 'boolean' || field === undefined || field === null) continue;
    if (typeof field === 'number' && Number.isFinite(field)) continue;
    setOwn(copy, name, plainValue(field, budget, level + 1));
  }
  return copy;
}

function plainValue(value: unknown, budget: Budget, level: number): JsonValue {
  if (typeof value === 'object') {
    if (value === null) return null;
    if (!Array.isArray(value)) return plainObject(value as JsonObject, budget, level);
    spend(budget, value.length, level);
    // A hole in a list is null, as in JSON.
    return Array.from(value, (item: unknown) => (item === undefined ? null : plainValue(item, budget, level + 1)));
  }
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (typeof value === 'string' || typeof value === 'boolean') return value;
  throw new NotJson(`it holds ${describe(value)}`);
}

function spend(budget: Budget, values: number, level: number): void {
  budget.values += values + 1;
  if (budget.values > MOST_RECORD_VALUES) throw new NotJson(`it holds more than ${MOST_RECORD_VALUES} values`);
  if (level >= MOST_RECORD_LEVELS) throw new NotJson(`it is nested deeper than ${MOST_RECORD_LEVELS} levels, or holds itself`);
}

function assertPlain(value: object): void {
  const prototype: object | null = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null) return;
  throw new NotJson(`it holds an object of the class ${classOf(prototype)}; write out what it consists of, such as a time in ms`);
}

/** What a value is, in words, for messages. */
export function describe(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (types.isProxy(value)) return 'a proxy';
  if (Array.isArray(value)) return 'a list';
  if (value instanceof Promise) return 'a promise';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
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
        throw new NotJson(`it holds ${describe(value)}`);
    }
  }

  #copyObject(value: object, level: number): JsonValue {
    if (level >= MOST_LEVELS) throw new NotJson(`it is nested deeper than ${MOST_LEVELS} levels`);
    if (Array.isArray(value)) return Object.freeze(Array.from(value, (item) => this.copy(item, level + 1))) as JsonValue[];
    assertPlain(value);
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

/** A class may be anything, also one whose name is no text. */
function classOf(prototype: object): string {
  const made: unknown = prototype.constructor;
  return typeof made === 'function' && typeof made.name === 'string' && made.name !== '' ? made.name : '?';
}
