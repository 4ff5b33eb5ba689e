/** What no expression may change: the prototypes, the built-in objects, the globals and the process. */
const OBJECTS: Readonly<Record<string, object>> = {
  globalThis,
  process,
  'process.env': process.env,
  Reflect,
  Math,
  JSON,
  ...Object.fromEntries(
    [Object, Function, Array, String, Number, Boolean, RegExp, Date, Map, Set, Promise, Error, Symbol, BigInt].flatMap((made) => [
      [made.name, made],
      [`${made.name}.prototype`, made.prototype as object],
    ]),
  ),
};

type World = ReadonlyMap<string, ReadonlyMap<PropertyKey, unknown>>;

/** What is there now: the properties of each of them, and what they hold. */
export function worldNow(): World {
  return new Map(Object.entries(OBJECTS).map(([name, object]) => [name, contents(object)]));
}

function contents(object: object): Map<PropertyKey, unknown> {
  const found = new Map<PropertyKey, unknown>([['its prototype', Object.getPrototypeOf(object)]]);
  for (const key of Reflect.ownKeys(object)) {
    const { value, get, set } = Object.getOwnPropertyDescriptor(object, key) as PropertyDescriptor;
    found.set(key, get ?? set ?? value);
  }
  return found;
}

/** What differs between then and now, in words. */
export function changes(before: World, after: World): string[] {
  const found: string[] = [];
  for (const [name, had] of before) {
    const has = after.get(name) ?? new Map<PropertyKey, unknown>();
    for (const key of new Set([...had.keys(), ...has.keys()])) {
      if (!had.has(key) || !has.has(key) || !Object.is(had.get(key), has.get(key))) found.push(`${name}: ${String(key)}`);
    }
  }
  return found;
}
