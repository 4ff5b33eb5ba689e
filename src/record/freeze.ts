/**
 * Freezes a JSON value with all that is in it, in place, and returns it. What is frozen already is taken to be so to its ends.
 * Without recursion: values from outside may be nested thousands of levels deep.
 */
export function freezeDeep<Value>(value: Value): Value {
  if (!needsFreezing(value)) return value;
  const open: object[] = [value];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    Object.freeze(next);
    for (const inner of Object.values(next)) if (needsFreezing(inner)) open.push(inner);
  }
  return value;
}

function needsFreezing(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Object.isFrozen(value);
}
