import { type FieldPath, parsePath } from '../../record/path.ts';
import { getPath, isNever, replacePath, setPath } from './paths.ts';
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
  type RecordType,
  STRING,
  textOf,
  union,
} from './record-type.ts';

/** What is wrong with a written type, and where in it. */
export interface NotationProblem {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

export interface Notation {
  readonly type: RecordType;
  readonly problems: readonly NotationProblem[];
}

const NAMED: ReadonlyMap<string, RecordType> = new Map([
  ['string', STRING],
  ['number', NUMBER],
  ['boolean', BOOLEAN],
  ['null', NULL],
  ['list', LIST],
  ['object', OBJECT],
  ['any', ANY],
]);

const NAMES = [...NAMED.keys()].join(', ');
/** The key that says what fields that are not listed are. */
const REST = '...';
const DEEPEST = 50;
/** A name, or a text in quotes, and what separates it from the next. */
const ALTERNATIVE = /\s*(?:'([^']*)'|"([^"]*)"|([^'"|]*?))\s*(\||$)/y;

/**
 * Reads a type as people write it in a pipeline file: a mapping of field paths to types, `?` behind those that not every record has, and
 * `...: any` where there may be others, also in the objects that paths with dots lead through. A type is a name, several of them (`string | null`), texts in quotes (`'open' | 'paid'`), a list
 * with the type of its items, or again a mapping.
 */
export function readNotation(written: unknown): Notation {
  const problems: NotationProblem[] = [];
  const type = typeOf(written, [], problems);
  return { type, problems };
}

function typeOf(written: unknown, path: readonly PropertyKey[], problems: NotationProblem[]): RecordType {
  const complain = (message: string): RecordType => {
    problems.push({ path, message });
    return ANY;
  };
  if (path.length > DEEPEST) return complain(`a type is nested at most ${DEEPEST} levels deep`);
  if (typeof written === 'string') return namedType(written, complain);
  // YAML reads the name of this type as a value.
  if (written === null) return NULL;
  if (Array.isArray(written)) {
    if (written.length !== 1) return complain('a list has the type of its items, and nothing else: [ string ]');
    return listOf(typeOf(written[0], [...path, 0], problems));
  }
  if (typeof written === 'object') return mappingType(written as Readonly<Record<string, unknown>>, path, problems);
  return complain(
    `${String(written)} is no type; there are ${NAMES}; a text that a field may be stands in quotes: "'${String(written)}'"`,
  );
}

function namedType(text: string, complain: (message: string) => RecordType): RecordType {
  let type = NEVER;
  for (let at = 0; ; ) {
    ALTERNATIVE.lastIndex = at;
    const match = ALTERNATIVE.exec(text);
    if (match === null) return complain(`${JSON.stringify(text)} is no type; write names with | between: string | null`);
    const literal = match[1] ?? match[2];
    const named = literal === undefined ? NAMED.get(match[3] ?? '') : textOf(literal);
    if (named === undefined)
      return complain(
        `there is no type ${JSON.stringify(match[3] ?? '')}; there are ${NAMES}, and texts in quotes: "'open' | 'paid'"`,
      );
    type = union(type, named);
    at += match[0].length;
    if (match[4] !== '|') return type;
  }
}

function mappingType(
  written: Readonly<Record<string, unknown>>,
  path: readonly PropertyKey[],
  problems: NotationProblem[],
): RecordType {
  const rest = Object.hasOwn(written, REST) ? typeOf(written[REST], [...path, REST], problems) : undefined;
  let fields = objectType(new Map());
  for (const [key, inner] of Object.entries(written)) {
    if (key === REST) continue;
    const here = [...path, key];
    const always = !key.endsWith('?');
    const field = parsePath(always ? key : key.slice(0, -1));
    const type = typeOf(inner, here, problems);
    if (field === undefined)
      problems.push({ path: here, message: `${JSON.stringify(key)} is no field path; write names with dots between: user.id` });
    else if (!isNever(getPath(fields, field).type)) problems.push({ path: here, message: `${field.join('.')} is there already` });
    else fields = withRest(withField(fields, field, { type, always }), field, rest);
  }
  return rest === undefined ? fields : objectType(fields.object?.fields ?? new Map(), rest);
}

/** With a field that not every record has, the objects on the way to it need not be there either, but where another field needs them. */
function withField(record: RecordType, field: FieldPath, { type, always }: FieldType): RecordType {
  let result = setPath(record, field, { type, always: true });
  for (let level = field.length; level > 0 && !always; level -= 1) {
    const path = field.slice(0, level);
    const needed = getPath(record, path).always;
    if (!needed) result = replacePath(result, path, { type: getPath(result, path).type, always: false });
  }
  return result;
}

/** Objects that are only on the way of a path are as open as the mapping that it stands in. */
function withRest(record: RecordType, field: FieldPath, rest: RecordType | undefined): RecordType {
  if (rest === undefined) return record;
  let opened = record;
  for (let level = 1; level < field.length; level += 1) {
    const above = field.slice(0, level);
    const { type, always } = getPath(opened, above);
    if (type.object !== undefined) opened = replacePath(opened, above, { type: objectType(type.object.fields, rest), always });
  }
  return opened;
}
