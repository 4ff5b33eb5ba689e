import { toIso } from '../../record/iso-time.ts';
import type { JsonObject } from '../../record/json.ts';
import type { Zone } from '../../record/zone.ts';
import { asUtc, digitsAt } from '../time/calendar.ts';
import { endpointOf, endpointWithPort } from './endpoint.ts';
import { ParseFailure, type TextParser } from './parser.ts';
import { splitRequest, urlFields } from './request-line.ts';

const HEADER = /^\d{4}\/\d{2}\/\d{2} \d{2}:\d{2}:\d{2} \[([a-z]{1,10})\] (\d{1,10})#(\d{1,20}): (?:\*(\d{1,20}) )?/;
const NO_HEADER = new ParseFailure(
  'it does not begin with a time, level and process such as 2026/05/17 10:05:03 [error] 12#12: ',
);
const NO_SUCH_TIME = new ParseFailure('there is no such time as the one it begins with');

/**
 * What nginx appends about the request at work, in its order; each but the first may be missing. It cuts messages off at
 * 2,048 bytes, so that the bound of the values is never reached.
 */
const CONTEXT = [
  ['server', /, server: ([^,"]*)(?=, |$)/g],
  ['request', /, request: "((?:[^"\\]|\\.){0,4096})"(?=, |$)/g],
  ['subrequest', /, subrequest: "((?:[^"\\]|\\.){0,4096})"(?=, |$)/g],
  ['upstream', /, upstream: "((?:[^"\\]|\\.){0,4096})"(?=, |$)/g],
  ['host', /, host: "((?:[^"\\]|\\.){0,4096})"(?=, |$)/g],
  ['referrer', /, referrer: "((?:[^"\\]|\\.){0,4096})"(?=, |$)/g],
] as const;

type Context = Partial<Record<'client' | (typeof CONTEXT)[number][0], string>>;

/**
 * Makes a reader of nginx error logs, whose times are local to `zone`. `message` keeps all that stands behind the
 * process and connection, as in Elastic's integration; what nginx says there of the request is read into fields as well.
 */
export function nginxErrorParser(zone: Zone): TextParser {
  return (text) => {
    const header = HEADER.exec(text);
    if (header === null) return NO_HEADER;
    const ms = zone(timeOf(text));
    if (Number.isNaN(ms)) return NO_SUCH_TIME;
    const message = text.slice(header[0].length);
    const context = contextOf(message);
    const { method, url, version } = splitRequest(context.request ?? '');
    const { referrer, upstream, subrequest, server, host } = context;
    return {
      '@timestamp': toIso(ms),
      message,
      log: { level: header[1] },
      process: { pid: Number(header[2]), thread: { id: Number(header[3]) } },
      nginx: {
        error: {
          connection_id: header[4] === undefined ? undefined : Number(header[4]),
          server: server === '' ? undefined : server,
          upstream,
          subrequest,
        },
      },
      source: context.client === undefined ? undefined : clientOf(context.client),
      http: method === undefined && referrer === undefined ? undefined : { request: { method, referrer }, version },
      url: urlOf(url, host),
    };
  };
}

function timeOf(text: string): number {
  return asUtc({
    year: digitsAt(text, 0, 4),
    month: digitsAt(text, 5, 2) - 1,
    day: digitsAt(text, 8, 2),
    hour: digitsAt(text, 11, 2),
    minute: digitsAt(text, 14, 2),
    second: digitsAt(text, 17, 2),
    millisecond: 0,
  });
}

/** A client behind the PROXY protocol or a load balancer may come with its port, or as `unix:`. */
function clientOf(client: string): JsonObject | undefined {
  return client.includes('.') || client.startsWith('[') ? endpointWithPort(client) : endpointOf(client);
}

function urlOf(url: string | undefined, host: string | undefined): JsonObject | undefined {
  if (url === undefined && host === undefined) return undefined;
  const { ip, address, port } = (host === undefined ? undefined : endpointWithPort(host)) ?? {};
  return { ...(url === undefined ? {} : urlFields(url)), domain: ip ?? address, port };
}

/** The last client begins the context: what comes before it is the message itself, which may hold anything. */
function contextOf(message: string): Context {
  const start = message.lastIndexOf(', client: ');
  if (start < 0) return {};
  const client = /^, client: ([^,"]*)(?=, |$)/.exec(message.slice(start, start + 300))?.[1];
  if (client === undefined) return {};
  const context: Context = { client };
  for (const [name, pattern] of CONTEXT) {
    pattern.lastIndex = start;
    const value = pattern.exec(message)?.[1];
    if (value !== undefined) context[name] = value;
  }
  return context;
}
