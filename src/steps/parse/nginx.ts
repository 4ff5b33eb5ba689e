import { isJsonObject, type JsonObject } from '../../record/json.ts';
import { apacheParser } from './apache.ts';
import { endpointOf, endpointWithPort, numberOf } from './endpoint.ts';
import { ParseFailure, type TextParser } from './parser.ts';
import { closingQuote } from './quoted-text.ts';

/** Addresses with commas between, from X-Forwarded-For in the place of the client's. */
const ADDRESS_LIST = /^"?([0-9a-fA-F.:]{1,45}(?:, ?[0-9a-fA-F.:]{1,45}){1,100})"?(?= )/;

const INGRESS =
  /^ (\d+) (\d+(?:\.\d+)?) \[([^\]]*)\] \[([^\]]*)\] ([^\n]+?) ((?:-|\d+)(?:(?:, | : )(?:-|\d+))*) ((?:-|\d+\.\d+)(?:(?:, | : )(?:-|\d+\.\d+))*) ((?:-|\d{3})(?:(?:, | : )(?:-|\d{3}))*)(?: ([0-9a-fA-F]{8,64}))?$/;
const FORWARDED = /^ "([^"]*)"(?= |$)/;
const TIMES = /^ (?:"|rt=)?(\d+\.\d+)"?(?: (?:"|uct="?-?"? uht="?-?"? urt=|urt=)?"?((?:-|\d+\.\d+)(?:, (?:-|\d+\.\d+))*)"?)?$/;
const SEPARATOR = /, | : /;
/** A tail that is longer is read no further. */
const MAX_TAIL = 2_000;

/**
 * Makes a reader of nginx access logs: `combined`, and what stands around it in the forms that are common: a virtual host
 * before (`$host` or `$host:$server_port`), addresses with commas in the client's place, and behind it
 * `"$http_x_forwarded_for"` (nginx's `main`), `$request_time` with or without `$upstream_response_time`, or what the
 * ingress controller of Kubernetes writes. What stands behind otherwise is left alone.
 */
export function nginxParser(): TextParser {
  const combined = apacheParser('combined');
  const client = (text: string, at: number): JsonObject | ParseFailure => {
    const list = ADDRESS_LIST.exec(text);
    if (list !== null) return withAddresses(combined, text, list, at);
    const fields = combined(text, at);
    return fields instanceof ParseFailure ? fields : withTail(fields, text);
  };
  return (text, at) => {
    const space = text.indexOf(' ');
    // Nginx writes a dash in the identity's place, so that one of two words is a virtual host where there is none.
    const hostFirst = !hasDash(text, space) && !ADDRESS_LIST.test(text);
    if (!hostFirst) return client(text, at);
    const rest = text.slice(space + 1);
    if (!hasDash(rest, rest.indexOf(' ')) && !ADDRESS_LIST.test(rest)) return client(text, at);
    const fields = client(rest, at);
    if (!(fields instanceof ParseFailure)) fields['destination'] = destinationOf(text.slice(0, space));
    return fields;
  };
}

function hasDash(text: string, space: number): boolean {
  return text.startsWith('- ', space + 1);
}

/** Elastic's integration keeps the list, and takes its first address for the source. */
function withAddresses(combined: TextParser, text: string, list: RegExpExecArray, at: number): JsonObject | ParseFailure {
  const addresses = (list[1] as string).split(/, ?/);
  const line = `${addresses[0]}${text.slice(list[0].length)}`;
  const fields = combined(line, at);
  if (fields instanceof ParseFailure) return fields;
  withTail(fields, line);
  nginxOf(fields)['access'] = { remote_ip_list: addresses };
  return fields;
}

function destinationOf(host: string): JsonObject {
  const { address, ip, port } = endpointWithPort(host) ?? {};
  return { address, ip, domain: ip === undefined ? address : undefined, port };
}

function nginxOf(fields: JsonObject): JsonObject {
  const nginx = fields['nginx'];
  if (isJsonObject(nginx)) return nginx;
  const made: JsonObject = {};
  fields['nginx'] = made;
  return made;
}

/** Adds what stands behind the user agent. */
function withTail(fields: JsonObject, text: string): JsonObject {
  const end = endOfCombined(text);
  if (end < 0 || end >= text.length || text.length - end > MAX_TAIL) return fields;
  const tail = text.slice(end);
  const ingress = INGRESS.exec(tail);
  if (ingress !== null) {
    nginxOf(fields)['ingress_controller'] = ingressFields(ingress);
    return fields;
  }
  const forwarded = FORWARDED.exec(tail);
  const value = forwarded?.[1] ?? '-';
  const isNumber = /^[\d.]+$/.test(value) && endpointOf(value)?.['ip'] === undefined;
  if (value !== '-' && value !== '' && !isNumber) {
    const access: JsonObject = { remote_ip_list: value.split(/, ?/) };
    nginxOf(fields)['access'] = access;
  }
  addTimes(fields, forwarded !== null && !isNumber ? tail.slice(forwarded[0].length) : tail);
  return fields;
}

function addTimes(fields: JsonObject, tail: string): void {
  const times = TIMES.exec(tail);
  if (times === null) return;
  const seconds = Number(times[1]);
  fields['event'] = { duration: Math.round(seconds * 1e9) };
  const nginx = nginxOf(fields);
  const access = isJsonObject(nginx['access']) ? nginx['access'] : {};
  access['request_time'] = seconds;
  const upstream = (times[2] ?? '').split(', ').map(numberOf);
  const total = upstream.reduce<number>((sum, each) => sum + (each ?? 0), 0);
  if (upstream.some((each) => each !== undefined)) access['upstream_response_time'] = Math.round(total * 1000) / 1000;
  nginx['access'] = access;
}

/** Where the combined format ends: behind its third quoted field. A bare `-` may stand for one. -1 where it does not. */
function endOfCombined(text: string): number {
  const request = text.indexOf('] "') + 2;
  const requestEnd = request < 2 ? -1 : endOfQuoted(text, request);
  if (requestEnd < 0) return -1;
  const bytesEnd = text.indexOf(' ', text.indexOf(' ', requestEnd + 1) + 1);
  const referrerEnd = bytesEnd < 0 ? -1 : endOfQuoted(text, bytesEnd + 1);
  return referrerEnd < 0 ? -1 : endOfQuoted(text, referrerEnd + 1);
}

function endOfQuoted(text: string, at: number): number {
  if (text.charCodeAt(at) !== 34) return text.startsWith('-', at) ? at + 1 : -1;
  const close = closingQuote(text, at + 1);
  return close < 0 ? -1 : close + 1;
}

/** As Elastic's integration names the fields of the ingress controller. A request that was tried again has lists. */
function ingressFields(match: RegExpExecArray): JsonObject {
  const [, length, time, name, alternative, addresses = '', lengths = '', times = '', statuses = '', id] = match;
  const list = addresses.split(SEPARATOR).filter((address) => address !== '-');
  const last = list.length === 0 ? undefined : endpointWithPort(list.at(-1) as string);
  return {
    http: { request: { length: Number(length), time: Number(time), id } },
    upstream_address_list: list.length === 0 ? undefined : list,
    upstream: {
      name: name === '' || name === '-' ? undefined : name,
      alternative_name: alternative === '' || alternative === '-' ? undefined : alternative,
      ip: last?.['ip'],
      port: last?.['port'],
      response: {
        length: numberOf(lengths.split(SEPARATOR).at(-1)),
        time: numberOf(times.split(SEPARATOR).at(-1)),
        status_code: numberOf(statuses.split(SEPARATOR).at(-1)),
      },
    },
  };
}
