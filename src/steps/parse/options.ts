import { z } from 'zod';
import { fieldPath } from '../../sdk/schema.ts';
import { readNotation } from '../../sdk/types/index.ts';
import { type Complain, checkFormat, checkTaken, formatShape } from './format-options.ts';
import { FORMAT_NAMES, type FormatName, type FormatOptions, formats } from './formats.ts';

/** A format to be tried, by its name or with options of its own. */
const formatEntry = z.union([
  z.enum(FORMAT_NAMES),
  z.strictObject({
    format: z.enum(FORMAT_NAMES).describe('How the text may be written.'),
    name: z
      .string()
      .min(1)
      .max(64)
      .optional()
      .describe('What it is called in messages and in `format_field`; the name of the format by default.'),
    ...formatShape,
  }),
]);
type FormatEntry = z.output<typeof formatEntry>;

/** A format to be tried, with all its options: those of the step where it has none of its own. */
export interface Candidate {
  readonly name: string;
  readonly format: FormatName;
  readonly options: FormatOptions;
}

const formatSummaries = FORMAT_NAMES.map((name) => `\`${name}\`: ${formats[name].summary}`).join('; ');

/** The options of `parse`. */
export const parseOptions = z
  .strictObject({
    format: z
      .union([z.enum(FORMAT_NAMES), z.array(formatEntry).min(1).max(20)])
      .describe(
        `How the text is written, or a list of formats to be tried in their order, of which the first that fits wins; one with options of its own is written \`{ format: regex, pattern: ... }\`. ${formatSummaries}.`,
      ),
    field: fieldPath().prefault('message').describe('The field that holds the text.'),
    into: fieldPath()
      .optional()
      .describe(
        'Where the parsed fields are put, as one object, or the number of `duration` and `bytes`. Without it fields are merged into the record, and win, and a number takes the place of the text.',
      ),
    format_field: fieldPath().optional().describe('A field that gets the name of the format that fitted.'),
    ...formatShape,
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
  .superRefine((options, context) => {
    for (const { path, message } of options.schema === undefined ? [] : readNotation(options.schema).problems)
      context.addIssue({ code: 'custom', path: ['schema', ...path], message });
    const complainAt =
      (base: readonly (string | number)[]): Complain =>
      (path, message) => {
        context.addIssue({ code: 'custom', path: [...base, ...path], message });
      };
    const candidates = candidatesOf(options);
    const names = candidates.map(({ format }) => format);
    checkTaken(options, names, complainAt([]));
    for (const [i, candidate] of candidates.entries()) {
      const entry = Array.isArray(options.format) ? options.format[i] : undefined;
      if (typeof entry === 'object') checkTaken(entry, [entry.format], complainAt(['format', i]));
      checkFormat(candidate.format, candidate.options, complainAt(typeof entry === 'object' ? ['format', i] : []));
    }
    if (new Set(names.map((name) => formats[name].givesNumber === true)).size > 1) {
      complainAt([])(
        ['format'],
        'formats that give a number (duration, bytes) and formats that give fields cannot be tried together',
      );
    }
  });

export type ParseOptions = z.output<typeof parseOptions>;

/** The formats to be tried, in their order. */
export function candidatesOf(options: { readonly format: FormatName | FormatEntry[] } & FormatOptions): Candidate[] {
  const entries = Array.isArray(options.format) ? options.format : [options.format];
  return entries.map((entry) => {
    if (typeof entry === 'string') return { name: entry, format: entry, options };
    const own = Object.fromEntries(Object.entries(entry).filter(([, value]) => value !== undefined));
    return { name: entry.name ?? entry.format, format: entry.format, options: { ...options, ...own } };
  });
}
