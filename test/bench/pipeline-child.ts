/**
 * Runs one pipeline as `millrace run` does (the same loading, settings and engine), with a look at the numbers of its
 * components. With `once` it reports when the input has ended; otherwise it runs until it is told to stop, and reports
 * when it is asked.
 */
import { kafkaFor, loggerFor } from '../../src/cli/cluster.ts';
import { loadPipelines, loadSettingsOf } from '../../src/cli/context.ts';
import { Engine } from '../../src/runtime/engine.ts';
import { noFaults } from '../../src/runtime/fault-points.ts';
import { Instance } from '../../src/runtime/instance.ts';
import { systemClock } from '../../src/sdk/clock.ts';
import type { Logger } from '../../src/sdk/logger.ts';
import type { ComponentStats } from '../../src/telemetry/stats.ts';
import { type Measured, MeasuredWindow, memoryMb } from './measured-window.ts';
import { leave, report } from './reporting.ts';

export interface PipelineChildConfig {
  readonly file: string;
  readonly set: readonly string[];
  readonly once: boolean;
  /** The component whose commits are counted. */
  readonly component: string;
  /** The component whose last commit ends the measurement. */
  readonly last: string;
}

export interface PipelineReport extends Measured {
  readonly path: 'native' | 'fallback';
  readonly commits: number;
  /** Time in which a commit was under way, in seconds, from the start. */
  readonly commitSeconds: number;
  readonly deadLetters: number;
}

export interface SteadyReport {
  readonly cpuSeconds: number;
  readonly rssMb: number;
  readonly peakRssMb: number;
  /** Whether every component is running. */
  readonly running: boolean;
  /** Records committed by the component that is counted. */
  readonly records: number;
  /** Entries of state that were restored, and the seconds that the slowest partition took. */
  readonly restored: number;
  readonly restoreSeconds: number;
}

/** How often the numbers are looked at: an order of magnitude below what a commit takes. */
const LOOK_MS = 5;

const config = JSON.parse(process.argv[2] as string) as PipelineChildConfig;
const pipelines = await loadPipelines([config.file]);
const settings = loadSettingsOf({ set: config.set });
const restored = { entries: 0, seconds: 0 };
const log = watched(loggerFor(settings));
const kafka = kafkaFor(settings, log);
const instance = Instance.acquire(settings.dataDirectory);
const engine = new Engine({
  pipelines,
  settings,
  kafka,
  instance,
  once: config.once,
  clock: systemClock,
  random: Math.random,
  log,
  pass: noFaults,
});
const statsOf = (name: string): ComponentStats => engine.stats.find(({ component }) => component === name) as ComponentStats;
const stats = statsOf(config.component);
const last = statsOf(config.last);
const stop = new AbortController();

process.on('disconnect', () => stop.abort(new Error('the bench has ended')));
process.on('message', (message) => {
  if (message === 'stop') stop.abort(new Error('the bench says stop'));
  else void report(steadyReport());
});

/** The log, with an eye on what it says of restored state. */
function watched(inner: Logger): Logger {
  return {
    debug: inner.debug.bind(inner),
    warn: inner.warn.bind(inner),
    error: inner.error.bind(inner),
    info(message, fields) {
      inner.info(message, fields);
      if (message !== 'state restored' || fields === undefined) return;
      const { entries, seconds } = fields as { entries: number; seconds: number };
      restored.entries += entries;
      restored.seconds = Math.max(restored.seconds, seconds);
    },
  };
}

function steadyReport(): SteadyReport {
  const { user, system } = process.cpuUsage();
  const running = engine.started && engine.stats.every(({ state }) => state === 'running');
  const memory = { rssMb: memoryMb('VmRSS'), peakRssMb: memoryMb('VmHWM') };
  return {
    cpuSeconds: (user + system) / 1e6,
    ...memory,
    running,
    records: stats.recordsIn,
    restored: restored.entries,
    restoreSeconds: restored.seconds,
  };
}

async function runToTheEnd(): Promise<void> {
  const window = new MeasuredWindow();
  let seen = 0;
  const look = (): void => {
    if (stats.recordsIn <= window.records && last.recordsIn <= seen) return;
    seen = last.recordsIn;
    if (stats.recordsIn > 0) window.mark(stats.recordsIn, stats.bytesIn);
  };
  const timer = setInterval(look, LOOK_MS);
  const good = await engine.run(stop.signal);
  look();
  clearInterval(timer);
  if (!good) throw new Error(`${config.component} failed: ${stats.reason}`);
  const { commits, commitSeconds, deadLetters } = stats;
  const measured: PipelineReport = { ...window.result(), path: kafka.path, commits, commitSeconds, deadLetters };
  await report(measured);
}

if (config.once) await runToTheEnd();
else await engine.run(stop.signal);
instance.release();
leave();
