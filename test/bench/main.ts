/**
 * `npm run bench`: how fast Millrace is, beside bare node-rdkafka loops in the same run, and what it costs when it has
 * little or nothing to do. `npm run bench -- --help` lists the jobs.
 */
import { BenchSite } from './bench-site.ts';
import { keptState } from './kept-state.ts';
import { LATENCY_JOBS } from './latency-jobs.ts';
import { type BenchOptions, readOptions, type SteadyJob, USAGE } from './options.ts';
import { asParseLine, measureParsing, parseHeader } from './parse.ts';
import { asJson, asLine, header, summary } from './report-throughput.ts';
import { resultLatency } from './result-latency.ts';
import { ruleLatency } from './rule-latency.ts';
import { type Finding, Steady } from './steady.ts';
import { type PairedRun, Throughput } from './throughput.ts';

const say = (line: string): void => void process.stderr.write(`${line}\n`);
const print = (line: string): void => void process.stdout.write(`${line}\n`);

async function runThroughput(site: BenchSite, options: BenchOptions): Promise<void> {
  if (options.throughput.length === 0) return;
  const throughput = new Throughput(site, options, say);
  const done: PairedRun[] = [];
  if (!options.json) print(header);
  for (const job of options.throughput) {
    for await (const pair of throughput.run(job)) {
      done.push(pair);
      print(options.json ? JSON.stringify(asJson(pair)) : asLine(pair));
    }
  }
  for (const job of options.throughput) {
    for (const path of ['native', 'fallback'] as const) {
      const runs = done.filter((pair) => pair.job === job && pair.path === path);
      if (runs.length > 0) (options.json ? say : print)(summary(runs));
    }
  }
}

function runParsing({ json }: BenchOptions): void {
  if (!json) print(parseHeader);
  for (const cost of measureParsing()) print(json ? JSON.stringify({ job: 'parse', ...cost }) : asParseLine(cost));
}

async function bench(options: BenchOptions): Promise<void> {
  if (options.parse) runParsing(options);
  if (options.throughput.length === 0 && options.steady.length === 0) return;
  const site = await BenchSite.open(options, say);
  try {
    say(`brokers ${site.brokers}; topics of ${options.partitions} partitions, replication ${options.replication}, lz4`);
    await runThroughput(site, options);
    const steady = new Steady(site, options, say);
    const runSteady = (job: SteadyJob): Promise<Finding> => {
      if (job === 'latency-window' || job === 'latency-alert') return resultLatency(LATENCY_JOBS[job], { site, options, say });
      if (job === 'latency-rules') return ruleLatency(site, options, say);
      return job === 'state' ? keptState(site, options, say) : steady.run(job);
    };
    for (const job of options.steady) {
      const { json, text } = await runSteady(job);
      print(options.json ? JSON.stringify(json) : text);
    }
  } finally {
    await site.close();
  }
}

try {
  const options = readOptions(process.argv.slice(2), process.env);
  if (options === 'help') print(USAGE);
  else await bench(options);
} catch (error) {
  say(`bench: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
