import type { FieldPath } from '../../record/path.ts';
import {
  BOOLEAN,
  LIST,
  listOf,
  NEVER,
  NUMBER,
  OBJECT,
  objectOf,
  objectType,
  oneOf,
  type RecordType,
  STRING,
  setPath,
} from '../../sdk/types/index.ts';
import { ecsTargets } from './cef-keys.ts';
import { type CellType, csvColumns } from './csv.ts';
import type { FormatOptions } from './formats.ts';
import { type CaptureType, expandedCaptures } from './grok/captures.ts';
import { groupNames } from './regex.ts';

/** What the parsers yield, format by format: every field that they may set, and what it is then. */

const NOTHING = objectOf({});

/** What `key=value` gives whose keys are the text's own: dots in them nest. */
const PAIRS = objectType(new Map(), oneOf(STRING, BOOLEAN, OBJECT));

/** A key that repeats gets a list. */
const REPEATED_PAIRS = objectType(new Map(), oneOf(STRING, LIST, OBJECT));

const PARAMETERS = objectType(new Map(), oneOf(STRING, listOf(STRING)));

const ENDPOINT = objectOf({ address: STRING, 'ip?': STRING, 'port?': NUMBER });
const SECONDS = objectOf({ sec: NUMBER });
const BYTES = objectOf({ bytes: NUMBER });
const URL = objectOf({
  original: STRING,
  'scheme?': STRING,
  'domain?': STRING,
  'port?': NUMBER,
  'path?': STRING,
  'query?': STRING,
});
const CODED = objectOf({ code: NUMBER, 'name?': STRING });

function accessLog(request: Readonly<Record<string, RecordType>>): RecordType {
  return objectOf({
    '@timestamp': STRING,
    source: objectOf({ address: STRING, 'ip?': STRING }),
    'apache?': objectOf({ access: objectOf({ user: objectOf({ identity: STRING }) }) }),
    'user?': objectOf({ name: STRING }),
    http: objectOf({
      'request?': objectOf({ 'method?': STRING, ...request }),
      'version?': STRING,
      'response?': objectOf({ 'status_code?': NUMBER, 'body?': BYTES }),
    }),
    'url?': objectOf({ original: STRING, 'path?': STRING, 'query?': STRING }),
    'user_agent?': objectOf({ original: STRING }),
  });
}

export const COMMON = accessLog({});
export const COMBINED = accessLog({ 'referrer?': STRING });

const INGRESS = objectOf({
  http: objectOf({ request: objectOf({ length: NUMBER, time: NUMBER, 'id?': STRING }) }),
  'upstream_address_list?': listOf(STRING),
  upstream: objectOf({
    'name?': STRING,
    'alternative_name?': STRING,
    'ip?': STRING,
    'port?': NUMBER,
    response: objectOf({ 'length?': NUMBER, 'time?': NUMBER, 'status_code?': NUMBER }),
  }),
});

const NGINX_MORE: Readonly<Record<string, RecordType>> = {
  'destination.address': STRING,
  'destination.ip': STRING,
  'destination.domain': STRING,
  'destination.port': NUMBER,
  'event.duration': NUMBER,
  'nginx.access.remote_ip_list': listOf(STRING),
  'nginx.access.request_time': NUMBER,
  'nginx.access.upstream_response_time': NUMBER,
  'nginx.ingress_controller': INGRESS,
};

export const NGINX = withSometimes(
  COMBINED,
  Object.entries(NGINX_MORE).map(([path, type]) => [path.split('.'), type]),
);

export const NGINX_ERROR = objectOf({
  '@timestamp': STRING,
  message: STRING,
  log: objectOf({ level: STRING }),
  process: objectOf({ pid: NUMBER, thread: objectOf({ id: NUMBER }) }),
  nginx: objectOf({
    error: objectOf({ 'connection_id?': NUMBER, 'server?': STRING, 'upstream?': STRING, 'subrequest?': STRING }),
  }),
  'source?': ENDPOINT,
  'http?': objectOf({ request: objectOf({ 'method?': STRING, 'referrer?': STRING }), 'version?': STRING }),
  'url?': objectOf({
    'original?': STRING,
    'scheme?': STRING,
    'domain?': STRING,
    'port?': NUMBER,
    'path?': STRING,
    'query?': STRING,
  }),
});

export const AWS_ALB = objectOf({
  '@timestamp': STRING,
  aws: objectOf({
    elb: objectOf({
      'type?': STRING,
      protocol: STRING,
      'name?': STRING,
      'backend?': objectOf({
        'ip?': STRING,
        'port?': NUMBER,
        'http?': objectOf({ response: objectOf({ status_code: NUMBER }) }),
      }),
      'request_processing_time?': SECONDS,
      'backend_processing_time?': SECONDS,
      'response_processing_time?': SECONDS,
      'ssl_cipher?': STRING,
      'ssl_protocol?': STRING,
      'target_group?': objectOf({ arn: STRING }),
      'trace_id?': STRING,
      'chosen_cert?': objectOf({ arn: STRING }),
      'matched_rule_priority?': STRING,
      'action_executed?': listOf(STRING),
      'redirect_url?': STRING,
      'error?': objectOf({ reason: STRING }),
      'target_port?': listOf(STRING),
      'target_status_code?': listOf(STRING),
      'classification?': STRING,
      'classification_reason?': STRING,
      'conn_trace_id?': STRING,
      'transformed_host?': STRING,
      'transformed_uri?': STRING,
      'request_transform_status?': STRING,
    }),
  }),
  cloud: objectOf({ provider: STRING }),
  'source?': ENDPOINT,
  http: objectOf({
    'version?': STRING,
    request: objectOf({ 'method?': STRING, 'body?': BYTES }),
    response: objectOf({ 'status_code?': NUMBER, 'body?': BYTES }),
  }),
  'url?': URL,
  'user_agent?': objectOf({ original: STRING }),
  'destination?': objectOf({ domain: STRING }),
  'event?': objectOf({ start: STRING }),
  'trace?': objectOf({ id: STRING }),
});

/** Elements of structured data by their ids, and their parameters by name. */
const STRUCTURED = objectType(new Map(), PARAMETERS);

export const SYSLOG = objectOf({
  '@timestamp?': STRING,
  message: STRING,
  log: objectOf({
    syslog: objectOf({
      'priority?': NUMBER,
      'facility?': CODED,
      'severity?': CODED,
      'version?': STRING,
      'hostname?': STRING,
      'appname?': STRING,
      'procid?': STRING,
      'msgid?': STRING,
      'structured_data?': STRUCTURED,
    }),
    'source?': objectOf({ address: STRING }),
  }),
  'host?': objectOf({ hostname: STRING }),
  'process?': objectOf({ name: STRING, 'pid?': NUMBER }),
  'event?': objectOf({ code: STRING, severity: NUMBER }),
  'cisco?': objectOf({
    'asa?': objectOf({ message_id: STRING }),
    'ios?': objectOf({ facility: STRING, 'sequence?': STRING }),
    'ftd?': objectOf({ message_id: STRING }),
  }),
});

const CEF_HEADER = objectOf({
  cef: objectOf({
    version: STRING,
    device: objectOf({ vendor: STRING, product: STRING, version: STRING, event_class_id: STRING }),
    name: STRING,
    severity: STRING,
    extensions: objectType(new Map(), STRING),
    'labels?': objectType(new Map(), STRING),
  }),
  observer: objectOf({ vendor: STRING, product: STRING, version: STRING }),
  event: objectOf({ code: STRING, 'severity?': NUMBER }),
  message: STRING,
});

/** A syslog header may stand before it, of which the event takes the place of what it sets itself. */
export const CEF = withSometimes(
  objectType(
    new Map([
      ...[...(SYSLOG.object?.fields ?? [])].map(([name, { type }]) => [name, { type, always: false }] as const),
      ...(CEF_HEADER.object?.fields ?? []),
    ]),
  ),
  [
    ...[...ecsTargets.values()].map(({ path, kind }) => [path, kind === 'number' ? NUMBER : STRING] as const),
    [['source', 'address'], STRING],
    [['destination', 'address'], STRING],
  ],
);

export const GLOG = objectOf({
  '@timestamp': STRING,
  message: STRING,
  log: objectOf({ level: STRING, origin: objectOf({ file: objectOf({ name: STRING, line: NUMBER }) }) }),
  process: objectOf({ thread: objectOf({ id: NUMBER }) }),
});

export const KLOG = withSometimes(GLOG, [[['klog'], objectType(new Map(), oneOf(STRING, NUMBER, BOOLEAN, { null: true }))]]);

export const USER_AGENT = objectOf({
  user_agent: objectOf({
    original: STRING,
    'name?': STRING,
    'version?': STRING,
    'os?': objectOf({ name: STRING, 'version?': STRING, full: STRING }),
    'device?': objectOf({ name: STRING }),
  }),
});

export { OBJECT as JSON_OBJECT, PAIRS, PARAMETERS, REPEATED_PAIRS };

/** What formats that give a number yield under `value`. */
export const AMOUNT = objectOf({ value: NUMBER });

const CELLS: Readonly<Record<CellType, RecordType>> = { text: STRING, integer: NUMBER, float: NUMBER, boolean: BOOLEAN };

/** Without columns, cells have numbers. An empty cell that is no text is left out. */
export function csvType({ columns, types = {} }: FormatOptions): RecordType {
  if (columns === undefined) return objectType(new Map(), STRING);
  return csvColumns(columns, types).reduce(
    (fields, column) =>
      column === undefined ? fields : setPath(fields, column.path, { type: CELLS[column.type], always: column.type === 'text' }),
    NOTHING,
  );
}

export function regexType(pattern: string, paths: ReadonlyMap<string, FieldPath>): RecordType {
  const groups = groupNames(new RegExp(pattern)).map((group) => paths.get(group) ?? [group]);
  return withSometimes(
    NOTHING,
    groups.map((path) => [path, STRING]),
  );
}

const CAPTURED: Readonly<Record<CaptureType, RecordType>> = { string: STRING, int: NUMBER, float: NUMBER, boolean: BOOLEAN };

/** Of several patterns one matches; several captures of one field may give a list. */
export function grokType(options: FormatOptions): RecordType {
  const patterns = typeof options.pattern === 'string' ? [options.pattern] : (options.pattern ?? []);
  return oneOf(...patterns.map((pattern) => capturedType(pattern, options)), patterns.length === 0 ? OBJECT : NEVER);
}

function capturedType(pattern: string, options: FormatOptions): RecordType {
  const captured = new Map<string, { path: FieldPath; types: RecordType[] }>();
  for (const { path, type } of expandedCaptures(pattern, options)) {
    const name = JSON.stringify(path);
    const known = captured.get(name) ?? { path, types: [] };
    known.types.push(CAPTURED[type]);
    captured.set(name, known);
  }
  return withSometimes(
    NOTHING,
    [...captured.values()].map(({ path, types }) => {
      const one = oneOf(...types);
      return [path, types.length === 1 ? one : oneOf(one, listOf(one))];
    }),
  );
}

/** A type with fields that some of its records have besides. */
function withSometimes(type: RecordType, fields: Iterable<readonly [FieldPath, RecordType]>): RecordType {
  let result = type;
  for (const [path, field] of fields) result = setPath(result, path, { type: field, always: false });
  return result;
}
