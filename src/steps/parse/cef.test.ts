import { describe, expect, it, test } from 'vitest';
import { parseZone, type Zone } from '../../record/zone.ts';
import { cefParser } from './cef.ts';
import { ParseFailure } from './parser.ts';

const ARRIVED = Date.UTC(2026, 9, 12);
const parse = cefParser(parseZone('UTC') as Zone);
const read = (text: string): Record<string, unknown> => {
  const result = parse(text, ARRIVED);
  return result instanceof ParseFailure
    ? { reason: result.reason }
    : (JSON.parse(JSON.stringify(result)) as Record<string, unknown>);
};
const extensions = (text: string): unknown => (read(`CEF:0|v|p|1|c|n|5|${text}`)['cef'] as { extensions: unknown }).extensions;

describe('the header', () => {
  it('is read with escapes, and with ECS fields', () => {
    expect(
      read('CEF:0|security|threat\\|manager|1.0|100|detected a \\\\ in packet|10|src=10.0.0.1 dst=x act=blocked spt=1232'),
    ).toEqual({
      cef: {
        version: '0',
        device: { vendor: 'security', product: 'threat|manager', version: '1.0', event_class_id: '100' },
        name: 'detected a \\ in packet',
        severity: '10',
        extensions: { sourceAddress: '10.0.0.1', destinationAddress: 'x', deviceAction: 'blocked', sourcePort: '1232' },
      },
      observer: { vendor: 'security', product: 'threat|manager', version: '1.0' },
      event: { code: '100', severity: 10, action: 'blocked' },
      message: 'detected a \\ in packet',
      source: { ip: '10.0.0.1', address: '10.0.0.1', port: 1232 },
    });
  });

  test.each<[string, string, Record<string, unknown>]>([
    ['a severity in words', 'CEF:0|v|p|1|c|n|Very-High|', { event: { severity: 9 } }],
    ['no extensions', 'CEF:0|v|p|1|c|n|5', { event: { severity: 5 }, cef: { extensions: {} } }],
    ['version 1.1 and a blank', 'CEF: 1.1|v|p|1|c|n|5|', { cef: { version: '1.1' } }],
    [
      'a syslog header',
      '<134>Sep 19 08:26:10 host CEF:0|v|p|1|c|n|5|src=10.0.0.1',
      { '@timestamp': '2026-09-19T08:26:10.000Z', host: { hostname: 'host' }, message: 'n', log: { syslog: { priority: 134 } } },
    ],
    [
      'an RFC 5424 header, and a time of its own, which wins',
      '<134>1 2026-09-19T08:26:10Z host app - - - CEF:0|v|p|1|c|n|5|rt=1700000000123',
      { '@timestamp': '2023-11-14T22:13:20.123Z', host: { hostname: 'host' } },
    ],
    ['something else before it', 'whatever CEF:0|v|p|1|c|n|5|', { message: 'n' }],
  ])('is read with %s', (_name, text, some) => {
    expect(read(text)).toMatchObject(some);
  });

  test.each<[string, string, RegExp]>([
    ['prose', 'the server has started', /no CEF:/],
    ['a short header', 'CEF:0|v|p|1|c', /fewer than 7/],
    ['an escaped end', 'CEF:0|v|p|1|c\\|n\\|5', /fewer than 7/],
    ['a flood of extensions', `CEF:0|v|p|1|c|n|5|${'a=b '.repeat(5_001)}`, /more than 5000/],
  ])('refuses %s', (_name, text, reason) => {
    expect(read(text)['reason']).toMatch(reason);
  });
});

describe('extensions', () => {
  test.each<[string, string, unknown]>([
    ['blanks in values', 'msg=two words act=a', { message: 'two words', deviceAction: 'a' }],
    ['escapes', 'msg=a \\= b\\nc \\\\ d filePath=C:\\temp', { message: 'a = b\nc \\ d', filePath: 'C:\\temp' }],
    [
      'an equals sign that is not escaped',
      'request=http://x/?a=b&c=d act=a',
      { requestUrl: 'http://x/?a=b&c=d', deviceAction: 'a' },
    ],
    ['empty values', 'msg= act=a', { message: '', deviceAction: 'a' }],
    ['keys that are not in the standard', 'ad.field=1 cp_x=2 arr[0]=3', { 'ad.field': '1', cp_x: '2', 'arr[0]': '3' }],
    ['a pipe, which needs no escape', 'msg=a | b', { message: 'a | b' }],
    ['blanks at the ends', '  msg=a   ', { message: 'a' }],
  ])('have %s', (_name, text, expected) => {
    expect(extensions(text)).toEqual(expected);
  });

  it('name custom fields by their labels', () => {
    const { cef } = read(
      'CEF:0|v|p|1|c|n|5|cs1=all of them cs1Label=Rule Name cn1=5 cn1Label=Hits cs2Label=Unused flexString1=x flexString1Label=Flex',
    );
    expect(cef).toMatchObject({
      extensions: { deviceCustomString1: 'all of them', deviceCustomString1Label: 'Rule Name', deviceCustomNumber1: '5' },
      labels: { 'Rule Name': 'all of them', Hits: '5', Flex: 'x' },
    });
    expect(Object.keys((cef as { labels: object }).labels)).toEqual(['Rule Name', 'Hits', 'Flex']);
  });

  it('fill ECS fields where they fit', () => {
    const text =
      'src=2001:db8::1 shost=a.x.org smac=00:0d:60:af:1b:61 spt=99 suser=ann dhost=b.x.org dpt=http proto=TCP app=HTTPS in=5 out=7 deviceDirection=1 request=http://x/ requestMethod=GET fname=a.exe fsize=9 outcome=success msg=text start=Oct 11 2026 22:14:15.500 CEST end=Oct 11 22:14:15 rt=nonsense';
    expect(read(`CEF:0|v|p|1|c|n|5|${text}`)).toMatchObject({
      source: {
        ip: '2001:db8::1',
        address: '2001:db8::1',
        domain: 'a.x.org',
        mac: '00-0D-60-AF-1B-61',
        port: 99,
        bytes: 5,
        user: { name: 'ann' },
      },
      destination: { domain: 'b.x.org', address: 'b.x.org', bytes: 7 },
      network: { transport: 'tcp', protocol: 'HTTPS', direction: 'outbound' },
      url: { original: 'http://x/' },
      http: { request: { method: 'GET' } },
      file: { name: 'a.exe', size: 9 },
      message: 'text',
      event: { outcome: 'success', start: '2026-10-11T20:14:15.500Z', end: '2026-10-11T22:14:15.000Z' },
    });
    expect(read(`CEF:0|v|p|1|c|n|5|${text}`)).not.toHaveProperty('@timestamp');
  });

  it('never reach a prototype', () => {
    const text = JSON.stringify(read('CEF:0|v|p|1|c|n|5|__proto__=1 cs1=2 cs1Label=__proto__ constructor=3 proto=constructor'));
    expect(text).toContain('"__proto__":"1"');
    expect(text).toContain('"labels":{"__proto__":"2"}');
    expect(text).toContain('"transport":"constructor"');
    expect(Object.getPrototypeOf({})).toBe(Object.prototype);
  });
});
