/**
 * Prints what parsing costs, in ns of CPU time a record: the parser alone; with the step, which merges what was parsed
 * into the record; and with JSON.stringify as well.
 * Compile first (`tsc`), then run it from the project's root; the shared access log is read where it is present.
 */
import { existsSync, readFileSync } from 'node:fs';
import { BatchBuilder } from '../../src/record/batch-builder.ts';
import { StreamRecord } from '../../src/record/record.ts';
import type { RecordStep } from '../../src/sdk/step.ts';
import { formats } from '../../src/steps/parse/formats.ts';
import { parse } from '../../src/steps/parse.ts';

const LINES = 20_000;
const ROUNDS = 10;
const NS_PER_US = 1000;

const agents = [
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_9_1) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/32.0.1700.77 Safari/537.36',
  'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)',
  '-',
];

const print = (line: string): void => void process.stdout.write(`${line}\n`);
const two = (n: number): string => String(n).padStart(2, '0');
const clock = (i: number): string =>
  `${two(10 + (Math.floor(i / 36_000) % 10))}:${two(Math.floor(i / 600) % 60)}:${two(Math.floor(i / 10) % 60)}`;

const synthetic: Readonly<Record<string, (i: number) => string>> = {
  apache_common: (i) =>
    `83.149.${i % 250}.${i % 199} - - [17/May/2015:${clock(i)} +0000] "GET /images/${i}.png HTTP/1.1" 200 ${i * 7}`,
  apache_combined: (i) =>
    `83.149.${i % 250}.${i % 199} - - [17/May/2015:${clock(i)} +0000] "GET /presentations/${i}/search?q=${i} HTTP/1.1" 200 ${i * 7} "http://example.org/${i}/" "${agents[i % 3]}"`,
  json: (i) =>
    `{"@timestamp":"2015-05-17T${clock(i)}.123Z","level":"info","message":"request ${i} done","http":{"response":{"status_code":200,"bytes":${i}}},"url":{"path":"/images/${i}.png"},"user":{"id":"u${i}"}}`,
  logfmt: (i) => `ts=2015-05-17T${clock(i)}Z level=info msg="request ${i} done" http.status=200 bytes=${i} path=/images/${i}.png`,
  syslog: (i) => `<34>Oct 11 ${clock(i)} host${i % 9} sshd[${i}]: Failed password for root from 10.0.0.${i % 250} port ${i} ssh2`,
  syslog_5424: (i) =>
    `<165>1 2015-05-17T${clock(i)}.003Z host${i % 9} app ${i} ID47 [example@32473 iut="3" source="App"] An application event log entry ${i}`,
  grok_ecs: (i) => synthetic['apache_combined']?.(i) ?? '',
  grok_legacy: (i) => synthetic['apache_combined']?.(i) ?? '',
  grok_syslog: (i) => synthetic['syslog']?.(i) ?? '',
  regex: (i) => `2015-05-17T${clock(i)}Z INFO [worker-${i % 8}] request ${i} done`,
};

const PATTERN = '^(?<time>\\S+) (?<level>[A-Z]+) \\[(?<thread>[^\\]]*)\\] (?<text>.*)$';
const OPTIONS: Readonly<Record<string, object>> = {
  syslog_5424: { format: 'syslog' },
  grok_ecs: { format: 'grok', pattern: '%{COMBINEDAPACHELOG}' },
  grok_legacy: { format: 'grok', pattern: '%{COMBINEDAPACHELOG}', ecs: false },
  grok_syslog: { format: 'grok', pattern: '<%{NONNEGINT:priority:int}>%{SYSLOGLINE}' },
  regex: { format: 'regex', pattern: PATTERN },
};

/** Best of the rounds, in ns of this process's CPU time a line, collection of garbage included. */
function measure(lines: readonly string[], work: (line: string) => unknown): number {
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS; round += 1) {
    const begin = process.cpuUsage();
    for (const line of lines) work(line);
    const { user, system } = process.cpuUsage(begin);
    best = Math.min(best, ((user + system) * NS_PER_US) / lines.length);
  }
  return best;
}

/** The lines decoded from bytes, as in a pipeline: such texts are flat and not shared with others. */
function decoded(lines: readonly string[]): string[] {
  return lines.map((line) => Buffer.from(line).toString('utf8'));
}

const batch = new BatchBuilder(['t']);
batch.begin(0, 0, Date.UTC(2015, 10, 1));
batch.value('');

function stepping(step: RecordStep): (line: string) => StreamRecord {
  const record = new StreamRecord();
  const rows = batch.batch();
  return (line) => {
    record.moveTo(rows, 0, {
      message: line,
      log: { file: { path: '/var/log/nginx/access.log' }, offset: 1 },
      host: { name: 'web-1' },
    });
    step(record);
    return record;
  };
}

function report(name: string, raw: readonly string[]): void {
  const lines = decoded(raw);
  const options = parse.options.parse(OPTIONS[name] ?? { format: name });
  const parser = formats[options.format].create(options);
  const alone = measure(lines, (line) => parser(line, Date.UTC(2015, 10, 1)));
  const step = stepping(parse.create(options, { component: 'bench', id: name }));
  const stepped = measure(lines, step);
  const all = measure(lines, (line) => JSON.stringify(step(line).value).length);
  const bytes = raw.reduce((sum, line) => sum + line.length, 0) / raw.length;
  const figures = [bytes, alone, stepped, all].map((figure) => figure.toFixed(0).padStart(8)).join('');
  print(`${name.padEnd(20)}${figures}`);
}

print(`${'ns a record'.padEnd(20)}${['bytes', 'parser', '+ step', '+ JSON'].map((head) => head.padStart(8)).join('')}`);
for (const [name, line] of Object.entries(synthetic))
  report(
    name,
    Array.from({ length: LINES }, (_, i) => line(i)),
  );

const real = '../shared/data/access/elastic_apache_logs.log';
if (existsSync(real)) {
  const lines = readFileSync(real, 'utf8')
    .split('\n')
    .filter((line) => line !== '');
  print('real access log:');
  for (const name of ['apache_combined', 'grok_ecs', 'grok_legacy']) report(name, lines);
}
