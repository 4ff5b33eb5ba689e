import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it, test } from 'vitest';
import type { JsonObject } from '../../record/json.ts';
import { getField } from '../../record/path.ts';
import { parseZone, type Zone } from '../../record/zone.ts';
import { ParseFailure } from './parser.ts';
import { syslogParser } from './syslog.ts';

const AUTH_LOG = '../shared/data/syslog/elastic_auth.log';
const EXAMPLES = '../shared/data/syslog/nsyslog-parser_examples.json';

const utc = syslogParser(parseZone('UTC') as Zone);
/** When the records of these tests came to Kafka. */
const NOV_2019 = Date.UTC(2019, 10, 20);

const written = (result: JsonObject | ParseFailure): unknown =>
  result instanceof ParseFailure ? result.reason : JSON.parse(JSON.stringify(result));
const parsed = (text: string, at = NOV_2019): JsonObject => {
  const result = utc(text, at);
  if (result instanceof ParseFailure) throw new Error(`${text}: ${result.reason}`);
  return result;
};
const syslogField = (result: JsonObject, name: string): unknown => getField(result, ['log', 'syslog', name]);

describe('RFC 5424', () => {
  it('reads header, structured data and message', () => {
    const text =
      '<165>1 2003-08-24T05:14:15.000003-07:00 192.0.2.1 myproc 8710 ID47 [exampleSDID@32473 iut="3" eventSource="App \\"x\\] \\\\ \\n"][origin ip="1.1.1.1" ip="2.2.2.2" ip="3"][empty] \uFEFF%% It\'s time.';
    expect(written(utc(text, NOV_2019))).toEqual({
      '@timestamp': '2003-08-24T12:14:15.000Z',
      message: "%% It's time.",
      log: {
        syslog: {
          priority: 165,
          facility: { code: 20, name: 'local4' },
          severity: { code: 5, name: 'notice' },
          version: '1',
          hostname: '192.0.2.1',
          appname: 'myproc',
          procid: '8710',
          msgid: 'ID47',
          structured_data: {
            'exampleSDID@32473': { iut: '3', eventSource: 'App "x] \\ \\n' },
            origin: { ip: ['1.1.1.1', '2.2.2.2', '3'] },
            empty: {},
          },
        },
      },
      host: { hostname: '192.0.2.1' },
      process: { name: 'myproc', pid: 8710 },
    });
  });

  it('leaves out what is "-", and needs no message', () => {
    expect(written(utc('<0>1 - - - - - -', NOV_2019))).toEqual({
      message: '',
      log: {
        syslog: { priority: 0, facility: { code: 0, name: 'kern' }, severity: { code: 0, name: 'emergency' }, version: '1' },
      },
    });
  });

  test.each<[string, string, RegExp]>([
    ['a header that ends early', '<34>1 2003-10-11T22:14:15.003Z host app', /no application/],
    ['no structured data', '<34>1 2003-10-11T22:14:15.003Z host app 1 ID47 message', /structured data/],
    ['open structured data', '<34>1 2003-10-11T22:14:15.003Z host app 1 ID47 [x a="b" message', /malformed or does not end/],
    ['a parameter without quotes', '<34>1 2003-10-11T22:14:15.003Z host app 1 ID47 [x a=b] message', /malformed/],
    ['text glued to structured data', '<34>1 2003-10-11T22:14:15.003Z host app 1 ID47 [x a="b"]message', /a blank is expected/],
    ['a time that is none', '<34>1 2003-13-11T22:14:15.003Z host app 1 ID47 - message', /time/],
  ])('rejects %s', (_name, text, reason) => {
    expect(written(utc(text, NOV_2019))).toMatch(reason);
  });
});

describe('RFC 3164', () => {
  it('reads priority, time, host, tag and content', () => {
    expect(written(utc("<34>Oct 11 22:14:15 mymachine su: 'su root' failed for lonvick on /dev/pts/8", NOV_2019))).toEqual({
      '@timestamp': '2019-10-11T22:14:15.000Z',
      message: "'su root' failed for lonvick on /dev/pts/8",
      log: {
        syslog: {
          priority: 34,
          facility: { code: 4, name: 'auth' },
          severity: { code: 2, name: 'critical' },
          hostname: 'mymachine',
          appname: 'su',
        },
      },
      host: { hostname: 'mymachine' },
      process: { name: 'su' },
    });
  });

  test.each<[string, string, readonly [string | undefined, string | undefined, string | undefined, string]]>([
    ['a process id', 'Oct 11 22:14:15 h sshd[123]: m', ['h', 'sshd', '123', 'm']],
    ['a process id without colon', 'Oct 11 22:14:15 h sshd[123] m', ['h', 'sshd', '123', 'm']],
    ['a path in the tag', 'Oct 11 22:14:15 h postfix/smtpd[1]: m', ['h', 'postfix/smtpd', '1', 'm']],
    ['colons in the tag', 'Oct 11 22:14:15 h A::B[1]: m: n', ['h', 'A::B', '1', 'm: n']],
    ['no priority, one-digit day', 'Oct  1 22:14:15 h su: m', ['h', 'su', undefined, 'm']],
    ['an IPv6 host', 'Oct 11 22:14:15 fe80::1 su: m', ['fe80::1', 'su', undefined, 'm']],
    ['no tag', 'Oct 11 22:14:15 h date=2017 x: y', ['h', undefined, undefined, 'date=2017 x: y']],
    ['no host', 'Oct 11 22:14:15 pinger[1334]: 64 bytes', [undefined, 'pinger', '1334', '64 bytes']],
    [
      'no host and no tag',
      'Oct 11 22:14:15 CCLogTap::removed, Owner: x',
      [undefined, undefined, undefined, 'CCLogTap::removed, Owner: x'],
    ],
    ['one word', 'Oct 11 22:14:15 reboot', [undefined, undefined, undefined, 'reboot']],
    ['nothing but a time', 'Oct 11 22:14:15', [undefined, undefined, undefined, '']],
    ['blanks kept in the content', 'Oct 11 22:14:15 h sudo:   ann : TTY=x ', ['h', 'sudo', undefined, '  ann : TTY=x ']],
    [
      'Cisco, with year and colon',
      '<166>May 06 2018 18:55:15: %ASA-6-302013: Built',
      [undefined, '%ASA-6-302013', undefined, 'Built'],
    ],
    ['no time', '<13>hello world', [undefined, undefined, undefined, 'hello world']],
    ['no time, but a tag', '<13>myapp: hello', [undefined, 'myapp', undefined, 'hello']],
    ['no time, but an address', '<13>10.0.0.1 a=b', ['10.0.0.1', undefined, undefined, 'a=b']],
    ['no time, but a host and a tag with an id', '<13>web-1 app[7]: hello', ['web-1', 'app', '7', 'hello']],
    ['nothing but a priority', '<13>', [undefined, undefined, undefined, '']],
    ['an ISO 8601 time', '<13>2019-10-11T22:14:15.123456+02:00 h su: m', ['h', 'su', undefined, 'm']],
  ])('reads %s', (_name, text, expected) => {
    const result = parsed(text);
    expect([
      syslogField(result, 'hostname'),
      syslogField(result, 'appname'),
      syslogField(result, 'procid'),
      result['message'],
    ]).toEqual(expected);
  });

  test.each<[string, string, string | undefined]>([
    ['the year by arrival', 'Nov 20 00:00:00 h su: m', '2019-11-20T00:00:00.000Z'],
    ['a clock ahead by less than a day', 'Nov 20 23:59:59 h su: m', '2019-11-20T23:59:59.000Z'],
    ['a date of last year', 'Dec 31 23:59:59 h su: m', '2018-12-31T23:59:59.000Z'],
    ['29 February', 'Feb 29 01:02:03 h su: m', '2016-02-29T01:02:03.000Z'],
    ['a year that is written', 'May 06 2018 18:55:15 h su: m', '2018-05-06T18:55:15.000Z'],
    ['a fraction', 'Oct 11 22:14:15.9876 h su: m', '2019-10-11T22:14:15.987Z'],
    ['ISO 8601', '2019-10-11T22:14:15.123456+02:00 h su: m', '2019-10-11T20:14:15.123Z'],
    ['no time', '<13>m', undefined],
  ])('finds the time of %s', (_name, text, expected) => {
    expect(parsed(text)['@timestamp']).toBe(expected);
  });

  it('takes a first of January before it is there for the new year', () => {
    expect(parsed('Jan  1 00:00:05 h su: m', Date.UTC(2019, 11, 31, 23, 59, 59))['@timestamp']).toBe('2020-01-01T00:00:05.000Z');
  });

  it('reads the same text anew for records of other years', () => {
    const years = [2019, 2021, 2019, 2020].map((year) => parsed('Nov 20 00:00:07 h su: m', Date.UTC(year, 10, 20))['@timestamp']);
    expect(years).toEqual(['2019', '2021', '2019', '2020'].map((year) => `${year}-11-20T00:00:07.000Z`));
    const leapDays = [2019, 2020, 2023, 2024].map(
      (year) => parsed('Feb 29 00:00:07 h su: m', Date.UTC(year, 10, 20))['@timestamp'],
    );
    expect(leapDays).toEqual(['2016', '2020', '2020', '2024'].map((year) => `${year}-02-29T00:00:07.000Z`));
  });

  it('takes the time of now for a record that has none', () => {
    const now = new Date();
    const month = now.toLocaleString('en-US', { month: 'short', timeZone: 'UTC' });
    const text = `${month} ${String(now.getUTCDate()).padStart(2, ' ')} 00:00:00 h su: m`;
    expect(parsed(text, -1)['@timestamp']).toBe(`${now.toISOString().slice(0, 10)}T00:00:00.000Z`);
  });

  it('takes times without a zone as local to the zone it is given', () => {
    const madrid = syslogParser(parseZone('Europe/Madrid') as Zone);
    const time = (text: string): unknown => (madrid(text, NOV_2019) as JsonObject)['@timestamp'];
    expect(time('Jul 11 12:00:00 h su: m')).toBe('2019-07-11T10:00:00.000Z');
    expect(time('Jan 11 12:00:00 h su: m')).toBe('2019-01-11T11:00:00.000Z');
    expect(time('<13>1 2019-07-11T12:00:00Z h - - - -')).toBe('2019-07-11T12:00:00.000Z');
  });

  test.each<[string, string, RegExp]>([
    ['prose', 'the server has started', /no syslog message/],
    ['nothing', '', /no syslog message/],
    ['a priority above 191', '<192>Oct 11 22:14:15 h su: m', /<0> to <191>/],
    ['a priority of letters', '<ab>m', /<0> to <191>/],
    ['an open priority', '<13', /<0> to <191>/],
    ['a date that no year has', 'Feb 30 01:02:03 h su: m', /no such time/],
    ['a month that is none', 'Foo 11 22:14:15 h su: m', /no such time/],
  ])('rejects %s', (_name, text, reason) => {
    expect(written(utc(text, NOV_2019))).toMatch(reason);
  });
});

interface Example {
  readonly originalMessage: string;
  readonly prival: number | null;
  readonly facilityval?: number;
  readonly levelval?: number;
  readonly host?: string;
  readonly appName?: string;
  readonly pid?: string;
  readonly messageid?: string;
  readonly message: string;
}

/**
 * Where we read an example otherwise than nsyslog-parser, by its place in the file:
 * - without priority and time a text is no syslog message, and is rejected;
 * - after a priority without time a tag is one only by its colon, where it guesses from the place;
 * - a tag ends with a colon, or has a numeric id in brackets: `MSWinEventLog 1 ` is content;
 * - a word that ends with a colon is a tag, not a host;
 * - structured data stands before the message, where RFC 5424 puts it, not behind it, and a message keeps its blanks;
 * - a year after the day is read; a relay's path in the place of the host (`a/b`) is kept whole.
 */
const OTHERWISE: Readonly<Record<string, readonly number[]>> = {
  rejected: [3, 19],
  noTagAfterPriority: [6],
  noTag: [9, 10, 11, 17, 18],
  tagNotHost: [16, 24],
  structuredDataBehind: [46, 47, 48, 49],
  yearRead: [35, 36, 37, 38, 39, 40, 41, 42, 43],
  relayKept: [14],
};

const deviations = new Map(Object.entries(OTHERWISE).flatMap(([why, places]) => places.map((place) => [place, why] as const)));

describe.skipIf(!existsSync(EXAMPLES))('the examples of nsyslog-parser', () => {
  const { cases } = existsSync(EXAMPLES) ? (JSON.parse(readFileSync(EXAMPLES, 'utf8')) as { cases: Example[] }) : { cases: [] };

  it('reads all but the listed ones as it does', () => {
    const differing: number[] = [];
    for (const [i, example] of cases.entries()) {
      const result = utc(example.originalMessage, NOV_2019);
      const same =
        !(result instanceof ParseFailure) &&
        (syslogField(result, 'priority') ?? null) === example.prival &&
        (syslogField(result, 'hostname') ?? '') === (example.host ?? '') &&
        (syslogField(result, 'appname') ?? '') === (example.appName ?? '') &&
        (syslogField(result, 'procid') ?? '-') === (example.pid ?? '-') &&
        (syslogField(result, 'msgid') ?? '-') === (example.messageid ?? '-') &&
        String(result['message']).trim() === example.message.trim();
      if (!same) differing.push(i);
    }
    expect(cases).toHaveLength(50);
    expect(differing).toEqual([...deviations.keys()].sort((a, b) => a - b));
  });

  it('rejects those without priority and time only', () => {
    const rejected = cases.flatMap((example, i) => (utc(example.originalMessage, NOV_2019) instanceof ParseFailure ? [i] : []));
    expect(rejected).toEqual(OTHERWISE['rejected']);
  });
});

describe.skipIf(!existsSync(AUTH_LOG))('a real auth.log of 7,121 lines', () => {
  it('parses every line into time, host, program and content', () => {
    const lines = readFileSync(AUTH_LOG, 'utf8')
      .split('\n')
      .filter((line) => line !== '');
    const programs = new Map<string, number>();
    const incomplete: string[] = [];
    for (const line of lines) {
      const result = parsed(line);
      const program = getField(result, ['process', 'name']);
      if (typeof result['@timestamp'] !== 'string' || typeof program !== 'string' || !line.endsWith(String(result['message'])))
        incomplete.push(line);
      programs.set(String(program), (programs.get(String(program)) ?? 0) + 1);
    }
    expect(lines).toHaveLength(7121);
    expect(incomplete).toEqual([]);
    expect(Object.fromEntries(programs)).toEqual({
      sshd: 4095,
      CRON: 1264,
      sudo: 557,
      'systemd-logind': 452,
      chpasswd: 417,
      systemd: 238,
      useradd: 50,
      su: 45,
      groupadd: 3,
    });
  });
});
