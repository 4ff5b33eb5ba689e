import { isJsonObject, type JsonObject } from '../../record/json.ts';
import type { FieldPath } from '../../record/path.ts';
import { setOwn } from '../../record/path.ts';

/** What is kept of an object, by name: all of a value (`true`), or what is kept below it. */
type Kept = Map<string, Kept | true>;

/** The part of records that is asked for later. */
export class KeptFields {
  readonly #kept: Kept = new Map();

  private constructor(paths: readonly FieldPath[]) {
    for (const path of paths) add(this.#kept, path);
  }

  /** For those at these paths. `undefined`: a path without levels is among them, so that all is kept. */
  static of(paths: readonly FieldPath[]): KeptFields | undefined {
    return paths.some(({ length }) => length === 0) ? undefined : new KeptFields(paths);
  }

  /** What is kept of a record's value. It shares what is below with the value. */
  partOf(value: JsonObject): JsonObject {
    return partOf(value, this.#kept);
  }
}

function add(kept: Kept, [level, ...rest]: FieldPath): void {
  const name = level as string;
  const below = kept.get(name);
  if (below === true) return;
  if (rest.length === 0) {
    kept.set(name, true);
    return;
  }
  const inner: Kept = below ?? new Map();
  kept.set(name, inner);
  add(inner, rest);
}

function partOf(value: JsonObject, kept: Kept): JsonObject {
  const part: JsonObject = {};
  for (const [name, below] of kept) {
    if (!Object.hasOwn(value, name)) continue;
    const inner = value[name];
    // What is no object where one is expected stays what it is: an expression finds in it what it would have found.
    if (inner !== undefined) setOwn(part, name, below === true || !isJsonObject(inner) ? inner : partOf(inner, below));
  }
  return part;
}
