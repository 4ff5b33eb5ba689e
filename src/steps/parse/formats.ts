import type { ByteWay } from '../../record/byte-way.ts';
import { type FieldPath, parsePath } from '../../record/path.ts';
import { parseZone } from '../time/zone.ts';
import { apacheParser } from './apache.ts';
import { ApacheBytes } from './apache-bytes.ts';
import { parseJson } from './json.ts';
import { parseLogfmt } from './logfmt.ts';
import type { TextParser } from './parser.ts';
import { regexParser } from './regex.ts';
import { syslogParser } from './syslog.ts';

/** The options that only some formats take. */
export interface FormatOptions {
  readonly pattern?: string | undefined;
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
  /** The way from bytes to bytes of the step as it is without further options, where the format has one. */
  byteWay?(): ByteWay;
}

export const FORMAT_NAMES = ['json', 'logfmt', 'apache_common', 'apache_combined', 'syslog', 'regex'] as const;
export type FormatName = (typeof FORMAT_NAMES)[number];

function pathsOf(fields: Readonly<Record<string, string>> = {}): ReadonlyMap<string, FieldPath> {
  return new Map(Object.entries(fields).map(([group, path]) => [group, parsePath(path) ?? [group]]));
}

/** All formats. A new one is a module beside this one and an entry here. */
export const formats: Readonly<Record<FormatName, TextFormat>> = {
  json: { summary: 'A JSON object, at most 100 levels deep.', takes: [], create: () => parseJson },
  logfmt: { summary: '`key=value` pairs; values stay texts, dots in keys nest.', takes: [], create: () => parseLogfmt },
  apache_common: {
    summary: "Apache's and nginx's common access-log format.",
    takes: [],
    create: () => apacheParser('common'),
    byteWay: () => new ApacheBytes('common'),
  },
  apache_combined: {
    summary: "Apache's and nginx's combined access-log format: common with referrer and user agent.",
    takes: [],
    create: () => apacheParser('combined'),
    byteWay: () => new ApacheBytes('combined'),
  },
  syslog: {
    summary: 'RFC 5424 and RFC 3164, told apart by themselves, with or without priority.',
    takes: ['timezone'],
    create: ({ timezone = 'UTC' }) => syslogParser(parseZone(timezone) ?? ((localMs) => localMs)),
  },
  regex: {
    summary: 'A regular expression whose named groups become fields.',
    takes: ['pattern', 'fields'],
    create: ({ pattern = '', fields }) => regexParser(pattern, pathsOf(fields)),
  },
};
