import type { z } from 'zod';
import type { ByteWay } from '../../record/byte-way.ts';
import { type FieldPath, parsePath } from '../../record/path.ts';
import { parseZone, type Zone } from '../../record/zone.ts';
import type { RecordType } from '../../sdk/types/index.ts';
import { durationParser, parseBytes, type TimeUnit } from './amounts.ts';
import { apacheParser } from './apache.ts';
import { ApacheBytes } from './apache-bytes.ts';
import { parseAwsAlb } from './aws-alb.ts';
import { cefParser } from './cef.ts';
import { type CellType, csvParser } from './csv.ts';
import * as types from './format-types.ts';
import { glogParser } from './glog.ts';
import { grokParser } from './grok/grok.ts';
import { parseJson } from './json.ts';
import { keyValueParser } from './key-value.ts';
import { parseLogfmt, parseSureLogfmt } from './logfmt.ts';
import { nginxParser } from './nginx.ts';
import { nginxErrorParser } from './nginx-error.ts';
import type { TextParser } from './parser.ts';
import { queryStringParser } from './query-string.ts';
import { regexParser } from './regex.ts';
import { syslogParser } from './syslog.ts';
import { userAgentParser } from './user-agent.ts';

/** The options that only some formats take. */
export interface FormatOptions {
  readonly pattern?: string | readonly string[] | undefined;
  readonly pattern_definitions?: Readonly<Record<string, string>> | undefined;
  readonly ecs?: boolean | undefined;
  readonly fields?: Readonly<Record<string, string>> | undefined;
  readonly timezone?: string | undefined;
  readonly columns?: readonly string[] | undefined;
  readonly delimiter?: string | undefined;
  readonly quote?: string | undefined;
  readonly types?: Readonly<Record<string, CellType>> | undefined;
  readonly pair_separator?: string | undefined;
  readonly value_separator?: string | undefined;
  readonly trim?: string | undefined;
  readonly prefix?: string | undefined;
  readonly unit?: TimeUnit | undefined;
  /** Those of a format of a plugin. */
  readonly options?: Readonly<Record<string, unknown>> | undefined;
}

/** A format of the step `parse`. */
export interface TextFormat {
  /** One sentence for the reference. */
  readonly summary: string;
  /** Those of {@link FormatOptions} that it takes. */
  readonly takes: readonly (keyof FormatOptions)[];
  /** Whether it gives a number, the field `value` of what its parser returns, in place of fields. */
  readonly givesNumber?: true;
  /**
   * Makes its parser, of options that the schema has accepted. `sure`: other formats are tried after it, so that it must
   * not take what is written in one of them; only formats that take nearly anything have to mind.
   */
  create(options: FormatOptions, sure?: boolean): TextParser;
  /** What is known of what its parser returns. */
  readonly yields: RecordType | ((options: FormatOptions) => RecordType);
  /** The schema of its own options, in a format of a plugin that has some. */
  readonly own?: z.ZodType;
  /** The way from bytes to bytes of the step as it is without further options, where the format has one. */
  byteWay?(): ByteWay;
}

export const FORMAT_NAMES = [
  'json',
  'logfmt',
  'key_value',
  'csv',
  'query_string',
  'regex',
  'grok',
  'apache_common',
  'apache_combined',
  'nginx',
  'nginx_error',
  'aws_alb',
  'syslog',
  'cef',
  'glog',
  'klog',
  'user_agent',
  'duration',
  'bytes',
] as const;
export type FormatName = (typeof FORMAT_NAMES)[number];

/** Formats by their names: the built-in ones, and those of plugins. */
export type Formats = Readonly<Record<string, TextFormat>>;

function pathsOf(fields: Readonly<Record<string, string>> = {}): ReadonlyMap<string, FieldPath> {
  return new Map(Object.entries(fields).map(([group, path]) => [group, parsePath(path) ?? [group]]));
}

const listOf = (pattern: string | readonly string[]): readonly string[] => (typeof pattern === 'string' ? [pattern] : pattern);

function zoneOf({ timezone = 'UTC' }: FormatOptions): Zone {
  return parseZone(timezone) ?? ((localMs) => localMs);
}

/** All formats. A new one is a module beside this one and an entry here. */
export const formats: Readonly<Record<FormatName, TextFormat>> = {
  json: { summary: 'a JSON object, at most 100 levels deep', takes: [], create: () => parseJson, yields: types.JSON_OBJECT },
  logfmt: {
    summary: '`key=value` pairs as Go writes them; values stay texts, dots in keys nest',
    takes: [],
    create: (_options, sure) => (sure === true ? parseSureLogfmt : parseLogfmt),
    yields: types.PAIRS,
  },
  key_value: {
    summary: '`key=value` pairs as devices write them, with separators of your own',
    takes: ['pair_separator', 'value_separator', 'trim', 'prefix'],
    create: ({ pair_separator: pairs, value_separator: values = '=', trim = '', prefix = '' }, sure = false) =>
      keyValueParser({ pairs, values, trim, prefix, sure }),
    yields: types.REPEATED_PAIRS,
  },
  csv: {
    summary: 'one row of comma-separated values (RFC 4180)',
    takes: ['columns', 'delimiter', 'quote', 'types'],
    create: ({ columns, delimiter = ',', quote = '"', types }) => csvParser({ columns, delimiter, quote, types }),
    yields: types.csvType,
  },
  query_string: {
    summary: '`a=1&b=two+words`, with or without the question mark',
    takes: [],
    create: (_options, sure = false) => queryStringParser(sure),
    yields: types.PARAMETERS,
  },
  regex: {
    summary: 'a regular expression whose named groups become fields',
    takes: ['pattern', 'fields'],
    create: ({ pattern = '', fields }) => regexParser(listOf(pattern).join(''), pathsOf(fields)),
    yields: ({ pattern = '', fields }) => types.regexType(listOf(pattern).join(''), pathsOf(fields)),
  },
  grok: {
    summary: 'grok patterns, `%{NAME:field:type}`, with the names and fields of Logstash',
    takes: ['pattern', 'pattern_definitions', 'ecs'],
    create: ({ pattern = [], pattern_definitions, ecs }) => grokParser({ pattern_definitions, ecs, patterns: listOf(pattern) }),
    yields: types.grokType,
  },
  apache_common: {
    summary: "Apache's and nginx's common access log",
    takes: [],
    create: () => apacheParser('common'),
    yields: types.COMMON,
    byteWay: () => new ApacheBytes('common'),
  },
  apache_combined: {
    summary: "Apache's and nginx's combined access log: common with referrer and user agent",
    takes: [],
    create: () => apacheParser('combined'),
    yields: types.COMBINED,
    byteWay: () => new ApacheBytes('combined'),
  },
  nginx: {
    summary:
      "nginx's access log: combined, also with a virtual host, forwarded addresses, times, or the ingress controller's fields",
    takes: [],
    create: () => nginxParser(),
    yields: types.NGINX,
  },
  nginx_error: {
    summary: "nginx's error log",
    takes: ['timezone'],
    create: (options) => nginxErrorParser(zoneOf(options)),
    yields: types.NGINX_ERROR,
  },
  aws_alb: {
    summary: "access log of AWS's Application Load Balancer, and of the classic one",
    takes: [],
    create: () => parseAwsAlb,
    yields: types.AWS_ALB,
  },
  syslog: {
    summary: 'RFC 5424 and RFC 3164 as they occur, told apart by themselves, with or without priority',
    takes: ['timezone'],
    create: (options) => syslogParser(zoneOf(options)),
    yields: types.SYSLOG,
  },
  cef: {
    summary: "ArcSight's Common Event Format, alone or in a syslog message",
    takes: ['timezone'],
    create: (options) => cefParser(zoneOf(options)),
    yields: types.CEF,
  },
  glog: {
    summary: "Google's glog",
    takes: ['timezone'],
    create: (options) => glogParser(zoneOf(options), false),
    yields: types.GLOG,
  },
  klog: {
    summary: 'Kubernetes\'s klog: glog with `key="value"` pairs behind the message',
    takes: ['timezone'],
    create: (options) => glogParser(zoneOf(options), true),
    yields: types.KLOG,
  },
  user_agent: { summary: "a browser's User-Agent header", takes: [], create: () => userAgentParser(), yields: types.USER_AGENT },
  duration: {
    summary: 'a span of time, such as `1h15m30.5s` or `2 days, 3 hours`, as a number',
    takes: ['unit'],
    givesNumber: true,
    create: ({ unit = 'ns' }) => durationParser(unit),
    yields: types.AMOUNT,
  },
  bytes: {
    summary: 'an amount of bytes, such as `5.3 MB` or `64KiB`, as a number',
    takes: [],
    givesNumber: true,
    create: () => parseBytes,
    yields: types.AMOUNT,
  },
};
