import { existsSync, readFileSync } from 'node:fs';
import type { FormatName } from '../../src/steps/parse/formats.ts';

/** Lines of one format, and what the step needs to read them. */
export interface Sample {
  readonly format: FormatName;
  /** Where a format has several samples. */
  readonly name?: string;
  readonly options?: object;
  readonly lines: readonly string[];
}

const LINES = 20_000;
const REAL = '../shared/data/access/elastic_apache_logs.log';

const AGENTS = [
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_9_1) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/32.0.1700.77 Safari/537.36',
  'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)',
  'curl/8.5.0',
];

const two = (n: number): string => String(n).padStart(2, '0');
const clock = (i: number): string =>
  `${two(10 + (Math.floor(i / 36_000) % 10))}:${two(Math.floor(i / 600) % 60)}:${two(Math.floor(i / 10) % 60)}`;
const agent = (i: number): string => AGENTS[i % AGENTS.length] as string;
const combined = (i: number): string =>
  `83.149.${i % 250}.${i % 199} - - [17/May/2015:${clock(i)} +0000] "GET /presentations/${i}/search?q=${i} HTTP/1.1" 200 ${i * 7} "http://example.org/${i}/" "${agent(i)}"`;
const klogHeader = (i: number): string => `I0517 ${clock(i)}.123456   ${1000 + (i % 7)} controller.go:${i % 900}]`;

type Make = (i: number) => string;

const MAKE: Readonly<Record<Exclude<FormatName, 'syslog'>, { readonly options?: object; readonly line: Make }>> = {
  json: {
    line: (i) =>
      `{"@timestamp":"2015-05-17T${clock(i)}.123Z","level":"info","message":"request ${i} done","http":{"response":{"status_code":200,"bytes":${i}}},"url":{"path":"/images/${i}.png"},"user":{"id":"u${i}"}}`,
  },
  logfmt: {
    line: (i) => `ts=2015-05-17T${clock(i)}Z level=info msg="request ${i} done" http.status=200 bytes=${i} path=/images/${i}.png`,
  },
  key_value: {
    line: (i) =>
      `date=2015-05-17 time=${clock(i)} devname="FG-${i % 9}" srcip=10.0.0.${i % 250} dstport=${i} msg="two words" action=close`,
  },
  csv: {
    options: { columns: ['time', 'user', 'path', 'bytes', 'agent'], types: { bytes: 'integer' } },
    line: (i) => `2015-05-17T${clock(i)}Z,u${i},/images/${i}.png,${i},"a ""quoted"", cell"`,
  },
  query_string: { line: (i) => `q=two+words&page=${i}&lang=en&lang=de&utm_source=news%20letter` },
  regex: {
    options: { pattern: '^(?<time>\\S+) (?<level>[A-Z]+) \\[(?<thread>[^\\]]*)\\] (?<text>.*)$' },
    line: (i) => `2015-05-17T${clock(i)}Z INFO [worker-${i % 8}] request ${i} done`,
  },
  grok: { options: { pattern: '%{COMBINEDAPACHELOG}' }, line: combined },
  apache_common: {
    line: (i) => `83.149.${i % 250}.${i % 199} - - [17/May/2015:${clock(i)} +0000] "GET /images/${i}.png HTTP/1.1" 200 ${i * 7}`,
  },
  apache_combined: { line: combined },
  nginx: { line: (i) => `${combined(i)} "10.0.0.${i % 250}"` },
  nginx_error: {
    line: (i) =>
      `2015/05/17 ${clock(i)} [error] 12#12: *${i} open() "/srv/${i}" failed (2: No such file or directory), client: 10.0.0.${i % 250}, server: example.org, request: "GET /${i} HTTP/1.1", host: "example.org"`,
  },
  aws_alb: {
    line: (i) =>
      `https 2015-05-17T${clock(i)}.186641Z app/web/50dc6c495c0c9188 192.168.131.${i % 250}:2817 10.0.0.1:80 0.086 0.048 0.037 200 200 0 ${i} "GET https://www.example.com:443/${i}?a=b HTTP/1.1" "${agent(i)}" ECDHE-RSA-AES128-GCM-SHA256 TLSv1.2 arn:aws:elasticloadbalancing:us-east-2:123456789012:targetgroup/web/73e2d6bc24d8a067 "Root=1-58337281-1d84f3d73c47ec4e58577259" "www.example.com" "-" 1 2015-05-17T${clock(i)}.000000Z "forward" "-" "-" "10.0.0.1:80" "200" "-" "-" TID_1234`,
  },
  cef: {
    line: (i) =>
      `CEF:0|Security|threatmanager|1.0|100|worm successfully stopped|10|src=10.0.0.${i % 250} dst=2.1.2.2 spt=${i} rt=14318571${10_000 + i} cs1Label=Rule cs1=all of them msg=stopped \\= blocked`,
  },
  glog: { line: (i) => `${klogHeader(i)} request ${i} done` },
  klog: { line: (i) => `${klogHeader(i)} "Pod status updated" pod="kube-system/dns-${i}" status="ready" attempt=${i}` },
  user_agent: { line: (i) => `${agent(i)} ${i % 500}` },
  duration: { line: (i) => `1h${i % 60}m${i % 59}.5s` },
  bytes: { line: (i) => `${i}.5 MB` },
};

const SYSLOG: readonly (readonly [string, Make])[] = [
  [
    'syslog',
    (i) => `<34>Oct 11 ${clock(i)} host${i % 9} sshd[${i}]: Failed password for root from 10.0.0.${i % 250} port ${i} ssh2`,
  ],
  [
    'syslog (RFC 5424)',
    (i) =>
      `<165>1 2015-05-17T${clock(i)}.003Z host${i % 9} app ${i} ID47 [example@32473 iut="3" source="App"] An application event log entry ${i}`,
  ],
  [
    'syslog (Cisco)',
    (i) => `<189>${i}: *Oct 11 ${clock(i)}.123 UTC: %LINEPROTO-5-UPDOWN: Line protocol on Vlan${i}, changed state`,
  ],
];

const linesOf = (line: Make): string[] => Array.from({ length: LINES }, (_, i) => line(i));

/** Samples of the formats; of `apache_combined` the shared access log too, where it is present. */
export function* sampleLines(formats: readonly FormatName[]): Generator<Sample> {
  for (const format of formats) {
    if (format === 'syslog') {
      for (const [name, line] of SYSLOG) yield { format, name, lines: linesOf(line) };
      continue;
    }
    const { line, options = {} } = MAKE[format];
    yield { format, options, lines: linesOf(line) };
    if (format !== 'apache_combined' || !existsSync(REAL)) continue;
    const lines = readFileSync(REAL, 'utf8').split('\n');
    // One of its 10,000 lines has a quote that does not end.
    yield { format, name: 'apache_combined (real)', lines: lines.filter((each) => each.endsWith('"') && !each.endsWith(' "')) };
  }
}
