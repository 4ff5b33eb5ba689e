import type { Measured } from './measured-window.ts';
import type { ThroughputJob } from './options.ts';
import { median } from './statistics.ts';
import type { PairedRun } from './throughput.ts';

/** What a job is to reach, as a multiple of the bare loop's records a second. */
const TARGETS: Readonly<Partial<Record<ThroughputJob, number>>> = { a: 1, b: 1.5, c: 1.5, 'b-text': 1.5, 'c-text': 1.5, d: 0.6 };
const TARGET_RSS_MB = 300;

const rate = ({ records, seconds }: Measured): number => records / seconds;
const perMillion = ({ cpuSeconds, records }: Measured): number => (cpuSeconds / records) * 1e6;
const ratio = ({ ours, bare }: PairedRun): number => rate(ours) / rate(bare);
const round = (value: number, digits: number): number => Number(value.toFixed(digits));

/** A run as one JSON object. `records` and `seconds` are those of the measured window; see measured-window.ts. */
export function asJson(pair: PairedRun): object {
  const { job, path, run, ours, bare } = pair;
  return {
    job,
    path,
    run,
    records: ours.records,
    seconds: round(ours.seconds, 3),
    cpu_seconds: round(ours.cpuSeconds, 3),
    peak_rss_mb: round(ours.peakRssMb, 1),
    bare_records_per_s: Math.round(rate(bare)),
    ratio: round(ratio(pair), 3),
    records_per_s: Math.round(rate(ours)),
    mb_per_s: round(ours.bytes / 1e6 / ours.seconds, 1),
    cpu_s_per_million: round(perMillion(ours), 2),
    busy: round(ours.busy, 3),
    garbage: round(ours.garbage, 3),
    commits: ours.commits,
    mean_commit_ms: round((ours.commitSeconds * 1000) / ours.commits, 1),
    bare_cpu_s_per_million: round(perMillion(bare), 2),
    bare_peak_rss_mb: round(bare.peakRssMb, 1),
  };
}

const COLUMNS = [
  'job',
  'path',
  'run',
  'records/s',
  'MB/s',
  'CPU s/M',
  'peak MB',
  'busy',
  'GC',
  'commits',
  'ms each',
  'bare rec/s',
  'CPU s/M',
  'peak MB',
  'ratio',
] as const;
const WIDTH = 11;

const line = (cells: readonly string[]): string => cells.map((cell) => cell.padStart(WIDTH)).join('');
const whole = (value: number): string => Math.round(value).toLocaleString('en');
const percent = (value: number): string => `${(value * 100).toFixed(0)}%`;

export const header = line(COLUMNS);

export function asLine({ job, path, run, ours, bare }: PairedRun): string {
  return line([
    job,
    path,
    String(run),
    ...ourCells(ours),
    percent(ours.busy),
    percent(ours.garbage),
    String(ours.commits),
    ((ours.commitSeconds * 1000) / ours.commits).toFixed(0),
    whole(rate(bare)),
    perMillion(bare).toFixed(2),
    bare.peakRssMb.toFixed(0),
    (rate(ours) / rate(bare)).toFixed(2),
  ]);
}

function ourCells(ours: Measured): string[] {
  return [
    whole(rate(ours)),
    (ours.bytes / 1e6 / ours.seconds).toFixed(1),
    perMillion(ours).toFixed(2),
    ours.peakRssMb.toFixed(0),
  ];
}

/** The medians of a job's runs on one path, and whether they reach what was set. */
export function summary(runs: readonly PairedRun[]): string {
  const [first] = runs;
  if (first === undefined) return '';
  const middle = (of: (pair: PairedRun) => number): number => median(runs.map(of));
  const ratios = middle(ratio);
  const memory = Math.max(...runs.map(({ ours }) => ours.peakRssMb));
  const target = TARGETS[first.job];
  const judged = (good: boolean): string => (good ? 'reached' : 'MISSED');
  return (
    `${first.job} ${first.path}, median of ${runs.length}: ${whole(middle(({ ours }) => rate(ours)))} records/s, ` +
    `${middle(({ ours }) => ours.bytes / 1e6 / ours.seconds).toFixed(1)} MB/s, ${middle(({ ours }) => perMillion(ours)).toFixed(2)} CPU s per million; ` +
    `${ratios.toFixed(2)} of the bare loop's ${whole(middle(({ bare }) => rate(bare)))}/s${target === undefined ? '' : ` (target ${target}: ${judged(ratios >= target)})`}; ` +
    `peak RSS ${memory.toFixed(0)} MB (target ${TARGET_RSS_MB}: ${judged(memory < TARGET_RSS_MB)})`
  );
}

/** A pair that is not counted. `compiling`: the share of a core that the brokers' compilers took meanwhile, where it is known. */
export function asWarmUp({ job, run, ours, bare }: Omit<PairedRun, 'path'>, compiling: number | undefined): string {
  const text = `${job}: warm-up ${run}: ${whole(rate(ours))}/s, bare ${whole(rate(bare))}/s`;
  return compiling === undefined ? text : `${text}, the brokers' compilers took ${percent(compiling)} of a core`;
}
