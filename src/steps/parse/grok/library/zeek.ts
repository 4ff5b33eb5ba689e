import { orDash, tabSeparated } from './columns.ts';
import type { PatternFamily, Patterns } from './family.ts';

/** One column of a log of Zeek (once Bro): the pattern of its text, its field, and `:int` or `:float`. */
type ZeekColumn = string;

const int = (field: string): ZeekColumn => orDash(`%{INT:${field}:int}`);
const data = (field: string): ZeekColumn => orDash(`%{ZEEK_DATA:${field}}`);
const flag = (field: string): ZeekColumn => orDash(`%{ZEEK_BOOL:${field}}`);
const number = (field: string, type: 'int' | 'float'): ZeekColumn => orDash(`%{NUMBER:${field}:${type}}`);
/** A list that the log writes as `(empty)` where it holds nothing. */
const list = (field: string): ZeekColumn => String.raw`(?:\(empty\)|%{ZEEK_DATA:${field}})`;
const text = (field: string): ZeekColumn => orDash(`%{ZEEK_TEXT:${field}}`);

const ENDS: readonly ZeekColumn[] = [
  '%{IP:[source][ip]}',
  '%{INT:[source][port]:int}',
  '%{IP:[destination][ip]}',
  '%{INT:[destination][port]:int}',
];
const SESSION: readonly ZeekColumn[] = ['%{NUMBER:timestamp}', '%{NOTSPACE:[zeek][session_id]}', ...ENDS];

function http(version: 'bro' | 'zeek'): readonly ZeekColumn[] {
  const zeek = version === 'zeek';
  const files = (side: string): ZeekColumn[] => (zeek ? [data(`[zeek][http][${side}_filenames]`)] : []);
  return [
    ...SESSION,
    '%{INT:[zeek][http][trans_depth]:int}',
    orDash('%{WORD:[http][request][method]}'),
    ...['[url][domain]', '[url][original]', '[http][request][referrer]'].map(data),
    ...(zeek ? [orDash('%{NUMBER:[http][version]}')] : []),
    data('[user_agent][original]'),
    ...(zeek ? [data('[zeek][http][origin]')] : []),
    number('[http][request][body][bytes]', 'int'),
    number('[http][response][body][bytes]', 'int'),
    orDash('%{POSINT:[http][response][status_code]:int}'),
    text('[zeek][http][status_msg]'),
    orDash('%{POSINT:[zeek][http][info_code]:int}'),
    text('[zeek][http][info_msg]'),
    ...(zeek ? [] : [data('[zeek][http][filename]')]),
    list('[zeek][http][tags]'),
    ...['[url][username]', '[url][password]', '[zeek][http][proxied]', '[zeek][http][orig_fuids]'].map(data),
    ...files('orig'),
    data('[http][request][mime_type]'),
    data('[zeek][http][resp_fuids]'),
    ...files('resp'),
    data('[http][response][mime_type]'),
  ];
}

function dns(version: 'bro' | 'zeek'): readonly ZeekColumn[] {
  const zeek = version === 'zeek';
  // Zeek always has these; Bro could leave them out.
  const bits = ['AA', 'TC', 'RD', 'RA']
    .map((bit) => `%{ZEEK_BOOL:[zeek][dns][${bit}]}`)
    .concat('%{NONNEGINT:[zeek][dns][Z]:int}');
  return [
    ...SESSION,
    '%{WORD:[network][transport]}',
    int('[dns][id]'),
    ...(zeek ? [number('[zeek][dns][rtt]', 'float')] : []),
    data('[dns][question][name]'),
    int('[zeek][dns][qclass]'),
    data('[zeek][dns][qclass_name]'),
    int('[zeek][dns][qtype]'),
    data('[dns][question][type]'),
    int('[zeek][dns][rcode]'),
    data('[dns][response_code]'),
    ...(zeek ? bits : bits.map(orDash)),
    data('[zeek][dns][answers]'),
    text('[zeek][dns][TTLs]'),
    flag('[zeek][dns][rejected]'),
  ];
}

function connection(version: 'bro' | 'zeek'): string {
  const before = tabSeparated([
    ...SESSION,
    '%{WORD:[network][transport]}',
    data('[network][protocol]'),
    number('[zeek][connection][duration]', 'float'),
    int('[zeek][connection][orig_bytes]'),
    int('[zeek][connection][resp_bytes]'),
    data('[zeek][connection][state]'),
    flag('[zeek][connection][local_orig]'),
  ]);
  const after = [
    int('[zeek][connection][missed_bytes]'),
    data('[zeek][connection][history]'),
    ...['[source][packets]', '[source][bytes]', '[destination][packets]', '[destination][bytes]'].map(int),
  ];
  const response = flag('[zeek][connection][local_resp]');
  const parents = '[zeek][connection][tunnel_parents]';
  if (version === 'bro') return String.raw`${before}\t(?:${response}\t)?${tabSeparated([...after, list(parents)])}`;
  const macs = [orDash('%{COMMONMAC:[source][mac]}'), orDash('%{COMMONMAC:[destination][mac]}')];
  return String.raw`${tabSeparated([before, response, ...after, data(parents)])}(?:\t${tabSeparated(macs)})?`;
}

function files(version: 'bro' | 'zeek'): string {
  const hosts = [
    version === 'zeek' ? '%{ZEEK_FILES_TX_HOSTS}' : orDash('%{IP:[server][ip]}'),
    version === 'zeek' ? '%{ZEEK_FILES_RX_HOSTS}' : orDash('%{IP:[client][ip]}'),
  ];
  const columns = tabSeparated([
    '%{NUMBER:timestamp}',
    '%{NOTSPACE:[zeek][files][fuid]}',
    ...hosts,
    data('[zeek][files][session_ids]'),
    data('[zeek][files][source]'),
    int('[zeek][files][depth]'),
    data('[zeek][files][analyzers]'),
    data('[file][mime_type]'),
    data('[file][name]'),
    number('[zeek][files][duration]', 'float'),
    data('[zeek][files][local_orig]'),
    flag('[zeek][files][is_orig]'),
    ...['[zeek][files][seen_bytes]', '[file][size]', '[zeek][files][missing_bytes]', '[zeek][files][overflow_bytes]'].map(int),
    flag('[zeek][files][timedout]'),
    ...[
      '[zeek][files][parent_fuid]',
      '[file][hash][md5]',
      '[file][hash][sha1]',
      '[file][hash][sha256]',
      '[zeek][files][extracted]',
    ].map(data),
  ]);
  if (version === 'bro') return columns;
  return String.raw`${columns}(?:\t${tabSeparated([flag('[zeek][files][extracted_cutoff]'), int('[zeek][files][extracted_size]')])})?`;
}

/** Several hosts of a file; one alone is its server or client. */
const hosts = (side: string, field: string): string =>
  `(?:-|(?<[zeek][files][${side}_hosts]>%{IP:${field}}(?:[ ,][0-9A-Fa-f]*[.:][0-9A-Fa-f.:]+)+)|%{IP:${field}})`;

const COLUMN = String.raw`[^\t]+`;

const ecs: Patterns = {
  ZEEK_BOOL: '[TF]',
  ZEEK_DATA: COLUMN,
  ZEEK_TEXT: String.raw`[^\t]*`,
  ZEEK_HTTP: tabSeparated(http('zeek')),
  ZEEK_DNS: tabSeparated(dns('zeek')),
  ZEEK_CONN: connection('zeek'),
  ZEEK_FILES_TX_HOSTS: hosts('tx', '[server][ip]'),
  ZEEK_FILES_RX_HOSTS: hosts('rx', '[client][ip]'),
  ZEEK_FILES: files('zeek'),
  BRO_BOOL: '[TF]',
  BRO_DATA: COLUMN,
  BRO_HTTP: tabSeparated(http('bro')),
  BRO_DNS: tabSeparated(dns('bro')),
  BRO_CONN: connection('bro'),
  BRO_FILES: files('bro'),
};

/** Columns by Bro's own names. `names`: those that may hold anything. */
const legacyLog = (first: readonly string[], names: string): string =>
  tabSeparated([...first, ...names.split(' ').map((name) => `%{BRO_TEXT:${name}}`)]);

const LEGACY_SESSION = ['%{NUMBER:ts}', '%{NOTSPACE:uid}', '%{IP:orig_h}', '%{INT:orig_p}', '%{IP:resp_h}', '%{INT:resp_p}'];

const legacy: Patterns = {
  BRO_TEXT: String.raw`[^\t]*`,
  BRO_HTTP: legacyLog(
    [
      ...LEGACY_SESSION,
      '%{INT:trans_depth}',
      ...['method', 'domain', 'uri', 'referrer', 'user_agent'].map((name) => `%{BRO_TEXT:${name}}`),
      '%{NUMBER:request_body_len}',
      '%{NUMBER:response_body_len}',
    ],
    'status_code status_msg info_code info_msg filename bro_tags username password proxied orig_fuids orig_mime_types resp_fuids resp_mime_types',
  ),
  // A line with the columns of Zeek has one more in its middle, so it must not match.
  BRO_DNS: legacyLog(
    [...LEGACY_SESSION, '%{WORD:proto}', '%{INT:trans_id}'],
    'query qclass qclass_name qtype qtype_name rcode rcode_name AA TC RD RA Z answers TTLs rejected',
  ).concat('(?!\\t)'),
  BRO_CONN: legacyLog(
    [
      ...LEGACY_SESSION,
      '%{WORD:proto}',
      '%{BRO_TEXT:service}',
      '%{NUMBER:duration}',
      '%{NUMBER:orig_bytes}',
      '%{NUMBER:resp_bytes}',
      '%{BRO_TEXT:conn_state}',
      // A later Bro has local_resp here, which the legacy set has no field for.
      String.raw`%{BRO_TEXT:local_orig}(?:\t[TF-](?=\t[0-9]+\t))?`,
    ],
    'missed_bytes history orig_pkts orig_ip_bytes resp_pkts resp_ip_bytes tunnel_parents',
  ),
  BRO_FILES: legacyLog(
    ['%{NUMBER:ts}', '%{NOTSPACE:fuid}', '%{IP:tx_hosts}', '%{IP:rx_hosts}', '%{NOTSPACE:conn_uids}'],
    'source depth analyzers mime_type filename duration local_orig is_orig seen_bytes total_bytes missing_bytes overflow_bytes timedout parent_fuid md5 sha1 sha256 extracted',
  ),
};

export const zeek: PatternFamily = { legacy, ecs };
