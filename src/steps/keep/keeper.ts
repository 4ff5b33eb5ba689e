import { isJsonObject, type JsonObject, type JsonValue } from '../../record/json.ts';
import { type FieldPath, setOwn } from '../../record/path.ts';

/** What is kept at one level: names with what is kept below them. */
interface Level {
  readonly names: Map<string, Level>;
  readonly globs: Glob[];
  /** A path ends here: all of it stays. */
  whole: boolean;
}

interface Glob {
  readonly name: string;
  /** The literal pieces between its stars. */
  readonly pieces: readonly string[];
  readonly below: Level;
}

/** Makes the function that keeps of an object what `paths` name; `undefined` where that is nothing. */
export function keeper(paths: readonly FieldPath[]): (value: JsonObject) => JsonObject | undefined {
  const root = newLevel();
  for (const path of paths) addPath(root, path);
  return (value) => kept(value, root);
}

function newLevel(): Level {
  return { names: new Map(), globs: [], whole: false };
}

function addPath(root: Level, path: FieldPath): void {
  let level = root;
  for (const name of path) level = name.includes('*') ? globOf(level, name) : nameOf(level, name);
  level.whole = true;
}

function nameOf({ names }: Level, name: string): Level {
  const there = names.get(name) ?? newLevel();
  names.set(name, there);
  return there;
}

function globOf({ globs }: Level, name: string): Level {
  const there = globs.find((glob) => glob.name === name);
  if (there !== undefined) return there.below;
  const glob = { name, pieces: name.split('*'), below: newLevel() };
  globs.push(glob);
  return glob.below;
}

function kept(value: JsonObject, level: Level): JsonObject | undefined {
  let result: JsonObject | undefined;
  for (const name of Object.keys(value)) {
    const field = value[name];
    const stays = field === undefined ? undefined : keptField(name, field, level);
    if (stays === undefined) continue;
    result ??= {};
    setOwn(result, name, stays);
  }
  return result;
}

/** What of a field stays, by its name and by every glob that matches it. */
function keptField(name: string, field: JsonValue, level: Level): JsonValue | undefined {
  const exact = level.names.get(name);
  if (exact?.whole === true) return field;
  let below = exact;
  for (const glob of level.globs) {
    if (!matches(name, glob.pieces)) continue;
    if (glob.below.whole) return field;
    below = below === undefined ? glob.below : merged(below, glob.below);
  }
  return below !== undefined && isJsonObject(field) ? kept(field, below) : undefined;
}

/** Both levels as one. Rare: a name is listed and matched by a glob too, with different fields below. */
function merged(a: Level, b: Level): Level {
  const names = new Map(a.names);
  for (const [name, level] of b.names) {
    const there = names.get(name);
    names.set(name, there === undefined ? level : merged(there, level));
  }
  return { names, globs: [...a.globs, ...b.globs], whole: a.whole || b.whole };
}

/** Whether a name has the pieces in their order, from its beginning to its end. */
function matches(name: string, pieces: readonly string[]): boolean {
  const last = pieces.length - 1;
  const head = pieces[0] as string;
  const tail = pieces[last] as string;
  if (name.length < head.length + tail.length || !name.startsWith(head) || !name.endsWith(tail)) return false;
  let at = head.length;
  for (let i = 1; i < last; i += 1) {
    const piece = pieces[i] as string;
    const found = name.indexOf(piece, at);
    if (found < 0) return false;
    at = found + piece.length;
  }
  return at <= name.length - tail.length;
}
