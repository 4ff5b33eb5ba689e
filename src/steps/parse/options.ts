import { z } from 'zod';
import { parsePath } from '../../record/path.ts';
import { checkRegExp } from '../../sdk/regex.ts';
import { fieldPath } from '../../sdk/schema.ts';
import { parseZone } from '../time/zone.ts';
import { FORMAT_NAMES, type FormatOptions, formats } from './formats.ts';
import { checkGrok } from './grok/check.ts';
import { groupNames } from './regex.ts';

/** The options of `parse`. A list of formats to be tried in order would widen `format`. */
export const parseOptions = z
  .strictObject({
    format: z.enum(FORMAT_NAMES).describe('How the text is written.'),
    field: fieldPath().prefault('message').describe('The field that holds the text.'),
    into: fieldPath()
      .optional()
      .describe('Where the parsed fields are put, as one object. Without it they are merged into the record, and win.'),
    pattern: z
      .union([z.string().min(1), z.array(z.string().min(1)).min(1)])
      .optional()
      .describe(
        '`regex`: a JavaScript regular expression with named groups, `(?<name>...)`. `grok`: a grok pattern, `%{NAME:field:type}`, or a list of them, of which the first that matches is taken. Both may match anywhere: `^` and `$` tie them down.',
      ),
    pattern_definitions: z
      .record(z.string(), z.string().min(1))
      .optional()
      .describe(
        '`grok`: patterns of your own by their names, `{ TICKET: "[A-Z]+-[0-9]+" }`. They win over those of the library.',
      ),
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
      .describe('`syslog`: the zone of times that name none: `UTC` (the default), `+02:00`, `Europe/Madrid`.'),
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
    const complain = (path: (string | number)[], message: string): void => {
      context.addIssue({ code: 'custom', path, message });
    };
    const { takes } = formats[options.format];
    for (const name of ['pattern', 'pattern_definitions', 'ecs', 'fields', 'timezone'] satisfies (keyof FormatOptions)[]) {
      if (options[name] !== undefined && !takes.includes(name))
        complain([name], `the format ${options.format} takes no "${name}"`);
    }
    if (options.timezone !== undefined && parseZone(options.timezone) === undefined) {
      complain(
        ['timezone'],
        `${JSON.stringify(options.timezone)} is no time zone; write UTC, an offset such as +02:00, or a name such as Europe/Madrid`,
      );
    }
    if (options.format === 'regex') checkPattern(options.pattern, options.fields, complain);
    if (options.format === 'grok') checkGrok(options.pattern, options, complain);
  });

export type ParseOptions = z.output<typeof parseOptions>;

function checkPattern(
  pattern: string | readonly string[] | undefined,
  fields: Readonly<Record<string, string>> | undefined,
  complain: (path: (string | number)[], message: string) => void,
): void {
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
