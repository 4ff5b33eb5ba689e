import { z } from 'zod';
import type { FieldPath } from '../../record/path.ts';
import { fieldPath } from '../../sdk/schema.ts';
import { readNotation } from '../../sdk/types/index.ts';
import { type Complain, checkFormat, checkTaken, formatShape } from './format-options.ts';
import type { FormatOptions, Formats, TextFormat } from './formats.ts';

/** A format to be tried, by its name or with options of its own. */
function formatEntry(names: readonly [string, ...string[]], shape: typeof formatShape) {
  return z.union([
    z.enum(names),
    z.strictObject({
      format: z.enum(names).describe('How the text may be written.'),
      name: z
        .string()
        .min(1)
        .max(64)
        .optional()
        .describe('What it is called in messages and in `format_field`; the name of the format by default.'),
      ...shape,
    }),
  ]);
}
type FormatEntry = z.output<ReturnType<typeof formatEntry>>;

/** A format to be tried, with all its options: those of the step where it has none of its own. */
export interface Candidate {
  readonly name: string;
  readonly format: string;
  readonly text: TextFormat;
  readonly options: FormatOptions;
}

/** The options of `parse`, where these formats are known. */
export function parseOptionsOf(formats: Formats): z.ZodType<ParseOptions> {
  const names = Object.keys(formats) as [string, ...string[]];
  const summaries = names.map((name) => `\`${name}\`: ${formats[name]?.summary}`).join('; ');
  const shape = { ...formatShape, ...ownShape(formats) };
  return z
    .strictObject({
      format: z
        .union([z.enum(names), z.array(formatEntry(names, shape)).min(1).max(20)])
        .describe(
          `How the text is written, or a list of formats to be tried in their order, of which the first that fits wins; one with options of its own is written \`{ format: regex, pattern: ... }\`. ${summaries}.`,
        ),
      field: fieldPath().prefault('message').describe('The field that holds the text.'),
      into: fieldPath()
        .optional()
        .describe(
          'Where the parsed fields are put, as one object, or the number of `duration` and `bytes`. Without it fields are merged into the record, and win, and a number takes the place of the text.',
        ),
      format_field: fieldPath().optional().describe('A field that gets the name of the format that fitted.'),
      ...shape,
      schema: z
        .record(z.string(), z.unknown())
        .optional()
        .describe(
          'What is known of the parsed fields, where the format does not say it, as in the `schema` of a topic: `{ user.id: string, amount: number, ...: any }`. It is what later steps are checked against; records are not.',
        ),
      keep_original: z
        .boolean()
        .default(true)
        .describe(
          'Whether the text is kept: merged into the record, that of `message` moves to event.original; else it stays where it is.',
        ),
      on_missing: z
        .enum(['reject', 'skip'])
        .default('reject')
        .describe('What becomes of a record without the field: `reject` it (a dead letter), or `skip` this step.'),
    })
    .superRefine((options, context) => checkFormats(options as ParseOptions, formats, context)) as z.ZodType<ParseOptions>;
}

/** What stands under `options`, where a format of a plugin has some: which they may be depends on the format. */
function ownShape(formats: Formats): { readonly options?: z.ZodOptional<z.ZodRecord<z.ZodString, z.ZodUnknown>> } {
  const owners = Object.entries(formats).filter(([, { own }]) => own !== undefined);
  if (owners.length === 0) return {};
  const anyOf = owners.map(([, { own }]) => z.toJSONSchema(own as z.ZodType, { io: 'input', unrepresentable: 'any' }));
  const description = `The options of a format of a plugin: ${owners.map(([name]) => `\`${name}\``).join(', ')}.`;
  return { options: z.record(z.string(), z.unknown()).optional().meta({ description, anyOf }) };
}

function checkFormats(options: ParseOptions, formats: Formats, context: z.core.$RefinementCtx): void {
  const complainAt =
    (base: readonly (string | number)[]): Complain =>
    (path, message) => {
      context.addIssue({ code: 'custom', path: [...base, ...path], message });
    };
  for (const { path, message } of options.schema === undefined ? [] : readNotation(options.schema).problems)
    complainAt(['schema'])(path as (string | number)[], message);
  const candidates = candidatesOf(options, formats);
  checkTaken(options, candidates, complainAt([]));
  for (const [i, candidate] of candidates.entries()) {
    const entry = Array.isArray(options.format) ? options.format[i] : undefined;
    if (typeof entry === 'object') checkTaken(entry, [candidate], complainAt(['format', i]));
    checkFormat(candidate, candidate.options, complainAt(typeof entry === 'object' ? ['format', i] : []));
  }
  if (new Set(candidates.map(({ text }) => text.givesNumber === true)).size > 1) {
    complainAt([])(
      ['format'],
      'formats that give a number (duration, bytes) and formats that give fields cannot be tried together',
    );
  }
}

export type ParseOptions = FormatOptions & {
  readonly format: string | readonly FormatEntry[];
  readonly field: FieldPath;
  readonly into?: FieldPath | undefined;
  readonly format_field?: FieldPath | undefined;
  readonly schema?: Readonly<Record<string, unknown>> | undefined;
  readonly keep_original: boolean;
  readonly on_missing: 'reject' | 'skip';
};

/** The formats to be tried, in their order. */
export function candidatesOf(options: Pick<ParseOptions, 'format'> & FormatOptions, formats: Formats): Candidate[] {
  const entries = typeof options.format === 'string' ? [options.format] : options.format;
  return entries.map((entry) => {
    const format = typeof entry === 'string' ? entry : entry.format;
    const text = formats[format];
    if (text === undefined) throw new Error(`there is no format ${format}`);
    if (typeof entry === 'string') return { name: entry, format, text, options };
    const own = Object.fromEntries(Object.entries(entry).filter(([, value]) => value !== undefined));
    return { name: entry.name ?? format, format, text, options: { ...options, ...own } };
  });
}
