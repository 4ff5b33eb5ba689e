import { z } from 'zod';
import { suggest } from '../../errors/suggest.ts';
import { parsePath } from '../../record/path.ts';
import { parseZone } from '../../record/zone.ts';
import { keysOf } from '../../sdk/introspect.ts';
import { checkRegExp } from '../../sdk/regex.ts';
import { TIME_UNITS } from './amounts.ts';
import { CELL_TYPES } from './csv.ts';
import type { FormatOptions, TextFormat } from './formats.ts';
import { checkGrok } from './grok/check.ts';
import { groupNames } from './regex.ts';

/** The options that only some formats take, as a schema's fields. */
export const formatShape = {
  pattern: z
    .union([z.string().min(1), z.array(z.string().min(1)).min(1)])
    .optional()
    .describe(
      '`regex`: a JavaScript regular expression with named groups, `(?<name>...)`. `grok`: a grok pattern, `%{NAME:field:type}`, or a list of them, of which the first that matches is taken. Both may match anywhere: `^` and `$` tie them down.',
    ),
  pattern_definitions: z
    .record(z.string(), z.string().min(1))
    .optional()
    .describe('`grok`: patterns of your own by their names, `{ TICKET: "[A-Z]+-[0-9]+" }`. They win over those of the library.'),
  ecs: z
    .boolean()
    .optional()
    .describe(
      "`grok`: whether the library's patterns name their fields by the Elastic Common Schema (`true`, the default), or as Logstash did before (`false`).",
    ),
  fields: z
    .record(z.string(), z.string())
    .optional()
    .describe(
      '`regex`: the field of each group, `{ status: http.response.status_code }`, since names of groups cannot hold dots. A group not named here is a field of its own name.',
    ),
  timezone: z
    .string()
    .optional()
    .describe(
      '`syslog`, `nginx_error`, `cef`, `glog`, `klog`: the zone of times that name none: `UTC` (the default), `+02:00`, `Europe/Madrid`.',
    ),
  columns: z
    .array(z.string())
    .min(1)
    .optional()
    .describe(
      '`csv`: the field of each cell, such as `url.path`; an empty name leaves its cell out. Without it they are `column1`, `column2`, and so on.',
    ),
  delimiter: z.string().min(1).max(8).optional().describe('`csv`: what stands between cells, `,` by default; `"\\t"` is a tab.'),
  quote: z.string().max(1).optional().describe('`csv`: what encloses cells, `"` by default; empty: cells are never quoted.'),
  types: z
    .record(z.string(), z.enum(CELL_TYPES))
    .optional()
    .describe(
      '`csv`: what the cells of some columns are: `text` (the default), `integer`, `float` or `boolean`. An empty cell that is no text is left out; one that does not fit rejects the record.',
    ),
  pair_separator: z
    .string()
    .min(1)
    .max(8)
    .optional()
    .describe('`key_value`: what stands between pairs, such as `;` or `|`. Without it blanks do.'),
  value_separator: z
    .string()
    .min(1)
    .max(8)
    .optional()
    .describe('`key_value`: what stands between a key and its value, `=` by default.'),
  trim: z
    .string()
    .max(32)
    .optional()
    .describe('`key_value`: characters that are taken off both ends of keys and values, besides blanks: `<>[]`.'),
  prefix: z
    .string()
    .min(1)
    .max(255)
    .optional()
    .describe('`key_value`: stands before each key: `fw_`, or `fortinet.` to put them into an object.'),
  unit: z
    .enum(TIME_UNITS)
    .optional()
    .describe('`duration`: what the number counts: `ns` (the default, as in event.duration), `us`, `ms` or `s`.'),
};

const OPTION_NAMES = [...Object.keys(formatShape), 'options'] as (keyof FormatOptions)[];

/** Says what is wrong with an option, at a path within the options. */
export type Complain = (path: (string | number)[], message: string) => void;

/** A format by its name. */
export interface NamedFormat {
  readonly format: string;
  readonly text: TextFormat;
}

/** Complains of options that none of the formats takes. */
export function checkTaken(options: FormatOptions, tried: readonly NamedFormat[], complain: Complain): void {
  const taken = new Set(tried.flatMap(({ text }) => text.takes));
  const names = tried.map(({ format }) => format);
  const whom = names.length === 1 ? `the format ${names[0]} takes` : `the formats ${names.join(', ')} take`;
  for (const name of OPTION_NAMES) {
    if (options[name] !== undefined && !taken.has(name)) complain([name], `${whom} no "${name}"`);
  }
}

/** Complains of the options of one format where they make no sense. */
export function checkFormat({ format, text }: NamedFormat, options: FormatOptions, complain: Complain): void {
  const { takes, own } = text;
  if (takes.includes('timezone')) checkZone(options.timezone, complain);
  if (format === 'regex') checkPattern(options, complain);
  if (format === 'grok') checkGrok(options.pattern, options, complain);
  if (format === 'csv') checkCsv(options, complain);
  if (format === 'key_value') checkKeyValue(options, complain);
  if (own !== undefined) checkOwn(own, options, complain);
}

/** Complains of what a plugin's schema does not take. */
function checkOwn(own: z.ZodType, { options = {} }: FormatOptions, complain: Complain): void {
  for (const issue of own.safeParse(options).error?.issues ?? []) {
    const path = ['options', ...(issue.path as (string | number)[])];
    if (issue.code !== 'unrecognized_keys') complain(path, issue.message);
    else for (const key of issue.keys) complain([...path, key], unknownOption(key, keysOf([own]) ?? []));
  }
}

function unknownOption(key: string, known: readonly string[]): string {
  const near = suggest(key, known);
  return `the format has no such option${near === undefined ? '' : `; did you mean ${JSON.stringify(near)}?`}`;
}

function checkZone(timezone: string | undefined, complain: Complain): void {
  if (timezone === undefined || parseZone(timezone) !== undefined) return;
  complain(
    ['timezone'],
    `${JSON.stringify(timezone)} is no time zone; write UTC, an offset such as +02:00, or a name such as Europe/Madrid`,
  );
}

function checkPattern({ pattern, fields }: FormatOptions, complain: Complain): void {
  if (pattern === undefined) {
    complain([], 'the format regex needs a "pattern"');
    return;
  }
  if (typeof pattern !== 'string') {
    complain(['pattern'], 'the format regex takes one pattern; a list is for grok');
    return;
  }
  const checked = checkRegExp(pattern);
  if (!checked.ok) {
    complain(['pattern'], `the pattern ${checked.reason}`);
    return;
  }
  const groups = groupNames(new RegExp(pattern));
  if (groups.length === 0)
    complain(['pattern'], 'the pattern has no named group, so nothing would be parsed; write (?<name>...)');
  for (const group of groups) {
    if (parsePath(group) === undefined) complain(['pattern'], `the group ${group} cannot be a field's name; choose another one`);
  }
  for (const [group, path] of Object.entries(fields ?? {})) {
    if (!groups.includes(group)) complain(['fields', group], `the pattern has no group ${group}; it has ${groups.join(', ')}`);
    if (parsePath(path) === undefined) complain(['fields', group], `${JSON.stringify(path)} is no field path`);
  }
}

function checkCsv({ columns, delimiter = ',', quote = '"', types = {} }: FormatOptions, complain: Complain): void {
  const paths = new Map<string, number>();
  for (const [i, column] of (columns ?? []).entries()) {
    if (column === '') continue;
    const earlier = [...paths.keys()].find(
      (other) => `${other}.`.startsWith(`${column}.`) || `${column}.`.startsWith(`${other}.`),
    );
    if (parsePath(column) === undefined) complain(['columns', i], `${JSON.stringify(column)} is no field path`);
    if (earlier !== undefined) complain(['columns', i], `the column ${column} would be put over the column ${earlier}`);
    paths.set(column, i);
  }
  if (columns === undefined && Object.keys(types).length > 0) complain(['types'], 'types need "columns", by whose names they go');
  for (const name of Object.keys(types)) {
    if (columns !== undefined && !paths.has(name))
      complain(['types', name], `there is no column ${name}; there are ${columns.join(', ')}`);
  }
  if (quote !== '' && delimiter.includes(quote)) complain(['quote'], 'the quote cannot be part of the delimiter');
  if (/[\r\n]/.test(delimiter + quote))
    complain(['delimiter'], 'a line break ends the row, and cannot be the delimiter or the quote');
}

function checkKeyValue(options: FormatOptions, complain: Complain): void {
  const { pair_separator: pairs, value_separator: values = '=', prefix } = options;
  if (pairs !== undefined && (pairs.includes(values) || values.includes(pairs))) {
    complain(['pair_separator'], 'pairs and values cannot be separated by the same character');
  }
  if (pairs?.trim() === '') complain(['pair_separator'], 'blanks separate pairs when "pair_separator" is left out');
  if (values.trim() === '' && pairs === undefined)
    complain(['value_separator'], 'a blank as the separator of values needs a "pair_separator"');
  if (prefix !== undefined && parsePath(`${prefix}x`) === undefined)
    complain(['prefix'], `${JSON.stringify(prefix)} cannot begin a field path`);
}
