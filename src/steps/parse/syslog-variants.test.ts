import { describe, expect, it, test } from 'vitest';
import type { JsonObject } from '../../record/json.ts';
import { getField } from '../../record/path.ts';
import { parseZone, type Zone } from '../../record/zone.ts';
import { ParseFailure } from './parser.ts';
import { syslogParser } from './syslog.ts';

const parse = syslogParser(parseZone('UTC') as Zone);
/** When the records of these tests came to Kafka. */
const ARRIVED = Date.UTC(2026, 9, 12);
const BOM = '\uFEFF';

function parsed(text: string, at = ARRIVED): JsonObject {
  const result = parse(text, at);
  if (result instanceof ParseFailure) throw new Error(`${text}: ${result.reason}`);
  return JSON.parse(JSON.stringify(result)) as JsonObject;
}

interface Expected {
  readonly time?: string;
  readonly host?: string;
  readonly app?: string;
  readonly pid?: string;
  readonly message: string;
}

const seen = (result: JsonObject): Expected => {
  const syslog = (name: string): string | undefined => getField(result, ['log', 'syslog', name]) as string | undefined;
  const time = (result['@timestamp'] as string | undefined)?.replace(/\.000Z$/, 'Z');
  const all = { time, host: syslog('hostname'), app: syslog('appname'), pid: syslog('procid'), message: result['message'] };
  return JSON.parse(JSON.stringify(all)) as Expected;
};

const NOW = '2026-10-11T22:14:15Z';

describe('what begins a message', () => {
  test.each<[string, string, Expected]>([
    ['a byte order mark', `${BOM}<34>Oct 11 22:14:15 h su: m`, { time: NOW, host: 'h', app: 'su', message: 'm' }],
    [
      'a byte order mark before the content',
      `<34>Oct 11 22:14:15 h su: ${BOM}m`,
      { time: NOW, host: 'h', app: 'su', message: 'm' },
    ],
    ['a blank behind the priority', '<34> Oct 11 22:14:15 h su: m', { time: NOW, host: 'h', app: 'su', message: 'm' }],
    ['a line break at the end', '<34>Oct 11 22:14:15 h su: m\r\n', { time: NOW, host: 'h', app: 'su', message: 'm' }],
    ['RFC 5424 without priority', '1 2026-10-11T22:14:15Z h app - - - m', { time: NOW, host: 'h', app: 'app', message: 'm' }],
  ])('reads %s', (_name, text, expected) => {
    expect(seen(parsed(text))).toEqual(expected);
  });

  it('joins elements of structured data of one name', () => {
    const { log } = parsed('<34>1 - h - - - [a x="1"][b y="\\]\\"\\\\"][a x="2" z="3"] m');
    expect(getField({ log } as JsonObject, ['log', 'syslog', 'structured_data'])).toEqual({
      a: { x: ['1', '2'], z: '3' },
      b: { y: ']"\\' },
    });
  });
});

describe('times', () => {
  test.each<[string, string]>([
    ['Oct 11 2025 22:14:15', '2025-10-11T22:14:15Z'],
    ['Oct 11 22:14:15 2025', '2025-10-11T22:14:15Z'],
    ['2025 Oct 11 22:14:15', '2025-10-11T22:14:15Z'],
    ['Sat Oct 11 22:14:15 2025', '2025-10-11T22:14:15Z'],
    ['Oct 11 22:14:15.123', '2026-10-11T22:14:15.123Z'],
    ['Oct 11 22:14:15,123', '2026-10-11T22:14:15.123Z'],
    ['Oct 11 22:14:15 CEST', '2026-10-11T20:14:15Z'],
    ['Oct 11 22:14:15 UTC', NOW],
    ['Oct 11 22:14:15 EST 2025', '2025-10-12T03:14:15Z'],
    ['2025 Oct 11 22:14:15 TZ-6', '2025-10-12T04:14:15Z'],
    ['Oct 11 22:14:15 +0200', '2026-10-11T20:14:15Z'],
    ['Oct 11 22:14:15+02:00', '2026-10-11T20:14:15Z'],
    ['Dec 31 23:59:59', '2025-12-31T23:59:59Z'],
    ['2025-10-11T22:14:15.123456+02:00', '2025-10-11T20:14:15.123Z'],
    ['2025-10-11 22:14:15', '2025-10-11T22:14:15Z'],
    ['1 1563249630.774247467', '2019-07-16T04:00:30.774Z'],
  ])('reads %s', (time, expected) => {
    expect(seen(parsed(`<34>${time} h su: m`))).toEqual({ time: expected, host: 'h', app: 'su', message: 'm' });
  });

  it('takes December for last year when it comes in January, and keeps it apart from what was remembered', () => {
    expect(parsed('Dec 31 23:59:59 h su: m', Date.UTC(2027, 0, 1, 0, 1))['@timestamp']).toBe('2026-12-31T23:59:59.000Z');
    expect(parsed('Dec 31 23:59:59 h su: m', Date.UTC(2027, 11, 31))['@timestamp']).toBe('2027-12-31T23:59:59.000Z');
  });

  it('takes capitals that are no zone for a host', () => {
    expect(seen(parsed('Oct 11 22:14:15 WEB su: m'))).toEqual({ time: NOW, host: 'WEB', app: 'su', message: 'm' });
  });

  it('takes a date with a blank for syslog only where a program or a priority tells so', () => {
    expect(seen(parsed('2026-10-11 22:14:15 h app[1]: m'))).toEqual({ time: NOW, host: 'h', app: 'app', pid: '1', message: 'm' });
    expect(parse('2026-10-11 22:14:15 INFO started', ARRIVED)).toBeInstanceOf(ParseFailure);
  });
});

describe('Cisco', () => {
  const uptime = { code: 'UPDOWN', severity: 3 };
  test.each<[string, string, Expected, unknown, unknown]>([
    [
      'a sequence number, and a clock that is not set',
      '<189>29: *Oct 11 22:14:15.483 UTC: %SYS-5-CONFIG_I: Configured from console',
      { time: '2026-10-11T22:14:15.483Z', app: '%SYS-5-CONFIG_I', message: 'Configured from console' },
      { code: 'CONFIG_I', severity: 5 },
      { ios: { facility: 'SYS', sequence: '29' } },
    ],
    [
      'no priority',
      '000019: .Oct 11 22:14:15: %LINK-3-UPDOWN: x',
      { time: NOW, app: '%LINK-3-UPDOWN', message: 'x' },
      uptime,
      { ios: { facility: 'LINK', sequence: '000019' } },
    ],
    [
      "the device's name, and a zone that is not known",
      '<189>29: sw-1: 000123: Oct 11 22:14:15 MET-DST: %LINK-3-UPDOWN: x',
      { time: NOW, host: 'sw-1', app: '%LINK-3-UPDOWN', message: 'x' },
      uptime,
      { ios: { facility: 'LINK', sequence: '000123' } },
    ],
    [
      'NX-OS',
      '<189>: 2025 Aug 31 09:30:10 EST: %ETHPORT-5-IF_DOWN: x',
      { time: '2025-08-31T14:30:10Z', app: '%ETHPORT-5-IF_DOWN', message: 'x' },
      { code: 'IF_DOWN', severity: 5 },
      { ios: { facility: 'ETHPORT' } },
    ],
    [
      'the time since the start',
      '<189>29: 00:00:46: %LINK-3-UPDOWN: x',
      { app: '%LINK-3-UPDOWN', message: 'x' },
      uptime,
      { ios: { facility: 'LINK', sequence: '29' } },
    ],
    [
      'a relay, whose time is better than that of a clock that is not set',
      '<189>Oct 11 22:14:15 router 29: *Mar  1 18:48:50.483 UTC: %LINK-3-UPDOWN: x',
      { time: NOW, host: 'router', app: '%LINK-3-UPDOWN', message: 'x' },
      uptime,
      { ios: { facility: 'LINK', sequence: '29' } },
    ],
    [
      'a host with a colon',
      'Oct 11 22:14:15 router: %LINK-3-UPDOWN: x',
      { time: NOW, host: 'router', app: '%LINK-3-UPDOWN', message: 'x' },
      uptime,
      { ios: { facility: 'LINK' } },
    ],
    [
      'a facility with a slot',
      'Oct 11 22:14:15 router %PLATFORM_UCODE-SW1-6-CHANGED: x',
      { time: NOW, host: 'router', app: '%PLATFORM_UCODE-SW1-6-CHANGED', message: 'x' },
      { code: 'CHANGED', severity: 6 },
      { ios: { facility: 'PLATFORM_UCODE-SW1' } },
    ],
  ])('reads %s', (_name, text, expected, event, cisco) => {
    const result = parsed(text);
    expect(seen(result)).toEqual(expected);
    expect(result['event']).toEqual(event);
    expect(result['cisco']).toEqual(cisco);
    expect(result['process']).toBeUndefined();
  });

  const BUILT = { app: '%ASA-6-302013', message: 'Built inbound TCP connection' };
  test.each<[string, string, Expected]>([
    ['a year', 'Oct 11 2026 22:14:15: ', { time: NOW, ...BUILT }],
    ['a host', 'Oct 11 2026 22:14:15 asa : ', { time: NOW, host: 'asa', ...BUILT }],
    ['a host with a colon', 'Oct 11 2026 22:14:15 asa: ', { time: NOW, host: 'asa', ...BUILT }],
    ['a host without colon', 'Oct 11 2026 22:14:15 asa ', { time: NOW, host: 'asa', ...BUILT }],
    ['RFC 5424 times', '2026-10-11T22:14:15Z asa : ', { time: NOW, host: 'asa', ...BUILT }],
    ['a leading colon', ':Oct 11 22:14:15 UTC: ', { time: NOW, ...BUILT }],
    ['no time', '', BUILT],
  ])('reads ASA with %s', (_name, header, expected) => {
    const result = parsed(`<166>${header}%ASA-6-302013: Built inbound TCP connection`);
    expect(seen(result)).toEqual(expected);
    expect(result['event']).toEqual({ code: '302013', severity: 6 });
    expect(result['cisco']).toEqual({ asa: { message_id: '302013' } });
  });

  it('reads the class of ASA, FTD, and a blank before the colon', () => {
    expect(parsed('<166>%ASA-session-6-302015: Built')['cisco']).toEqual({ asa: { message_id: '302015' } });
    expect(parsed('<166>Oct 11 22:14:15 h %FTD-1-430003 : x')).toMatchObject({
      cisco: { ftd: { message_id: '430003' } },
      message: 'x',
    });
  });
});

describe('relays', () => {
  const source = (result: JsonObject): unknown => getField(result, ['log', 'source', 'address']);
  test.each<[string, string, Expected, string | undefined]>([
    ['the host twice', '<34>Oct 11 22:14:15 web web su: m', { time: NOW, host: 'web', app: 'su', message: 'm' }, undefined],
    [
      'it without its domain',
      '<34>Oct 11 22:14:15 web web.x.org su: m',
      { time: NOW, host: 'web', app: 'su', message: 'm' },
      undefined,
    ],
    [
      'relay and host',
      'Oct 11 22:14:15 relay web1.x.org su[1]: m',
      { time: NOW, host: 'web1.x.org', app: 'su', pid: '1', message: 'm' },
      'relay',
    ],
    ['host and address', 'Oct 11 22:14:15 web 10.1.2.3 su: m', { time: NOW, host: 'web', app: 'su', message: 'm' }, '10.1.2.3'],
    [
      'a whole message',
      '<34>Oct 11 22:15:00 relay <13>Oct 11 22:14:15 web su: m',
      { time: NOW, host: 'web', app: 'su', message: 'm' },
      'relay',
    ],
    [
      'a message without priority',
      '<34>Oct 11 22:15:00 relay Oct 11 22:14:15 web su: m',
      { time: NOW, host: 'web', app: 'su', message: 'm' },
      'relay',
    ],
    [
      'RFC 5424',
      '<34>Oct 11 22:15:00 relay <13>1 2026-10-11T22:14:15Z web su - - - m',
      { time: NOW, host: 'web', app: 'su', message: 'm' },
      'relay',
    ],
    [
      'AIX',
      'Oct 11 22:14:15 relay Message forwarded from web: su[1]: m',
      { time: NOW, host: 'web', app: 'su', pid: '1', message: 'm' },
      'relay',
    ],
  ])('reads %s', (_name, text, expected, relay) => {
    const result = parsed(text);
    expect(seen(result)).toEqual(expected);
    expect(source(result)).toBe(relay);
  });

  it('keeps the priority that was passed on', () => {
    expect(getField(parsed('<34>Oct 11 22:15:00 relay <13>Oct 11 22:14:15 web su: m'), ['log', 'syslog', 'priority'])).toBe(13);
  });

  test.each<[string, string, Expected]>([
    [
      'content that begins with a time',
      'Oct 11 22:14:15 web Oct 11 22:14:15 started',
      { time: NOW, host: 'web', message: 'Oct 11 22:14:15 started' },
    ],
    ['content with a priority', 'Oct 11 22:14:15 web <1> is less', { time: NOW, host: 'web', message: '<1> is less' }],
    ['words before a colon', 'Oct 11 22:14:15 web failed login: x', { time: NOW, host: 'web', message: 'failed login: x' }],
    [
      'repetition',
      'Oct 11 22:14:15 web last message repeated 3 times',
      { time: NOW, host: 'web', message: 'last message repeated 3 times' },
    ],
    [
      'repetition without host',
      'Oct 11 22:14:15 last message repeated 3 times',
      { time: NOW, message: 'last message repeated 3 times' },
    ],
    [
      'repetition on macOS',
      'Oct 11 22:14:15 --- last message repeated 1 time ---',
      { time: NOW, message: '--- last message repeated 1 time ---' },
    ],
    [
      'repetition with its tag',
      'Oct 11 22:14:15 web su: message repeated 2 times: [ m]',
      { time: NOW, host: 'web', app: 'su', message: 'message repeated 2 times: [ m]' },
    ],
  ])('leaves alone %s', (_name, text, expected) => {
    expect(seen(parsed(text))).toEqual(expected);
  });
});

describe('RFC 3164, 5.4', () => {
  test.each<[string, Expected]>([
    [
      "<165>Aug 24 05:34:00 CST 1987 mymachine myproc[10]: %% It's time to make the do-nuts. %%",
      {
        time: '1987-08-24T11:34:00Z',
        host: 'mymachine',
        app: 'myproc',
        pid: '10',
        message: "%% It's time to make the do-nuts. %%",
      },
    ],
    [
      "<0>Oct 22 10:52:12 scapegoat 1990 Oct 22 10:52:01 TZ-6 scapegoat.dmz.example.org 10.1.2.3 sched[0]: That's All Folks!",
      { time: '1990-10-22T16:52:01Z', host: 'scapegoat.dmz.example.org', app: 'sched', pid: '0', message: "That's All Folks!" },
    ],
    ['<13>Feb  5 17:32:18 10.0.0.99 Use the BFG!', { time: '2026-02-05T17:32:18Z', host: '10.0.0.99', message: 'Use the BFG!' }],
  ])('reads %s', (text, expected) => {
    expect(seen(parsed(text))).toEqual(expected);
  });
});

describe('facility and severity in words', () => {
  test.each<[string, string, Expected, string, string, string | undefined]>([
    [
      'AIX',
      'Oct 11 22:14:15 h auth|security:info sshd[5]: m',
      { time: NOW, host: 'h', app: 'sshd', pid: '5', message: 'm' },
      'auth',
      'informational',
      undefined,
    ],
    [
      'Solaris',
      'Oct 11 22:14:15 h sshd[5]: [ID 800047 auth.notice] m',
      { time: NOW, host: 'h', app: 'sshd', pid: '5', message: 'm' },
      'auth',
      'notice',
      '800047',
    ],
    [
      'FreeBSD -v',
      'Oct 11 22:14:15 <4.6> h sshd[5]: m',
      { time: NOW, host: 'h', app: 'sshd', pid: '5', message: 'm' },
      'auth',
      'informational',
      undefined,
    ],
    [
      'FreeBSD -vv',
      'Oct 11 22:14:15 <daemon.err> h sshd[5]: m',
      { time: NOW, host: 'h', app: 'sshd', pid: '5', message: 'm' },
      'daemon',
      'error',
      undefined,
    ],
    [
      'a priority, which wins',
      '<34>Oct 11 22:14:15 h sshd[5]: [ID 1 kern.info] m',
      { time: NOW, host: 'h', app: 'sshd', pid: '5', message: 'm' },
      'auth',
      'critical',
      '1',
    ],
    [
      'F5',
      '<134>Oct 11 22:14:15 h.x.org notice tmm[5]: m',
      { time: NOW, host: 'h.x.org', app: 'tmm', pid: '5', message: 'm' },
      'local0',
      'informational',
      undefined,
    ],
  ])('reads %s', (_name, text, expected, facility, severity, msgid) => {
    const result = parsed(text);
    expect(seen(result)).toEqual(expected);
    const syslog = getField(result, ['log', 'syslog']);
    expect(syslog).toMatchObject({ facility: { name: facility }, severity: { name: severity } });
    expect(getField(result, ['log', 'syslog', 'msgid'])).toBe(msgid);
  });
});
