import {
  ANY,
  type FieldType,
  fieldOf,
  isNever,
  kindsOf,
  type ObjectType,
  type RecordType,
  typeLines,
  typeText,
} from '../sdk/types/index.ts';

/** More fields than this are read more easily among the others. */
const MOST = 4;

interface Change {
  readonly path: readonly string[];
  readonly field: FieldType;
}

/**
 * The fields that a step leaves otherwise than they were, or adds, each as `path: type`. `undefined`: it does more than that, so that all
 * has to be shown.
 */
export function changedFields(before: RecordType, after: RecordType, indent: string): readonly string[] | undefined {
  const changes = changesBelow(before, after, []);
  if (changes === undefined || changes.length > MOST) return undefined;
  return changes.flatMap(({ path, field: { type, always } }) => {
    const [first = '', ...more] = typeLines(type, indent);
    return [`${indent}${path.join('.')}${always ? '' : '?'}: ${first.slice(indent.length)}`, ...more];
  });
}

/** `undefined`: it is no object with the same fields and perhaps some more. */
function changesBelow(before: RecordType, after: RecordType, above: readonly string[]): readonly Change[] | undefined {
  const from = onlyObject(before);
  const to = onlyObject(after);
  if (from === undefined || to === undefined || from.rest !== to.rest) return undefined;
  const changes: Change[] = [];
  for (const name of new Set([...from.fields.keys(), ...to.fields.keys()])) {
    const was = fieldOf(from, name);
    const field = fieldOf(to, name);
    if (isNever(field.type) && !isNever(was.type)) return undefined;
    if (sameText(was, field)) continue;
    const path = [...above, name];
    const below = was.always === field.always ? changesBelow(was.type, field.type, path) : undefined;
    changes.push(...(below ?? [{ path, field }]));
  }
  return changes;
}

function sameText(a: FieldType, b: FieldType): boolean {
  return a.always === b.always && (a.type === b.type || typeText(a.type) === typeText(b.type));
}

function onlyObject(type: RecordType): ObjectType | undefined {
  return type === ANY || kindsOf(type).length !== 1 ? undefined : type.object;
}
