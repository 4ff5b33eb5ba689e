/** A line of each format, or several: with a piece replaced they come far into a parser. */
export const SAMPLES: readonly string[] = [
  '10.1.2.3 - ann [17/May/2015:10:05:03 +0000] "GET /a?b HTTP/1.1" 200 5 "-" "a \\"b\\""',
  '{"a":{"b":[1,2,{"c":null}]},"message":"m","event":{"kind":"event"}}',
  'level=info msg="all \\"is\\" well" http.status=200 cached',
  '<34>Oct 11 22:14:15 mymachine su[12]: failed',
  '<165>1 2003-10-11T22:14:15.003Z host app 1 ID47 [x@1 a="b" a="c"][y] text',
  '<189>29: sw-1: *Mar  1 18:48:50.483 UTC: %SYS-5-CONFIG_I: Configured by console',
  '<0>Oct 22 10:52:12 relay 1990 Oct 22 10:52:01 TZ-6 h.example.org 10.1.2.3 sched[0]: [ID 1 auth.info] text',
  'Oct 11 22:14:15 host auth|security:info Message forwarded from web: su[1]: text',
  'x.org:80 10.1.2.3, 1.1.1.1 - - [17/May/2015:10:05:03 +0000] "GET / HTTP/1.1" 200 5 "-" "a" 408 0.1 [web] [] 10.0.0.7:80 6 0.1 200 abcdef0123456789',
  '2019/10/30 23:26:34 [error] 1#2: *3 failed, client: 10.1.2.3, server: x, request: "GET / HTTP/1.1", host: "x:80"',
  'https 2018-07-02T22:23:00.186641Z app/lb/1 10.1.2.3:2817 10.0.0.1:80 0.1 -1 0.1 200 201 0 57 "GET https://x.org:443/a?b HTTP/1.1" "curl" - - arn "Root=1" "x.org" "-" 1 2018-07-02T22:22:48Z "forward" "-"',
  'Sep 19 08:26:10 host CEF:0|v|p\\||1.0|100|n|10|src=10.0.0.1 cs1Label=a b cs1=c rt=Oct 11 2026 22:14:15 msg=a \\= b',
  'I0102 03:04:05.000001       1 c.go:116] "Pod updated" pod="a/b" n=5 m=map[a:b] t=<\n\tx\n > ok=true',
  'a,"b ""c""",,4.5',
  '?q=two+words&a=%20&a=2',
  'a=1 b="two words" c = \'x\' d.e=2',
  'Mozilla/5.0 (iPhone; CPU iPhone OS 12_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/12.0 Mobile/15E148 Safari/604.1',
  '2 days, 3 hours',
  '5.3 MB',
];

/** What is repeated to make a parser look far, and look again. */
export const PIECES: readonly string[] = [
  ...[
    '"',
    '\\"',
    '\\',
    '[',
    '=',
    'a=',
    'a="',
    "a='",
    ' ',
    ': ',
    '<1>',
    '{"a":',
    'a.',
    '::',
    '1 ',
    '- ',
    ',',
    '""',
    ', ',
    '&',
    '%',
  ],
  ...['|', '(', ' : ', 'a b=', '\n', ': *', 'a: ', ', client: ', '", "', 'a/', '[a]', '[1]:', '1.1.1.1, ', '> ', '<\n', '/', ';'],
];

const ACCESS = '1.1.1.1 - - [17/May/2015:10:05:03 +0000] "';
const ERROR = '2019/10/30 23:26:34 [error] 1#2: ';
const KLOG = 'I0102 03:04:05.000001 1 c.go:116] "x" ';

/** Beginnings behind which the repeated pieces stand, so that they are read by different parts of a parser. */
export const HEADS: readonly string[] = [
  '',
  '<1>',
  '<1>1 - - - - - ',
  'Oct 11 22:14:15 ',
  'Oct 11 22:14:15 h ',
  '<1>29: ',
  ACCESS,
  `${ACCESS}GET / HTTP/1.1" 200 5 "-" "-" `,
  `${ACCESS}GET / HTTP/1.1" 200 5 "-" "-" 408 0.1 [a] [] `,
  ERROR,
  `${ERROR}x, client: 1.1.1.1, request: "`,
  'CEF:0|v|p|1|c|n|5|',
  'CEF:0|',
  KLOG,
  `${KLOG}a=`,
];

/** Texts of many formats that name a field. */
export function textsNaming(name: string): string[] {
  return [
    `{"${name}":{"polluted":1},"a":{"${name}":{"polluted":1}}}`,
    `${name}=1 ${name}.polluted=2`,
    `?${name}=1&${name}[polluted]=2`,
    `<1>1 - ${name} ${name} ${name} ${name} [${name} ${name}="1" polluted="2"][x ${name}="3"] m`,
    `Oct 11 22:14:15 ${name} ${name}[1]: %${name}`,
    `CEF:0|${name}|${name}|1|c|n|${name}|${name}=1 cs1=2 cs1Label=${name} proto=${name} ${name}Label=x`,
    `${KLOG}${name}="1" ${name}.polluted=2`,
    `${name},${name}`,
    `5 ${name}`,
  ];
}
