import { z } from 'zod';
import { errorMessage } from '../errors/index.ts';
import type { JsonValue } from '../record/json.ts';
import { getField, parsePath } from '../record/path.ts';
import { fieldPath, filePath } from '../sdk/schema.ts';
import { defineStep, type Rejected } from '../sdk/step.ts';
import { BOOLEAN, NUMBER, oneOf, STRING } from '../sdk/types/index.ts';
import { fieldMapping, pathEntries } from './field-mapping.ts';
import { WatchedFile } from './files/watched-file.ts';
import { lookedUpType } from './lookup/looked-up-type.ts';
import { type Entry, keyOf, putEntry, readTable, type Table } from './lookup/table.ts';
import { kindOf } from './value-kind.ts';

/** A table is in memory as a whole, several times as large as its file. */
const MOST_BYTES = 256_000_000;

const FORMAT_BY_ENDING = [
  ['.csv', 'csv'],
  ['.ndjson', 'ndjson'],
  ['.jsonl', 'ndjson'],
] as const;

const options = z
  .strictObject({
    file: filePath().describe('The file with the table.'),
    format: z
      .enum(['csv', 'ndjson'])
      .optional()
      .describe(
        'How it is written: `csv` (the first line names the columns) or `ndjson` (an object a line). Without it, by the ending of the file.',
      ),
    separator: z.string().length(1).default(',').describe('`csv`: what stands between the cells: `;`, "\\t".'),
    key: z
      .string()
      .min(1)
      .optional()
      .describe('The column or field of the table that holds the key; `csv`: without it the first column.'),
    field: fieldPath().describe('The field of the record that is looked up. A number is compared by its text.'),
    fields: z
      .record(z.string(), fieldPath())
      .optional()
      .describe(
        'What is put into the record and where: `{ tier: customer.tier }`. Without it everything but the key, under its own name.',
      ),
    into: fieldPath().optional().describe('The object that gets the fields. Without it, the record.'),
    on_miss: z
      .enum(['skip', 'reject', 'default'])
      .default('skip')
      .describe(
        'What becomes of a record without the field, or whose key is not in the table: `skip` this step, `reject` it, or put in the `default`.',
      ),
    default: fieldMapping(z.union([z.string(), z.number(), z.boolean(), z.null()]))
      .optional()
      .describe('`on_miss: default`: the fields that are put in instead, under `into` too.'),
    max_entries: z
      .number()
      .int()
      .min(1)
      .max(5_000_000)
      .default(100_000)
      .describe('A table with more entries is refused: it is in memory as a whole.'),
  })
  .superRefine((options, context) => {
    const complain = (path: string[], message: string): void => {
      context.addIssue({ code: 'custom', path, message });
    };
    const format = formatOf(options.file, options.format);
    if (format === undefined) complain(['file'], 'its ending does not say how it is written; give "format": csv or ndjson');
    if (format === 'ndjson' && options.key === undefined)
      complain([], 'a table in ndjson needs a "key": the field that holds it');
    if (format === 'ndjson') {
      for (const name of [options.key ?? 'key', ...Object.keys(options.fields ?? {})])
        if (parsePath(name) === undefined) complain([], `${JSON.stringify(name)} is no field path of a line of the table`);
    }
    if (options.on_miss === 'default' && options.default === undefined) complain([], '"on_miss: default" needs a "default"');
    if (options.on_miss !== 'default' && options.default !== undefined)
      complain(['default'], 'it is put in only with "on_miss: default"');
  });

type LookupOptions = z.output<typeof options>;

export const lookup = defineStep<LookupOptions>({
  kind: 'lookup',
  summary: 'Adds fields from a table in a file.',
  description: [
    'Fields of the table take the place of those in the record; objects are joined. Cells of `csv` are texts (see `convert`), and an empty one puts nothing.',
    'The file is read when the task starts, which does not start where it is missing or broken: a key that is there twice, a line that does not fit. While it runs it is looked at every 5 seconds, and one that has changed is read anew, as a whole; one that is then broken or away leaves the table read before in use, with a warning.',
  ].join(' '),
  options,
  changesValue: true,
  readsValue: true,
  examples: [
    'lookup: { file: ./customers.csv, field: customer.id, into: customer }',
    'lookup: { file: ./hosts.ndjson, key: ip, field: source.ip, fields: { team: service.owner }, on_miss: default, default: { service.owner: unknown } }',
  ],
  yields(options, known) {
    const { field, on_miss: onMiss } = options;
    known.read(field, { at: ['field'], takes: oneOf(STRING, NUMBER, BOOLEAN), optional: onMiss !== 'reject' });
    return lookedUpType(options, formatOf(options.file, options.format) ?? 'csv', known.input);
  },
  create(options, context) {
    const { field, on_miss: onMiss } = options;
    const table = new WatchedFile<Table>({
      path: options.file,
      what: 'table',
      maxBytes: MOST_BYTES,
      read: (bytes) => readTable(bytes, tableOptions(options)),
      context,
    });
    const fallback = defaultEntry(options);
    return ({ value }) => {
      const asked = getField(value, field);
      const key = keyOf(asked);
      const entry = (key === undefined ? undefined : table.content.get(key)) ?? fallback;
      if (entry !== undefined) putEntry(value, entry);
      else if (onMiss === 'reject') return missed(options, asked);
      return undefined;
    };
  },
});

function formatOf(file: string, format: 'csv' | 'ndjson' | undefined): 'csv' | 'ndjson' | undefined {
  return format ?? FORMAT_BY_ENDING.find(([ending]) => file.toLowerCase().endsWith(ending))?.[1];
}

function tableOptions({ file, format, separator, key, fields, into, max_entries: maxEntries }: LookupOptions) {
  return { format: formatOf(file, format) ?? 'csv', separator, key, fields, into: into ?? [], maxEntries } as const;
}

function defaultEntry({ on_miss: onMiss, default: fields, into = [] }: LookupOptions): Entry | undefined {
  if (onMiss !== 'default' || fields === undefined) return undefined;
  const entries = pathEntries(fields);
  return { paths: entries.map(({ path }) => [...into, ...path]), values: entries.map(({ value }) => value) };
}

function missed({ field, file }: LookupOptions, asked: JsonValue | undefined): Rejected {
  const reason =
    asked === undefined
      ? 'the record has no such field'
      : keyOf(asked) === undefined
        ? `it holds ${kindOf(asked)}, which is no key`
        : 'the table has no such key';
  const message = errorMessage('LOOKUP_MISSED', { field: field.join('.'), file, reason });
  return { kind: 'rejected', code: 'LOOKUP_MISSED', message };
}
