import { describe, expect, it, test } from 'vitest';
import { parseZone, type Zone } from '../../record/zone.ts';
import { nginxParser } from './nginx.ts';
import { nginxErrorParser } from './nginx-error.ts';
import { ParseFailure, type TextParser } from './parser.ts';

const written = (parse: TextParser, text: string): Record<string, unknown> => {
  const result = parse(text, -1);
  return result instanceof ParseFailure
    ? { reason: result.reason }
    : (JSON.parse(JSON.stringify(result)) as Record<string, unknown>);
};
const access = (text: string): Record<string, unknown> => written(nginxParser(), text);

const HTTP = '[17/May/2015:10:05:03 +0000] "GET /a?b=c HTTP/1.1" 200 612 "-" "curl/8.5.0 (a, b)"';
const FIELDS = {
  '@timestamp': '2015-05-17T10:05:03.000Z',
  source: { address: '10.1.2.3', ip: '10.1.2.3' },
  http: { request: { method: 'GET' }, version: '1.1', response: { status_code: 200, body: { bytes: 612 } } },
  url: { original: '/a?b=c', path: '/a', query: 'b=c' },
  user_agent: { original: 'curl/8.5.0 (a, b)' },
};
const list = (...remote_ip_list: string[]): unknown => ({ access: { remote_ip_list } });

describe('nginx', () => {
  test.each<[string, string, Record<string, unknown>]>([
    ['combined', `10.1.2.3 - - ${HTTP}`, {}],
    ['a user', `10.1.2.3 - ann b ${HTTP}`, { user: { name: 'ann b' } }],
    ['main, forwarded for nobody', `10.1.2.3 - - ${HTTP} "-"`, {}],
    ['main, forwarded', `10.1.2.3 - - ${HTTP} "1.1.1.1, 2.2.2.2"`, { nginx: list('1.1.1.1', '2.2.2.2') }],
    ['addresses in place of the client', `10.1.2.3, 2.2.2.2 - - ${HTTP}`, { nginx: list('10.1.2.3', '2.2.2.2') }],
    ['quoted addresses', `"10.1.2.3, 2.2.2.2" - - ${HTTP}`, { nginx: list('10.1.2.3', '2.2.2.2') }],
    ['a virtual host', `x.org 10.1.2.3 - - ${HTTP}`, { destination: { address: 'x.org', domain: 'x.org' } }],
    [
      'a virtual host with port',
      `x.org:8443 10.1.2.3 - - ${HTTP}`,
      { destination: { address: 'x.org', domain: 'x.org', port: 8443 } },
    ],
    [
      'a virtual host and addresses',
      `9.9.9.9:80 10.1.2.3, 2.2.2.2 - - ${HTTP}`,
      { destination: { address: '9.9.9.9', ip: '9.9.9.9', port: 80 }, nginx: list('10.1.2.3', '2.2.2.2') },
    ],
    [
      'the request time',
      `10.1.2.3 - - ${HTTP} 0.045`,
      { event: { duration: 45_000_000 }, nginx: { access: { request_time: 0.045 } } },
    ],
    [
      'request and upstream times',
      `10.1.2.3 - - ${HTTP} "0.045" "0.030, 0.010"`,
      { event: { duration: 45_000_000 }, nginx: { access: { request_time: 0.045, upstream_response_time: 0.04 } } },
    ],
    [
      'forwarded and times',
      `10.1.2.3 - - ${HTTP} "1.1.1.1" rt=0.045 uct="0.001" uht="0.002" urt="0.030"`,
      { nginx: list('1.1.1.1') },
    ],
    ['what it does not know', `10.1.2.3 - - ${HTTP} whatever=1 "`, {}],
  ])('reads %s', (_name, text, more) => {
    expect(access(text)).toEqual({ ...FIELDS, ...more });
  });

  it('reads the ingress controller of Kubernetes', () => {
    const tail =
      '408 0.023 [default-web-80] [] 10.0.0.7:8080, 10.0.0.8:8080 0, 612 0.001, 0.022 502, 200 4c7a8d7d0b8f4a2e9a6f5b1c0d3e2f1a';
    expect(access(`10.1.2.3 - - ${HTTP} ${tail}`)).toEqual({
      ...FIELDS,
      nginx: {
        ingress_controller: {
          http: { request: { length: 408, time: 0.023, id: '4c7a8d7d0b8f4a2e9a6f5b1c0d3e2f1a' } },
          upstream_address_list: ['10.0.0.7:8080', '10.0.0.8:8080'],
          upstream: {
            name: 'default-web-80',
            ip: '10.0.0.8',
            port: 8080,
            response: { length: 612, time: 0.022, status_code: 200 },
          },
        },
      },
    });
    expect(access(`10.1.2.3 - - ${HTTP} 408 0.000 [] [] - - - - abcdef0123456789`)['nginx']).toEqual({
      ingress_controller: { http: { request: { length: 408, time: 0, id: 'abcdef0123456789' } }, upstream: { response: {} } },
    });
  });

  it('says what is wrong as apache_combined does', () => {
    expect(access('10.1.2.3 - - [x] "')).toEqual({ reason: expect.stringContaining('no time') as string });
    expect(access('prose')['reason']).toMatch(/does not begin with a host/);
  });
});

describe('nginx_error', () => {
  const error = (text: string, zone = 'UTC'): Record<string, unknown> => written(nginxErrorParser(parseZone(zone) as Zone), text);

  it('reads the request that was at work', () => {
    const message =
      'open() "/srv/a, client: x" failed (2: No such file or directory), client: 10.1.2.3, server: x.org, request: "GET /a?b=\\"c HTTP/1.1", upstream: "http://10.0.0.7:80/a", host: "x.org:8080", referrer: "http://y.org/"';
    expect(error(`2019/10/30 23:26:34 [error] 12#34: *180289 ${message}`, '+02:00')).toEqual({
      '@timestamp': '2019-10-30T21:26:34.000Z',
      message,
      log: { level: 'error' },
      process: { pid: 12, thread: { id: 34 } },
      nginx: { error: { connection_id: 180_289, server: 'x.org', upstream: 'http://10.0.0.7:80/a' } },
      source: { address: '10.1.2.3', ip: '10.1.2.3' },
      http: { request: { method: 'GET', referrer: 'http://y.org/' }, version: '1.1' },
      url: { original: '/a?b=\\"c', path: '/a', query: 'b=\\"c', domain: 'x.org', port: 8080 },
    });
  });

  test.each<[string, Record<string, unknown>]>([
    ['2019/10/30 23:26:34 [notice] 1#1: start worker processes', { message: 'start worker processes', log: { level: 'notice' } }],
    [
      '2019/10/30 23:26:34 [crit] 1#1: *5 SSL_do_handshake() failed, client: 2001:db8::1, server: 0.0.0.0:443',
      { source: { address: '2001:db8::1', ip: '2001:db8::1' } },
    ],
    ['2019/10/30 23:26:34 [info] 1#1: *5 closed, client: unix:, server: ', { source: { address: 'unix:' } }],
    ['2019/10/30 23:26:34 [emerg] 1#1: bind() failed\nmore', { message: 'bind() failed\nmore' }],
  ])('reads %s', (text, some) => {
    expect(error(text)).toMatchObject(some);
  });

  test.each<[string, RegExp]>([
    ['nginx: [emerg] bind() failed', /does not begin with a time/],
    ['2019/13/30 23:26:34 [error] 1#1: x', /no such time/],
  ])('refuses %s', (text, reason) => {
    expect(error(text)['reason']).toMatch(reason);
  });
});
