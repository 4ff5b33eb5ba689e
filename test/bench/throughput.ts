import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { generateAccessLog } from '../../connectors/generator/access-log.ts';
import type { BareForwardConfig } from './bare-forward.ts';
import type { BareProduceConfig } from './bare-produce.ts';
import type { BenchSite } from './bench-site.ts';
import { MeasuredChild } from './children.ts';
import { EventTimeJobs } from './event-time-jobs.ts';
import type { Measured } from './measured-window.ts';
import type { BenchOptions, ThroughputJob } from './options.ts';
import type { PipelineReport } from './pipeline-child.ts';
import { type BenchPipeline, childConfig, delivering, parsing, shipping } from './pipelines.ts';
import { asWarmUp } from './report-throughput.ts';
import { startBulkAnswerer } from './start-bulk-answerer.ts';
import { isStreamJob } from './stream-jobs.ts';

/** One run of Millrace and one of the bare loop after it, over the same lines. */
export interface PairedRun {
  readonly job: ThroughputJob;
  readonly path: 'native' | 'fallback';
  readonly run: number;
  readonly ours: PipelineReport;
  readonly bare: Measured;
}

/** What the bare producer holds in memory. It would hold the whole file no faster, and 2,000,000 buffers cost it. */
const FILES = 8;
const LINES_IN_MEMORY = 100_000;

type Codec = 'json' | 'text';

/** Runs throughput jobs, Millrace and the bare loop in turn. */
export class Throughput {
  readonly #site: BenchSite;
  readonly #options: BenchOptions;
  readonly #say: (line: string) => void;
  readonly #inputs = new Map<Codec, string>();
  readonly #eventTime: EventTimeJobs;
  #files: string | undefined;

  constructor(site: BenchSite, options: BenchOptions, say: (line: string) => void) {
    this.#site = site;
    this.#options = options;
    this.#say = say;
    this.#eventTime = new EventTimeJobs(site, options, say);
  }

  /** All runs of a job, one after the other, as they end. */
  async *run(job: ThroughputJob): AsyncGenerator<PairedRun> {
    const { runs, fallbackRuns } = this.#options;
    await this.#warmUp(job);
    for (let run = 1; run <= runs; run += 1) yield await this.#pair(job, 'native', run);
    for (let run = 1; run <= fallbackRuns; run += 1) yield await this.#pair(job, 'fallback', run);
  }

  /** Lets the brokers compile what the job makes them run: pairs that are not counted. */
  async #warmUp(job: ThroughputJob): Promise<void> {
    const { warmUps } = this.#options;
    const warmth = await this.#site.warmth();
    for (let run = 1; run <= warmUps && warmth?.isWarm !== true; run += 1) {
      const ours = await this.#ours(job, 'native', `${job}-warm-up-${run}`);
      const bare = await this.#bare(job, `${job}-warm-up-${run}`);
      this.#say(asWarmUp({ job, run, ours, bare }, warmth?.look()));
    }
  }

  async #pair(job: ThroughputJob, path: 'native' | 'fallback', run: number): Promise<PairedRun> {
    const name = `${job}-${path}-${run}`;
    const ours = await this.#ours(job, path, name);
    if (ours.path !== path)
      throw new Error(`${name}: it ran on the ${ours.path} path; is the native addon built? see \`millrace doctor\``);
    const { lines } = this.#options;
    if (ours.total !== lines || ours.deadLetters !== 0) {
      throw new Error(`${name}: ${ours.total} of ${lines} records were committed, ${ours.deadLetters} of them as dead letters`);
    }
    return { job, path, run, ours, bare: await this.#bare(job, name) };
  }

  async #ours(job: ThroughputJob, path: 'native' | 'fallback', name: string): Promise<PipelineReport> {
    const set = [`kafka.batches=${path}`, ...this.#options.set];
    if (job === 'a') {
      return this.#toTopic(name, async (to) => this.#runPipeline(name, shipping(name, { file: await this.#lines(), to }), set));
    }
    if (isStreamJob(job))
      return this.#toTopic(name, async (to) => this.#runPipeline(name, await this.#eventTime.pipeline(job, name, to), set));
    const codec = codecOf(job);
    const from = await this.#input(codec);
    if (job === 'b' || job === 'b-text') {
      return this.#toTopic(name, (to) => this.#runPipeline(name, parsing(name, { from, to, codec }), set));
    }
    const answerer = await startBulkAnswerer();
    try {
      const report = await this.#runPipeline(name, delivering(name, { from, url: answerer.url, codec }), set);
      const { documents } = await answerer.counted();
      if (documents < report.total) throw new Error(`${name}: ${documents} documents arrived for ${report.total} records`);
      return report;
    } finally {
      await answerer.stop();
    }
  }

  async #runPipeline(name: string, pipeline: BenchPipeline, set: readonly string[]): Promise<PipelineReport> {
    const { cpuProfiles } = this.#options;
    const nodeOptions =
      cpuProfiles === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${cpuProfiles}`, `--cpu-prof-name=${name}.cpuprofile`];
    const config = await childConfig(this.#site, pipeline, { name, once: true, set });
    return new MeasuredChild<PipelineReport>('pipeline-child', config, { nodeOptions }).report();
  }

  #bare(job: ThroughputJob, name: string): Promise<Measured> {
    if (isStreamJob(job)) return this.#eventTime.bare(job, name);
    const { brokers, prefix } = this.#site;
    const records = this.#options.lines;
    return this.#toTopic(`${name}-bare`, async (topic) => {
      if (job === 'a') {
        const config: BareProduceConfig = { brokers, topic, file: await this.#linesInMemory(), records };
        return new MeasuredChild<Measured>('bare-produce', config).report();
      }
      const from = await this.#input(codecOf(job));
      const config: BareForwardConfig = { brokers, from, to: topic, group: `${prefix}.${name}`, records };
      return new MeasuredChild<Measured>('bare-forward', config).report();
    });
  }

  /** Every run writes into a topic of its own, which is gone before the next. */
  async #toTopic<T>(name: string, work: (topic: string) => Promise<T>): Promise<T> {
    const topic = await this.#site.createTopic(name);
    try {
      return await work(topic);
    } finally {
      await this.#site.deleteTopics([topic]);
    }
  }

  /** The topic that the jobs after the first read: what `a` writes, or the lines as they are. Filled once. */
  async #input(codec: Codec): Promise<string> {
    const known = this.#inputs.get(codec);
    if (known !== undefined) return known;
    const topic = await this.#site.createTopic(`input-${codec}`);
    this.#say(`filling ${topic}`);
    const name = `fill-${codec}`;
    const config = await childConfig(this.#site, shipping(name, { file: await this.#lines(), to: topic, codec }), {
      name,
      once: true,
      set: [],
    });
    await new MeasuredChild<PipelineReport>('pipeline-child', config).report();
    this.#inputs.set(codec, topic);
    return topic;
  }

  /** Several files, as rotation leaves them: a file's records stay in one partition, and the bare loops use all of them. */
  async #lines(): Promise<string> {
    if (this.#files === undefined) {
      const { lines } = this.#options;
      let bytes = 0;
      for (let i = 0, first = 0; i < FILES; i += 1) {
        const path = join(this.#site.directory, `access-${i}.log`);
        const next = Math.round((lines * (i + 1)) / FILES);
        await generateAccessLog({ path, lines: next - first, first });
        bytes += (await stat(path)).size;
        first = next;
      }
      this.#files = join(this.#site.directory, 'access-*.log');
      this.#say(`${lines} lines of ${(bytes / lines).toFixed(0)} bytes in ${FILES} files`);
    }
    return this.#files;
  }

  async #linesInMemory(): Promise<string> {
    const path = join(this.#site.directory, 'memory.log');
    await generateAccessLog({ path, lines: Math.min(LINES_IN_MEMORY, this.#options.lines) });
    return path;
  }
}

function codecOf(job: ThroughputJob): Codec {
  return job.endsWith('-text') ? 'text' : 'json';
}
