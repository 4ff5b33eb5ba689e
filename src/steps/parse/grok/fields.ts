import type { JsonObject, JsonValue } from '../../../record/json.ts';
import { type Capture, type CaptureType, convert, NO_VALUE } from './capture.ts';
import { PatternError } from './pattern-error.ts';

/** A field of what a pattern captures: a value by the groups that fill it, or an object of such fields. */
type Field =
  | { readonly name: string; readonly sources: Source[] }
  | { readonly name: string; readonly fields: Map<string, Field> };

interface Source {
  readonly group: number;
  readonly type: CaptureType;
}

/** A text was captured for a field of another type. */
export class ConversionFailure {
  readonly field: string;
  readonly type: CaptureType;

  constructor(field: string, type: CaptureType) {
    this.field = field;
    this.type = type;
  }
}

/** Makes an object of a match: its level of nesting, built anew for each. */
type Builder = (match: RegExpExecArray) => JsonObject | undefined | ConversionFailure;

/**
 * Plans the object that the captures give, once, so that a match walks along a list. A field without a text is
 * `undefined`, and an object without any field too. Throws a {@link PatternError} where a field is both a value and
 * an object.
 */
export function planFields(captures: readonly Capture[]): Builder {
  const root = new Map<string, Field>();
  captures.forEach((capture, index) => {
    place(root, capture, { group: index + 1, type: capture.type });
  });
  return builderOf(root, '');
}

function place(root: Map<string, Field>, { path }: Capture, source: Source): void {
  let fields = root;
  path.forEach((name, level) => {
    const leaf = level === path.length - 1;
    const field: Field = fields.get(name) ?? (leaf ? { name, sources: [] } : { name, fields: new Map() });
    fields.set(name, field);
    if (leaf === 'fields' in field) {
      throw new PatternError(
        `captures ${path.slice(0, level + 1).join('.')} as a value and as an object; name one of them otherwise`,
      );
    }
    if ('fields' in field) fields = field.fields;
    else field.sources.push(source);
  });
}

function builderOf(fields: ReadonlyMap<string, Field>, within: string): Builder {
  const readers = [...fields.values()].map((field) => {
    const path = within + field.name;
    const read = 'fields' in field ? builderOf(field.fields, `${path}.`) : valueBy(field.sources, path);
    return { name: field.name, read };
  });
  return (match) => {
    const object: JsonObject = {};
    let empty = true;
    for (const { name, read } of readers) {
      const value = read(match);
      if (value instanceof ConversionFailure) return value;
      object[name] = value;
      if (value !== undefined) empty = false;
    }
    return empty ? undefined : object;
  };
}

type ReadValue = (match: RegExpExecArray) => JsonValue | undefined | ConversionFailure;

/** Several groups of one field give a list where more than one of them has a text. */
function valueBy(sources: readonly Source[], path: string): ReadValue {
  if (sources.length > 1) return listOf(sources, path);
  const { group, type } = sources[0] as Source;
  if (type === 'string') return (match) => match[group] || undefined;
  const failure = new ConversionFailure(path, type);
  return (match) => {
    const text = match[group];
    if (!text) return undefined;
    const value = convert(text, type);
    return value === NO_VALUE ? failure : value;
  };
}

function listOf(sources: readonly Source[], path: string): ReadValue {
  const reads = sources.map((source) => valueBy([source], path));
  return (match) => {
    let one: JsonValue | undefined;
    let list: JsonValue[] | undefined;
    for (const read of reads) {
      const value = read(match);
      if (value instanceof ConversionFailure) return value;
      if (value === undefined) continue;
      if (one === undefined) one = value;
      else if (list === undefined) list = [one, value];
      else list.push(value);
    }
    return list ?? one;
  };
}
