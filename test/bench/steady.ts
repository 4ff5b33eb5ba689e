import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { generateAccessLog } from '../../connectors/generator/access-log.ts';
import type { BenchSite } from './bench-site.ts';
import { MeasuredChild } from './children.ts';
import { memoryMb } from './measured-window.ts';
import type { BenchOptions, SteadyJob } from './options.ts';
import type { SteadyReport } from './pipeline-child.ts';
import { childConfig, wholeWay } from './pipelines.ts';
import { type BulkAnswerer, startBulkAnswerer } from './start-bulk-answerer.ts';
import { percentile, slope } from './statistics.ts';

/** What a steady job found, for machines and for people. */
export interface Finding {
  readonly json: object;
  readonly text: string;
}

const START_MS = 120_000;
const LOOK_MS = 5;
/** A pipeline that has just begun still compiles and settles: this much is not looked at. */
const SETTLE_MS = 10_000;
const WARM_LINES = 1000;
/** Lines are written at random moments, so that they do not fall in step with any interval of the pipeline's. */
const GAP_MS = { least: 300, most: 1300 };
const LATENCY_LIMIT_MS = 60_000;
const WRITE_EVERY_MS = 100;
/** The first minutes of a soak fill buffers and compile: the slope is of what comes after. */
const SOAK_SETTLE_MINUTES = 2;

const TARGETS = { idlePercent: 2, latencyMs: 1000, slopeMbPerMinute: 1, peakMb: 300 };
const judged = (good: boolean): string => (good ? 'reached' : 'MISSED');

/** A whole-way pipeline at work: file -> topic -> parse -> topic -> Elasticsearch (a server that only answers). */
interface RunningPipeline {
  readonly child: MeasuredChild<SteadyReport>;
  readonly answerer: BulkAnswerer;
  /** Adds lines to the file. */
  append(lines: number): Promise<void>;
}

/** Runs the jobs that look at a pipeline over time. */
export class Steady {
  readonly #site: BenchSite;
  readonly #options: BenchOptions;
  readonly #say: (line: string) => void;

  constructor(site: BenchSite, options: BenchOptions, say: (line: string) => void) {
    this.#site = site;
    this.#options = options;
    this.#say = say;
  }

  run(job: Exclude<SteadyJob, 'latency-window' | 'latency-alert' | 'latency-rules' | 'state'>): Promise<Finding> {
    if (job === 'idle') return this.#withPipeline(job, (pipeline) => this.#idle(pipeline));
    if (job === 'latency') return this.#withPipeline(job, (pipeline) => this.#latency(pipeline));
    return this.#withPipeline(job, (pipeline) => this.#soak(pipeline));
  }

  async #idle({ child }: RunningPipeline): Promise<Finding> {
    const { seconds } = this.#options;
    this.#say(`watching an idle pipeline for ${seconds} s`);
    const before = await child.ask();
    const began = performance.now();
    await sleep(seconds * 1000);
    const after = await child.ask();
    const watched = (performance.now() - began) / 1000;
    const percent = ((after.cpuSeconds - before.cpuSeconds) / watched) * 100;
    return {
      json: { job: 'idle', seconds: watched, cpu_percent: percent, rss_mb: after.rssMb },
      text: `idle: ${percent.toFixed(2)}% of one core over ${watched.toFixed(0)} s (target ${TARGETS.idlePercent}%: ${judged(percent < TARGETS.idlePercent)}), RSS ${after.rssMb.toFixed(0)} MB`,
    };
  }

  async #latency({ append, answerer }: RunningPipeline): Promise<Finding> {
    const { samples } = this.#options;
    this.#say(`writing ${samples} lines, one now and then`);
    const taken: number[] = [];
    for (let i = 0; i < samples; i += 1) {
      await sleep(GAP_MS.least + Math.random() * (GAP_MS.most - GAP_MS.least));
      const { documents } = await answerer.counted();
      const written = performance.now();
      await append(1);
      await answered(answerer, documents + 1, LATENCY_LIMIT_MS);
      taken.push(performance.now() - written);
    }
    const [p50, p95, most] = [percentile(taken, 0.5), percentile(taken, 0.95), Math.max(...taken)];
    return {
      json: { job: 'latency', lines: samples, p50_ms: p50, p95_ms: p95, max_ms: most },
      text: `latency: p50 ${p50.toFixed(0)} ms, p95 ${p95.toFixed(0)} ms, longest ${most.toFixed(0)} ms over ${samples} lines (target p95 ${TARGETS.latencyMs} ms: ${judged(p95 < TARGETS.latencyMs)})`,
    };
  }

  async #soak({ child, append, answerer }: RunningPipeline): Promise<Finding> {
    const { minutes, rate } = this.#options;
    this.#say(`${rate} lines a second for ${minutes} minutes`);
    const points: { x: number; y: number }[] = [];
    const before = await child.ask();
    const began = performance.now();
    let written = 0;
    let looked = 0;
    for (let elapsed = 0; elapsed < minutes * 60_000; elapsed = performance.now() - began) {
      const due = Math.floor((elapsed / 1000) * rate) - written;
      if (due > 0) await append(due);
      written += Math.max(0, due);
      if (elapsed - looked >= 1000) {
        looked = elapsed;
        points.push({ x: elapsed / 60_000, y: memoryMb('VmRSS', child.pid) });
      }
      await sleep(WRITE_EVERY_MS);
    }
    const after = await child.ask();
    const seconds = (performance.now() - began) / 1000;
    await answered(answerer, WARM_LINES + written, LATENCY_LIMIT_MS);
    const mbPerMinute = slope(points.filter(({ x }) => x >= SOAK_SETTLE_MINUTES));
    const lag = WARM_LINES + written - after.records;
    const cpu = ((after.cpuSeconds - before.cpuSeconds) / seconds) * 100;
    return {
      json: {
        job: 'soak',
        minutes,
        lines: written,
        lines_per_s: written / seconds,
        rss_slope_mb_per_minute: mbPerMinute,
        peak_rss_mb: after.peakRssMb,
        cpu_percent: cpu,
        lag_at_end: lag,
        rss_mb_by_second: points.map(({ y }) => Math.round(y)),
      },
      text:
        `soak: ${written} lines, ${(written / seconds).toFixed(0)}/s over ${minutes} min, ${cpu.toFixed(0)}% of one core, lag at the end ${lag} records; ` +
        `RSS slope after ${SOAK_SETTLE_MINUTES} min ${mbPerMinute.toFixed(2)} MB/min (target ${TARGETS.slopeMbPerMinute}: ${judged(mbPerMinute < TARGETS.slopeMbPerMinute)}), ` +
        `peak RSS ${after.peakRssMb.toFixed(0)} MB (target ${TARGETS.peakMb}: ${judged(after.peakRssMb < TARGETS.peakMb)})`,
    };
  }

  /** Starts the pipeline and lets lines through it once, so that all of it has been used before anything is measured. */
  async #withPipeline(job: string, work: (pipeline: RunningPipeline) => Promise<Finding>): Promise<Finding> {
    const file = join(this.#site.directory, `${job}.log`);
    await writeFile(file, '');
    const [raw, events] = [await this.#site.createTopic(`${job}-raw`), await this.#site.createTopic(`${job}-events`)];
    const answerer = await startBulkAnswerer();
    const pipeline = wholeWay(job, { file, raw, events, url: answerer.url });
    const config = await childConfig(this.#site, pipeline, { name: job, once: false, set: this.#options.set });
    const child = new MeasuredChild<SteadyReport>('pipeline-child', config);
    let next = 0;
    const append = async (lines: number): Promise<void> => {
      await generateAccessLog({ path: file, lines, first: next, append: true });
      next += lines;
    };
    try {
      await until(async () => (await child.ask()).running, START_MS, 'the pipeline runs');
      await append(WARM_LINES);
      await answered(answerer, WARM_LINES, START_MS);
      await sleep(SETTLE_MS);
      return await work({ child, answerer, append });
    } finally {
      await child.stop();
      await answerer.stop();
      await this.#site.deleteTopics([raw, events]);
    }
  }
}

async function answered(answerer: BulkAnswerer, documents: number, limitMs: number): Promise<void> {
  await until(async () => (await answerer.counted()).documents >= documents, limitMs, `${documents} documents have arrived`);
}

async function until(holds: () => Promise<boolean>, limitMs: number, what: string): Promise<void> {
  const end = performance.now() + limitMs;
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`waited ${limitMs / 1000} s until ${what}`);
    await sleep(LOOK_MS);
  }
}
