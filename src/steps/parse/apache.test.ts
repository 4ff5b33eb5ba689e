import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it, test } from 'vitest';
import type { JsonObject } from '../../record/json.ts';
import { getField } from '../../record/path.ts';
import { apacheParser } from './apache.ts';
import { ParseFailure } from './parser.ts';

const ACCESS_LOG = '../shared/data/access/elastic_apache_logs.log';

const written = (result: JsonObject | ParseFailure): unknown =>
  result instanceof ParseFailure ? result.reason : JSON.parse(JSON.stringify(result));

const combined = apacheParser('combined');
const common = apacheParser('common');

const HEAD = '10.1.2.3 - - [17/May/2015:10:05:03 +0000]';

describe('apache_combined', () => {
  it('reads every field of a line into ECS', () => {
    const line =
      '83.149.9.216 id7 ann [17/May/2015:10:05:03 +0200] "POST /a/b?x=1&y=2 HTTP/1.1" 503 203023 "http://example.org/?q" "Mozilla/5.0 (X11)"';
    expect(written(combined(line, -1))).toEqual({
      '@timestamp': '2015-05-17T08:05:03.000Z',
      source: { address: '83.149.9.216', ip: '83.149.9.216' },
      apache: { access: { user: { identity: 'id7' } } },
      user: { name: 'ann' },
      http: {
        request: { method: 'POST', referrer: 'http://example.org/?q' },
        version: '1.1',
        response: { status_code: 503, body: { bytes: 203023 } },
      },
      url: { original: '/a/b?x=1&y=2', path: '/a/b', query: 'x=1&y=2' },
      user_agent: { original: 'Mozilla/5.0 (X11)' },
    });
  });

  it('leaves out what is "-"', () => {
    expect(written(combined(`${HEAD} "-" - - "-" "-"`, -1))).toEqual({
      '@timestamp': '2015-05-17T10:05:03.000Z',
      source: { address: '10.1.2.3', ip: '10.1.2.3' },
      http: {},
    });
  });

  test.each<[string, string, unknown]>([
    ['HTTP/0.9 without protocol', 'GET /', { method: 'GET', url: '/', version: undefined }],
    ['HTTP/2.0', 'GET /x HTTP/2.0', { method: 'GET', url: '/x', version: '2.0' }],
    ['a method of WebDAV', 'MKCOL /x HTTP/1.1', { method: 'MKCOL', url: '/x', version: '1.1' }],
    ['a tunnel', 'CONNECT example.org:443 HTTP/1.1', { method: 'CONNECT', url: 'example.org:443', version: '1.1' }],
    ['blanks in the URL', 'GET /a b HTTP/1.1', { method: 'GET', url: '/a b', version: '1.1' }],
    ['an escaped quote in the URL', 'GET /\\"x\\" HTTP/1.1', { method: 'GET', url: '/"x"', version: '1.1' }],
    ['binary data', '\\x16\\x03\\x01', {}],
    ['binary data with blanks', '\\x16\\x03 \\x01 \\x02', {}],
    ['no request', '-', {}],
    ['an empty request', '', {}],
    ['a method alone', 'GET', {}],
    ['a method and a blank', 'GET ', {}],
    ['three words without protocol', 'GET /a b', {}],
    ['an odd version', 'GET / HTTP/x', {}],
  ])('takes a request with %s', (_name, request, expected) => {
    const parsed = combined(`${HEAD} "${request}" 400 226 "-" "-"`, -1) as JsonObject;
    expect(parsed).not.toBeInstanceOf(ParseFailure);
    const found = {
      method: getField(parsed, ['http', 'request', 'method']),
      url: getField(parsed, ['url', 'original']),
      version: getField(parsed, ['http', 'version']),
    };
    expect(found).toEqual(expected);
    expect(getField(parsed, ['http', 'response'])).toEqual({ status_code: 400, body: { bytes: 226 } });
  });

  test.each<[string, string]>([
    ['an escaped quote', 'a \\"b\\" c'],
    ['an escaped backslash at the end', 'a \\\\'],
    ['a bracket', 'x [y] z'],
  ])('finds the end of a user agent with %s', (_name, agent) => {
    const parsed = combined(`${HEAD} "GET / HTTP/1.1" 200 5 "-" "${agent}"`, -1) as JsonObject;
    expect(getField(parsed, ['user_agent', 'original'])).toBe(agent.replaceAll(/\\(["\\])/g, '$1'));
  });

  test.each<[string, string, string | undefined]>([
    ['IPv4', '1.2.3.4', '1.2.3.4'],
    ['IPv6', '2001:db8::1', '2001:db8::1'],
    ['a name', 'host.example.org', undefined],
    ['a number too large', '1.2.3.256', undefined],
    ['too few numbers', '1.2.3', undefined],
    ['too many numbers', '1.2.3.4.5', undefined],
  ])('knows whether the host is an address: %s', (_name, host, ip) => {
    const parsed = combined(`${host} - - [17/May/2015:10:05:03 +0000] "GET / HTTP/1.1" 200 5 "-" "-"`, -1) as JsonObject;
    expect(getField(parsed, ['source', 'address'])).toBe(host);
    expect(getField(parsed, ['source', 'ip'])).toBe(ip);
  });

  test.each<[string, string, RegExp]>([
    ['nothing', '', /does not begin with a host/],
    ['prose', 'the server has started', /does not begin with a host/],
    ['a day that is none', '1.1.1.1 - - [31/Feb/2015:10:05:03 +0000] "GET / HTTP/1.1" 200 5 "-" "-"', /no time/],
    ['a month that is none', '1.1.1.1 - - [17/Mai/2015:10:05:03 +0000] "GET / HTTP/1.1" 200 5 "-" "-"', /no time/],
    ['an hour that is none', '1.1.1.1 - - [17/May/2015:24:05:03 +0000] "GET / HTTP/1.1" 200 5 "-" "-"', /no time/],
    ['a zone that is none', '1.1.1.1 - - [17/May/2015:10:05:03 00000] "GET / HTTP/1.1" 200 5 "-" "-"', /no time/],
    ['no request', `${HEAD} GET / 200 5`, /no request in quotes/],
    ['an open request', `${HEAD} "GET / HTTP/1.1 200 5 `, /quote that begins the request does not end/],
    ['a status of letters', `${HEAD} "GET / HTTP/1.1" abc 5 "-" "-"`, /no status/],
    ['a size of letters', `${HEAD} "GET / HTTP/1.1" 200 5x "-" "-"`, /no size/],
    ['a size that no number holds', `${HEAD} "GET / HTTP/1.1" 200 1234567890123456 "-" "-"`, /no size/],
    ['no referrer', `${HEAD} "GET / HTTP/1.1" 200 5`, /no referrer/],
    ['an open user agent', `${HEAD} "GET / HTTP/1.1" 200 5 "-" "Mozilla`, /no user agent/],
    ['a user agent whose last quote is escaped', `${HEAD} "GET / HTTP/1.1" 200 5 "-" "Mozilla\\"`, /no user agent/],
  ])('rejects %s', (_name, line, reason) => {
    const result = combined(line, -1);
    expect(result).toBeInstanceOf(ParseFailure);
    expect((result as ParseFailure).reason).toMatch(reason);
  });

  it('reads times of the same second with other dates and zones apart', () => {
    const at = (stamp: string): unknown =>
      getField(combined(`h - - [${stamp}] "-" - - "-" "-"`, -1) as JsonObject, ['@timestamp']);
    expect(
      [
        '17/May/2015:10:05:03 +0000',
        '18/May/2015:10:05:03 +0000',
        '17/May/2015:10:05:03 -0330',
        '17/May/2015:10:05:03 +0000',
      ].map(at),
    ).toEqual(['2015-05-17T10:05:03.000Z', '2015-05-18T10:05:03.000Z', '2015-05-17T13:35:03.000Z', '2015-05-17T10:05:03.000Z']);
  });
});

describe('apache_common', () => {
  it('reads a line, and leaves alone what a combined line has behind', () => {
    const line = '127.0.0.1 - frank [10/Oct/2000:13:55:36 -0700] "GET /apache_pb.gif HTTP/1.0" 200 2326';
    const expected = {
      '@timestamp': '2000-10-10T20:55:36.000Z',
      source: { address: '127.0.0.1', ip: '127.0.0.1' },
      user: { name: 'frank' },
      http: { request: { method: 'GET' }, version: '1.0', response: { status_code: 200, body: { bytes: 2326 } } },
      url: { original: '/apache_pb.gif', path: '/apache_pb.gif' },
    };
    expect(written(common(line, -1))).toEqual(expected);
    expect(written(common(`${line} "http://example.org/" "curl"`, -1))).toEqual(expected);
  });
});

describe.skipIf(!existsSync(ACCESS_LOG))('a real access log of 10,000 lines', () => {
  it('parses all but line 8899, and its bytes add up', () => {
    const lines = readFileSync(ACCESS_LOG, 'utf8')
      .split('\n')
      .filter((line) => line !== '');
    const rejected: number[] = [];
    let bytes = 0;
    let withoutRequest = 0;
    for (const [i, line] of lines.entries()) {
      const parsed = combined(line, -1);
      if (parsed instanceof ParseFailure) {
        rejected.push(i + 1);
        continue;
      }
      bytes += Number(getField(parsed, ['http', 'response', 'body', 'bytes']) ?? 0);
      if (getField(parsed, ['http', 'request', 'method']) === undefined) withoutRequest += 1;
    }
    expect(lines).toHaveLength(10_000);
    expect(rejected).toEqual([8899]);
    expect(bytes).toBe(2_747_282_505);
    expect(withoutRequest).toBe(0);
  });
});
