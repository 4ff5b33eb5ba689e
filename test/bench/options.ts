import { parseArgs } from 'node:util';
import { STREAM_JOBS } from './stream-jobs.ts';

/** Jobs with a bare loop beside them. `b-text` and `c-text` read raw lines where `b` and `c` read the file source's JSON. */
export const THROUGHPUT_JOBS = ['a', 'b', 'c', 'b-text', 'c-text', ...STREAM_JOBS] as const;
export type ThroughputJob = (typeof THROUGHPUT_JOBS)[number];

/** Jobs that look at a pipeline running on and on. */
export const STEADY_JOBS = ['idle', 'latency', 'latency-window', 'latency-alert', 'latency-rules', 'state', 'soak'] as const;
export type SteadyJob = (typeof STEADY_JOBS)[number];

/** Jobs within one process, which need no Kafka. */
const LOCAL_JOBS = ['parse'] as const;

export interface BenchOptions {
  /** Whether to measure the formats of the step `parse`. */
  readonly parse: boolean;
  readonly throughput: readonly ThroughputJob[];
  readonly steady: readonly SteadyJob[];
  readonly json: boolean;
  readonly lines: number;
  /** Different keys of the jobs on event time, at a time. */
  readonly keys: number;
  readonly runs: number;
  readonly fallbackRuns: number;
  /** Runs of `a` that are not counted, before all others. */
  readonly warmUps: number;
  /** Absent: a cluster of the bench's own. */
  readonly brokers: string | undefined;
  readonly replication: number;
  readonly partitions: number;
  /** Of the watch of an idle pipeline, and of windows. */
  readonly seconds: number;
  /** Of the soak, and its lines a second. */
  readonly minutes: number;
  readonly rate: number;
  readonly samples: number;
  /** Where to put CPU profiles of Millrace's process. */
  readonly cpuProfiles: string | undefined;
  /** More settings for Millrace, such as `commit.interval=200ms`. */
  readonly set: readonly string[];
}

export const USAGE = `npm run bench -- [job ...] [options]

Jobs (default: a b c)
  a        file -> topic, beside a bare producer of lines in memory
  b        topic -> parse apache_combined -> topic, beside a bare consume + produce loop
  c        topic -> parse -> Elasticsearch _bulk (a server that only answers), beside the loop of b
  b-text   b and c over a topic with raw lines in place of the file source's JSON
  c-text
  d        topic -> count and sum by key in windows of 10 s -> topic, beside a loop that consumes and parses the JSON
  d2       the same by a field, through a repartition
  e        topic -> sessions by key -> topic, beside the same loop
  f        two topics -> join -> topic, beside the same loop
  g        topic -> a pattern of three by key -> topic, beside the same loop
  h        topic -> deduplicate by key -> topic, beside the same loop
  idle     CPU of a pipeline that has nothing to do
  latency  from a line's writing to its delivery, one line now and then
  latency-window
           from the record that passes the end of a window to the window's results, at 20000 records a second
  latency-alert
           from the record that completes a pattern to the alert, at 10000 records a second
  latency-rules
           from a transaction to its finding and its alert, by pipelines/transactions at --rate transactions a second
  state    memory of a process with as many groups in an open window as there are lines, and how fast they are restored
  soak     memory under load at a fixed rate
  parse    records a second and ns a record of each format of the step \`parse\`, in memory and without Kafka

Options
  --json                one JSON object per job and run on standard output
  --lines <n>           access lines, or records (default 2000000)
  --keys <n>            d to g: different keys (default 10000)
  --runs <n>            paired runs, Millrace and bare in turn (default 5)
  --fallback-runs <n>   paired runs without the native batch layer (default 1; 0 leaves them out)
  --warm-up <n>         the most pairs before each job that are not counted. They end when the compilers of the brokers'
                        Java have fallen silent, which on a new cluster takes some 25 (default 50)
  --brokers <list>      an existing cluster, also $MILLRACE_BENCH_BROKERS (default: one of its own, started for the run)
  --replication <n>     of the topics with data (default 1); transactions and offsets are as the brokers are set up
  --partitions <n>      of the topics with data (default 4)
  --seconds <n>         idle, latency-window, latency-alert, latency-rules: how long to watch (default 60)
  --samples <n>         latency: lines (default 100)
  --minutes <n>         soak: how long (default 10)
  --rate <n>            soak: lines a second (default 5000); latency-rules: transactions (default 1000)
  --cpu-prof <dir>      write a CPU profile of each run of Millrace there
  --set <setting=value> a setting of Millrace, may be repeated
`;

/** Reads the command line. Throws an Error that says what is wrong with it. */
export function readOptions(args: readonly string[], environment: NodeJS.ProcessEnv): BenchOptions | 'help' {
  const text = { type: 'string' } as const;
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      json: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
      lines: text,
      keys: text,
      runs: text,
      'fallback-runs': text,
      'warm-up': text,
      brokers: text,
      replication: text,
      partitions: text,
      seconds: text,
      minutes: text,
      rate: text,
      samples: text,
      'cpu-prof': text,
      set: { ...text, multiple: true },
    },
  });
  if (values.help === true) return 'help';
  const known: readonly string[] = [...THROUGHPUT_JOBS, ...STEADY_JOBS, ...LOCAL_JOBS];
  const unknown = positionals.filter((name) => !known.includes(name));
  if (unknown.length > 0) throw new Error(`no such job: ${unknown.join(', ')}; there are ${known.join(', ')}`);
  const jobs = positionals.length === 0 ? ['a', 'b', 'c'] : positionals;
  return {
    parse: jobs.includes('parse'),
    throughput: THROUGHPUT_JOBS.filter((job) => jobs.includes(job)),
    steady: STEADY_JOBS.filter((job) => jobs.includes(job)),
    json: values.json ?? false,
    lines: wholeNumber('--lines', values.lines, 2_000_000, 20_000),
    keys: wholeNumber('--keys', values.keys, 10_000),
    runs: wholeNumber('--runs', values.runs, 5),
    warmUps: wholeNumber('--warm-up', values['warm-up'], 50, 0),
    fallbackRuns: wholeNumber('--fallback-runs', values['fallback-runs'], 1, 0),
    brokers: values.brokers ?? (environment['MILLRACE_BENCH_BROKERS'] || undefined),
    replication: wholeNumber('--replication', values.replication, 1),
    partitions: wholeNumber('--partitions', values.partitions, 4),
    seconds: wholeNumber('--seconds', values.seconds, 60),
    minutes: wholeNumber('--minutes', values.minutes, 10, 3),
    rate: wholeNumber('--rate', values.rate, 5_000),
    samples: wholeNumber('--samples', values.samples, 100),
    cpuProfiles: values['cpu-prof'],
    set: values.set ?? [],
  };
}

function wholeNumber(option: string, text: string | undefined, otherwise: number, least = 1): number {
  if (text === undefined) return otherwise;
  const value = Number(text);
  if (!Number.isInteger(value) || value < least)
    throw new Error(`${option} ${text}: it must be a whole number of ${least} or more`);
  return value;
}
