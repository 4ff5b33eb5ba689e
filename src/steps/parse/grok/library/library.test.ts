import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import type { JsonValue } from '../../../../record/json.ts';
import { ParseFailure } from '../../parser.ts';
import { analyse } from '../backtracking.ts';
import { expand } from '../expand.ts';
import { compilePattern, type GrokPattern } from '../grok-pattern.ts';
import { libraries } from './index.ts';

const all = (['ecs', 'legacy'] as const).flatMap((set) => [...libraries[set].keys()].map((name) => ({ set, name })));

describe('the library', () => {
  it('has the names that Logstash has', () => {
    const names =
      'IP HOSTNAME PATH URI DATE TIMESTAMP_ISO8601 SYSLOGBASE QUOTEDSTRING QS NUMBER COMMONAPACHELOG COMBINEDAPACHELOG HTTPD_ERRORLOG SYSLOG5424LINE CATALINALOG NAGIOSLOGLINE HAPROXYHTTP HAPROXYTCP S3_ACCESS_LOG ELB_ACCESS_LOG CLOUDFRONT_ACCESS_LOG CISCOFW106001 SHOREWALL SFW2 NETSCREENSESSIONLOG BACULA_LOGLINE BIND9 BRO_HTTP BRO_DNS BRO_CONN BRO_FILES EXIM RT_FLOW1 MAVEN_VERSION MCOLLECTIVE MONGO3_LOG POSTGRESQL RAILS3 REDISLOG REDISMONLOG RUBY_LOGGER SQUID3';
    for (const name of names.split(' '))
      for (const { patterns } of Object.values(libraries).map((patterns) => ({ patterns }))) {
        expect(patterns.has(name), name).toBe(true);
      }
    expect(libraries.ecs.has('ZEEK_CONN') && libraries.ecs.has('IPTABLES')).toBe(true);
  });

  it('compiles, and repeats nothing ambiguous', () => {
    for (const { set, name } of all) {
      compilePattern(`%{${name}}`, libraries[set]);
      expect(analyse(expand(`%{${name}}`, libraries[set]).source).unbounded, `${set} ${name}`).toBe(false);
    }
  });
});

describe('base patterns', () => {
  const whole = (name: string, text: string): boolean =>
    !(compilePattern(`\\A%{${name}}\\z`, libraries.ecs).match(text) instanceof ParseFailure);

  test.each<[string, readonly string[], readonly string[]]>([
    [
      'IPV6',
      [
        '::',
        '::1',
        '1::',
        'fe80::1%eth0',
        '1:2:3:4:5:6:7:8',
        '::ffff:1.2.3.4',
        '1:2:3:4:5:6:1.2.3.4',
        '1:2:3:4:5:6:7::',
        '2001:db8::a:1',
      ],
      ['1.2.3.4', '1:2:3', ':::', '1::2::3', '1:2:3:4:5:6:7:8:9', '12345::', '::g', '1:2:3:4:5:6:7:1.2.3.4'],
    ],
    ['IPV4', ['0.0.0.0', '255.255.255.255', '01.02.003.4'], ['256.1.1.1', '1.2.3', '1.2.3.4.5', '1.2.3.1000']],
    ['HOSTNAME', ['a', 'a.b-c.', 'web-1.example.org'], ['-a', 'a..b', 'a_b', 'x'.repeat(64)]],
    ['NUMBER', ['1', '-1.5', '.5', '+12'], ['1.', '1.2.3', '--1', 'a']],
    ['QUOTEDSTRING', ['""', '"a"', '"a \\" b"', "'x'", '`y`'], ['"', '"a', '"a\'', '"a\\"', 'a']],
    [
      'TIMESTAMP_ISO8601',
      ['2020-01-02T03:04:05Z', '2020-1-2 03:04', '2020-01-02T03:04:05,123+02:00', '20-01-02 030405'],
      ['2020-13-01T00:00:00', '2020-01-02'],
    ],
    ['LOGLEVEL', ['INFO', 'info', 'Information', 'WARNING', 'warn', 'Err', 'EMERGENCY', 'severe', 'crit'], ['iNFO', 'LOG', '']],
    ['MONTH', ['Jan', 'january', 'März', 'Mai', 'Okt', 'Dezember', 'Sep'], ['Map', 'JAN', 'Janu']],
    ['UUID', ['0123abcd-0123-abcd-0123-0123456789AB'], ['0123abcd0123abcd01230123456789AB']],
    ['UNIXPATH', ['/', '/a/b.c', '/opt/ä/x+y', '//'], ['a/b', '/a b', '\\a']],
    ['WINPATH', ['C:\\a\\b c', '\\\\server\\share'], ['C:', '/a', 'C:\\a?']],
    ['URI', ['http://a', 'https://u:p@h.org:8080/a/b?c=d&e=[1]', 'ftp://h/~x', 'file:///a'], ['a.org', '//a', 'http:/a']],
    ['MAC', ['00:1b:44:11:3a:b7', '00-1B-44-11-3A-B7', '001b.4411.3ab7'], ['00:1b:44:11:3a', '00:1b-44:11:3a:b7']],
  ])('%s', (name, those, none) => {
    expect(those.filter((text) => !whole(name, text))).toEqual([]);
    expect(none.filter((text) => whole(name, text))).toEqual([]);
  });
});

const LINES: readonly string[] = [
  '10.1.2.3 - ann [17/May/2015:10:05:03 +0000] "GET /a?b HTTP/1.1" 200 5 "-" "a \\"b\\""',
  '[Mon Aug 31 09:30:48.958285 2015] [proxy_fcgi:error] [pid 28787:tid 140169587934976] (70008)Partial results: [client 58.13.45.166:59307] AH01075: x',
  'Feb  3 13:37:05 host haproxy[12]: 1.2.3.4:5 [03/Feb/2020:13:37:05.123] f b/s 1/2/3/4/5 200 66 - - ---- 1/1/0/0/0 0/0 {a|b} {c} "GET /x?y HTTP/1.1"',
  '<165>1 2003-10-11T22:14:15.003Z host app 1 ID47 [x@1 a="b"][y] text',
  'Sep 23 12:00:01 fw kernel: Shorewall:net2fw:DROP:IN=eth0 OUT= MAC=00:1b:44:11:3a:b7:00:1b:44:11:3a:b8:08:00 SRC=1.2.3.4 DST=5.6.7.8 LEN=40 TOS=0x00 PREC=0x00 TTL=64 ID=1 DF PROTO=TCP SPT=1 DPT=2 WINDOW=3 RES=0x00 SYN',
  '2010-09-13 05:00:13 [1487] 1Ov4tU-0000Nz-Rm <= ann@b.org H=c.org [1.2.3.4]:5 I=[5.6.7.8]:25 P=esmtps S=21 id=3@b.org T="x" for dan@e.org',
  'Built inbound TCP connection 1 for out:1.2.3.4/5 (1.2.3.4/5) to in:5.6.7.8/9 (5.6.7.8/9) (user)',
  'Started GET "/a?b" for 127.0.0.1 at 2020-01-02 03:04:05 +0000\nProcessing by A#b as HTML\n  Parameters: {"c"=>"d"}\nCompleted 200 OK in 1ms (Views: 0.1ms | ActiveRecord: 0.2ms)',
];

const PATTERNS =
  'COMBINEDAPACHELOG HTTPD_ERRORLOG HAPROXYHTTP SYSLOG5424LINE SHOREWALL EXIM CISCOFW302013_302014_302015_302016 RAILS3'.split(
    ' ',
  );

const compiled: readonly GrokPattern[] = (['ecs', 'legacy'] as const).flatMap((set) =>
  PATTERNS.map((name) => compilePattern(`%{${name}}`, libraries[set])),
);

function textsOf(value: JsonValue | undefined): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsOf) : [];
}

describe('whatever a line holds', () => {
  it('matches the lines that the patterns are for', () => {
    for (const [index, pattern] of compiled.entries()) {
      expect(pattern.match(LINES[index % LINES.length] as string), PATTERNS[index % LINES.length]).not.toBeInstanceOf(
        ParseFailure,
      );
    }
  });

  it('never throws, and captures nothing that the text does not hold', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 200 }),
      fc
        .tuple(fc.constantFrom(...LINES), fc.nat(200), fc.nat(12), fc.string({ maxLength: 8 }))
        .map(([line, at, cut, insert]) => line.slice(0, at) + insert + line.slice(at + cut)),
    );
    fc.assert(
      fc.property(text, fc.constantFrom(...compiled), (line, pattern) => {
        const fields = pattern.match(line);
        if (fields instanceof ParseFailure) return;
        for (const captured of textsOf(fields)) expect(line).toContain(captured);
      }),
      { numRuns: 3000 },
    );
  });

  it('takes no longer than the time limit, with some to spare, where pieces repeat', () => {
    const piece = fc.oneof(
      fc
        .tuple(fc.constantFrom(...LINES), fc.nat(150), fc.integer({ min: 1, max: 12 }))
        .map(([line, at, length]) => line.slice(at, at + length)),
      fc.string({ minLength: 1, maxLength: 3 }),
    );
    fc.assert(
      fc.property(
        fc.constantFrom(...LINES),
        fc.nat(200),
        piece,
        fc.constantFrom(300, 3000, 50_000),
        fc.constantFrom(...compiled),
        (line, at, repeated, length, pattern) => {
          const evil = line.slice(0, at) + repeated.repeat(Math.ceil(length / Math.max(1, repeated.length))) + line.slice(at);
          const begin = performance.now();
          pattern.match(evil);
          expect(performance.now() - begin).toBeLessThan(4000);
        },
      ),
      { numRuns: 60 },
    );
  });
});
