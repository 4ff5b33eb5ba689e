import { z } from 'zod';
import { branchesOf, kindsOf } from '../sdk/introspect.ts';

type Schema = z.core.$ZodType;

/** One row of a table of options. */
export interface OptionRow {
  /** `tls.ca`, `routes[].when` */
  readonly name: string;
  readonly type: string;
  /** As YAML; absent where there is none. */
  readonly default?: string;
  readonly required: boolean;
  readonly description: string;
}

/** Every option of a schema, nested ones with their path. */
export function optionRows(schema: Schema, prefix = ''): OptionRow[] {
  return branchesOf(schema).flatMap((branch) => {
    const def = definitionOf(branch);
    return def.type === 'object' ? Object.entries(def.shape).flatMap(([key, option]) => rowsOf(`${prefix}${key}`, option)) : [];
  });
}

function rowsOf(name: string, schema: Schema): OptionRow[] {
  const fallback = defaultOf(schema);
  const required = !z.safeParse(schema, undefined).success;
  const row = {
    name,
    type: typeText(schema),
    ...(fallback === undefined ? {} : { default: fallback }),
    required,
    description: descriptionOf(schema),
  };
  const items = branchesOf(schema).flatMap((branch) => {
    const def = definitionOf(branch);
    // A list of the same is described already.
    return def.type === 'array' && definitionOf(def.element).type !== 'lazy' ? optionRows(def.element, `${name}[].`) : [];
  });
  return [row, ...optionRows(schema, `${name}.`), ...items];
}

function definitionOf(schema: Schema): z.core.$ZodTypes['_zod']['def'] {
  return (schema as z.core.$ZodTypes)._zod.def;
}

/** What an option is in words: `duration`, `text`, `list of paths`. */
export function typeText(schema: Schema): string {
  const [kind] = kindsOf([schema]);
  const def = definitionOf(schema);
  switch (def.type) {
    case 'optional':
    case 'nullable':
    case 'default':
    case 'prefault':
    case 'readonly':
    case 'nonoptional':
      return typeText(def.innerType);
    case 'lazy':
      return 'any';
    case 'array':
      return `list of ${definitionOf(def.element).type === 'lazy' ? 'the same' : typeText(def.element)}`;
    case 'record':
      return `mapping to ${typeText(def.valueType)}`;
    case 'union':
      return [...new Set(def.options.map(typeText))].join(' or ');
    case 'enum':
      return Object.values(def.entries)
        .map((value) => `\`${String(value)}\``)
        .join(', ');
    case 'literal':
      return def.values.map((value) => `\`${String(value)}\``).join(', ');
    case 'pipe':
      return kind === undefined ? typeText(def.in) : KIND_TEXT[kind];
    default:
      return kind === undefined ? (TYPE_TEXT[def.type] ?? def.type) : KIND_TEXT[kind];
  }
}

const KIND_TEXT = {
  duration: 'duration',
  size: 'size',
  field: 'field path',
  expression: 'expression',
  aggregate: 'expression over aggregates',
  match: 'expression over a match',
  template: 'text or template',
  url: 'address',
  map: 'map program',
  secret: 'secret',
  path: 'path',
  path_pattern: 'path pattern',
  topic: 'topic',
} as const;

const TYPE_TEXT: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'number',
  boolean: '`true`, `false`',
  object: 'mapping',
  unknown: 'any',
  null: '`null`',
};

function defaultOf(schema: Schema): string | undefined {
  for (const branch of branchesOf(schema)) {
    const def = definitionOf(branch);
    if (def.type === 'default' || def.type === 'prefault') return JSON.stringify(def.defaultValue).replace(/^"(.*)"$/, '$1');
  }
  return undefined;
}

function descriptionOf(schema: Schema): string {
  for (const branch of branchesOf(schema)) {
    const description = z.globalRegistry.get(branch)?.description;
    if (description !== undefined) return /[.!?]$/.test(description) ? description : `${description}.`;
  }
  return '';
}
