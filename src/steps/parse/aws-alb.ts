import { toIso } from '../../record/iso-time.ts';
import type { JsonObject } from '../../record/json.ts';
import type { Zone } from '../../record/zone.ts';
import { parseIso8601 } from '../time/iso8601.ts';
import { endpointWithPort, numberOf } from './endpoint.ts';
import { ParseFailure, type TextParser } from './parser.ts';
import { splitRequest, urlFields } from './request-line.ts';

/** Fields that every entry has: those of the application load balancer's first version, and the classic one's first. */
const LEAST_ALB = 17;
const LEAST_CLASSIC = 12;
/** More than twice what is documented: fields that are yet to come are passed over. */
const MOST = 80;

const utc: Zone = (localMs) => localMs;
const TIME_FIRST = /^\d{4}-\d{2}-\d{2}T/;
const NO_TIME = new ParseFailure('its time is none in ISO 8601');
const TOO_MANY = new ParseFailure(`it has more than ${MOST} fields`);

/** The fields that all load balancers write, by their names in AWS's documentation. */
interface Entry {
  readonly type: string | undefined;
  readonly time: string;
  readonly elb: string | undefined;
  readonly client: string | undefined;
  readonly target: string | undefined;
  /** Request, target and response. */
  readonly times: readonly (string | undefined)[];
  readonly elbStatus: string | undefined;
  readonly targetStatus: string | undefined;
  readonly received: string | undefined;
  readonly sent: string | undefined;
  readonly request: string | undefined;
  readonly agent: string | undefined;
  readonly cipher: string | undefined;
  readonly protocol: string | undefined;
}

/**
 * Reads access-log entries of AWS's Application Load Balancer, all documented fields, and of the classic load balancer
 * (told apart by the time, with which classic entries begin). Field names are those of Elastic's integration
 * (`aws.elb.*`). A time of -1, which stands for a connection that failed, is left out.
 */
export const parseAwsAlb: TextParser = (text) => {
  const values = readValues(text);
  if (values instanceof ParseFailure) return values;
  const classic = TIME_FIRST.test(text);
  const least = classic ? LEAST_CLASSIC : LEAST_ALB;
  if (values.length < least) return new ParseFailure(`it has ${values.length} fields where an entry has ${least} or more`);
  const entry = entryOf(classic ? [undefined, ...values] : values);
  const ms = parseIso8601(entry.time, utc);
  if (Number.isNaN(ms)) return NO_TIME;
  const fields = commonFields(entry, ms);
  if (!classic) addAlbFields(fields.elb, fields.all, values);
  return fields.all;
};

/** Splits at blanks; what is in quotes is one value. `-` and an empty value are `undefined`. */
function readValues(text: string): (string | undefined)[] | ParseFailure {
  const values: (string | undefined)[] = [];
  for (let at = 0; at < text.length; ) {
    if (values.length >= MOST) return TOO_MANY;
    const quoted = text.charCodeAt(at) === 34;
    const end = quoted ? endOfQuoted(text, at + 1) : text.indexOf(' ', at);
    if (quoted && end < 0) return new ParseFailure(`the quote at column ${at + 1} does not end`);
    const value = text.slice(quoted ? at + 1 : at, end < 0 ? text.length : end);
    values.push(value === '-' || value === '' ? undefined : value);
    at = end < 0 ? text.length : end + (quoted ? 2 : 1);
  }
  return values;
}

/** The quote that a blank or the end follows: user agents may hold quotes as they came. */
function endOfQuoted(text: string, start: number): number {
  let end = text.indexOf('"', start);
  while (end >= 0 && end + 1 < text.length && text.charCodeAt(end + 1) !== 32) end = text.indexOf('"', end + 1);
  return end;
}

function entryOf(values: readonly (string | undefined)[]): Entry {
  const [
    type,
    time = '',
    elb,
    client,
    target,
    t1,
    t2,
    t3,
    elbStatus,
    targetStatus,
    received,
    sent,
    request,
    agent,
    cipher,
    protocol,
  ] = values;
  const times = [t1, t2, t3];
  return { type, time, elb, client, target, times, elbStatus, targetStatus, received, sent, request, agent, cipher, protocol };
}

function commonFields(entry: Entry, ms: number): { readonly all: JsonObject; readonly elb: JsonObject } {
  const { method, url, version } = splitRequest(entry.request ?? '');
  const backend = entry.target === undefined ? {} : (endpointWithPort(entry.target) ?? {});
  const [request, target, response] = entry.times.map((time) => {
    const sec = numberOf(time);
    return sec === undefined ? undefined : { sec };
  });
  const targetStatus = numberOf(entry.targetStatus);
  const elb: JsonObject = {
    type: entry.type,
    protocol: 'http',
    name: entry.elb,
    backend:
      entry.target === undefined
        ? undefined
        : {
            ip: backend['ip'] ?? backend['address'],
            port: backend['port'],
            http: targetStatus === undefined ? undefined : { response: { status_code: targetStatus } },
          },
    request_processing_time: request,
    backend_processing_time: target,
    response_processing_time: response,
    ssl_cipher: entry.cipher,
    ssl_protocol: entry.protocol,
  };
  const all: JsonObject = {
    '@timestamp': toIso(ms),
    aws: { elb },
    cloud: { provider: 'aws' },
    source: entry.client === undefined ? undefined : endpointWithPort(entry.client),
    http: {
      version,
      request: { method, body: bytes(entry.received) },
      response: { status_code: numberOf(entry.elbStatus), body: bytes(entry.sent) },
    },
    url: url === undefined || url.startsWith('-') ? undefined : urlFields(url),
    user_agent: entry.agent === undefined ? undefined : { original: entry.agent },
  };
  return { all, elb };
}

function bytes(text: string | undefined): JsonObject | undefined {
  const count = numberOf(text);
  return count === undefined ? undefined : { bytes: count };
}

/** Adds what stands behind the protocol. Each field came at some time, so that older entries have fewer. */
function addAlbFields(elb: JsonObject, all: JsonObject, values: readonly (string | undefined)[]): void {
  const [group, trace, domain, certificate, priority, created, actions, redirect, error, ports, statuses, ...later] =
    values.slice(16);
  const [classification, reason, connection, host, uri, transform] = later;
  const start = created === undefined ? Number.NaN : parseIso8601(created, utc);
  Object.assign(elb, {
    target_group: group === undefined ? undefined : { arn: group },
    trace_id: trace,
    chosen_cert: certificate === undefined || certificate === 'session-reused' ? undefined : { arn: certificate },
    matched_rule_priority: priority,
    action_executed: actions?.split(','),
    redirect_url: redirect,
    error: error === undefined ? undefined : { reason: error },
    target_port: ports?.split(' '),
    target_status_code: statuses?.split(' '),
    classification,
    classification_reason: reason,
    conn_trace_id: connection,
    transformed_host: host,
    transformed_uri: uri,
    request_transform_status: transform,
  } satisfies JsonObject);
  if (domain !== undefined) all['destination'] = { domain };
  if (!Number.isNaN(start)) all['event'] = { start: toIso(start) };
  const root = trace === undefined ? undefined : /(?:^|;)Root=([^;]{1,100})/.exec(trace)?.[1];
  if (root !== undefined) all['trace'] = { id: root };
}
