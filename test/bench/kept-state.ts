import { setTimeout as sleep } from 'node:timers/promises';
import type { BenchSite } from './bench-site.ts';
import { MeasuredChild } from './children.ts';
import { EventTimeJobs } from './event-time-jobs.ts';
import type { BenchOptions } from './options.ts';
import type { SteadyReport } from './pipeline-child.ts';
import { childConfig } from './pipelines.ts';
import type { Finding } from './steady.ts';

const NAME = 'state';
const LOOK_MS = 50;
const LIMIT_MS = 240_000;
/** What was only of use on the way is given back after a while. */
const SETTLE_MS = 10_000;

/**
 * What keeping state costs: the memory of a process with as many groups in one open window as there are lines, beside that of one
 * with none, after it has made them and after it has restored them; and how fast they are restored.
 */
export async function keptState(site: BenchSite, options: BenchOptions, say: (line: string) => void): Promise<Finding> {
  const { lines } = options;
  const jobs = new EventTimeJobs(site, options, say);
  const to = await site.createTopic(`${NAME}-out`);
  const pipeline = await jobs.pipeline(NAME, NAME, to);
  const config = await childConfig(site, pipeline, { name: NAME, once: false, set: options.set });
  const life = async (until: (report: SteadyReport) => boolean): Promise<{ report: SteadyReport; seconds: number }> => {
    const began = performance.now();
    const child = new MeasuredChild<SteadyReport>('pipeline-child', config);
    try {
      while (!until(await child.ask())) {
        if (performance.now() - began > LIMIT_MS) throw new Error(`${NAME}: waited ${LIMIT_MS / 1_000} s`);
        await sleep(LOOK_MS);
      }
      const seconds = (performance.now() - began) / 1_000;
      await sleep(SETTLE_MS);
      return { report: await child.ask(), seconds };
    } finally {
      await child.stop();
    }
  };
  say(`making ${lines} groups`);
  const made = await life(({ records }) => records >= lines);
  say('restoring them');
  const restored = await life((report) => report.restored >= lines);
  const { restoreSeconds, rssMb } = restored.report;
  const perSecond = Math.round(lines / restoreSeconds);
  return {
    json: {
      job: NAME,
      groups: lines,
      rss_mb_made: made.report.rssMb,
      rss_mb_restored: rssMb,
      peak_rss_mb_restored: restored.report.peakRssMb,
      start_to_restored_s: restored.seconds,
      restore_s: restoreSeconds,
      restored_per_s: perSecond,
    },
    text:
      `state: ${lines} groups in an open window: RSS ${made.report.rssMb.toFixed(0)} MB when they were made, ${rssMb.toFixed(0)} MB when they were restored ` +
      `(peak ${restored.report.peakRssMb.toFixed(0)} MB); restored in ${restoreSeconds} s, ${perSecond}/s; ${restored.seconds.toFixed(1)} s from the start of the process`,
  };
}
