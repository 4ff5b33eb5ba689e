import { type FieldPath, parsePath } from '../../record/path.ts';
import { parseZone } from '../time/zone.ts';
import { apacheParser } from './apache.ts';
import { grokParser } from './grok/grok.ts';
import { parseJson } from './json.ts';
import { parseLogfmt } from './logfmt.ts';
import type { TextParser } from './parser.ts';
import { regexParser } from './regex.ts';
import { syslogParser } from './syslog.ts';

/** The options that only some formats take. */
export interface FormatOptions {
  readonly pattern?: string | readonly string[] | undefined;
  readonly pattern_definitions?: Readonly<Record<string, string>> | undefined;
  readonly ecs?: boolean | undefined;
  readonly fields?: Readonly<Record<string, string>> | undefined;
  readonly timezone?: string | undefined;
}

/** A format of the step `parse`. */
export interface TextFormat {
  /** One sentence for the reference. */
  readonly summary: string;
  /** Those of {@link FormatOptions} that it takes. */
  readonly takes: readonly (keyof FormatOptions)[];
  /** Makes its parser, of options that the schema has accepted. */
  create(options: FormatOptions): TextParser;
}

export const FORMAT_NAMES = ['json', 'logfmt', 'apache_common', 'apache_combined', 'syslog', 'regex', 'grok'] as const;
export type FormatName = (typeof FORMAT_NAMES)[number];

function pathsOf(fields: Readonly<Record<string, string>> = {}): ReadonlyMap<string, FieldPath> {
  return new Map(Object.entries(fields).map(([group, path]) => [group, parsePath(path) ?? [group]]));
}

const listOf = (pattern: string | readonly string[]): readonly string[] => (typeof pattern === 'string' ? [pattern] : pattern);

/** All formats. A new one is a module beside this one and an entry here. */
export const formats: Readonly<Record<FormatName, TextFormat>> = {
  json: { summary: 'A JSON object, at most 100 levels deep.', takes: [], create: () => parseJson },
  logfmt: { summary: '`key=value` pairs; values stay texts, dots in keys nest.', takes: [], create: () => parseLogfmt },
  apache_common: { summary: "Apache's and nginx's common access-log format.", takes: [], create: () => apacheParser('common') },
  apache_combined: {
    summary: "Apache's and nginx's combined access-log format: common with referrer and user agent.",
    takes: [],
    create: () => apacheParser('combined'),
  },
  syslog: {
    summary: 'RFC 5424 and RFC 3164, told apart by themselves, with or without priority.',
    takes: ['timezone'],
    create: ({ timezone = 'UTC' }) => syslogParser(parseZone(timezone) ?? ((localMs) => localMs)),
  },
  regex: {
    summary: 'A regular expression whose named groups become fields.',
    takes: ['pattern', 'fields'],
    create: ({ pattern = '', fields }) => regexParser(listOf(pattern).join(''), pathsOf(fields)),
  },
  grok: {
    summary: 'Grok patterns, `%{NAME:field:type}`, with the names and fields of Logstash.',
    takes: ['pattern', 'pattern_definitions', 'ecs'],
    create: ({ pattern = [], ...options }) => grokParser({ ...options, patterns: listOf(pattern) }),
  },
};
