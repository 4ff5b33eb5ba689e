import { resolve } from 'node:path';
import { type ApiServer, startApi } from '../api/server.ts';
import { reasonOf } from '../errors/index.ts';
import { type EmbeddedCluster, startEmbedded } from '../kafka/embedded.ts';
import { PluginFaults } from '../plugins/index.ts';
import { Engine } from '../runtime/engine.ts';
import { faultAt, noFaults } from '../runtime/fault-points.ts';
import { Instance } from '../runtime/instance.ts';
import { systemClock } from '../sdk/clock.ts';
import type { Logger } from '../sdk/logger.ts';
import { createMetrics } from '../telemetry/metrics.ts';
import type { Settings } from '../topology/settings.ts';
import type { Pipeline } from '../topology/types.ts';
import { kafkaFor, loggerFor } from './cluster.ts';
import { environment, loadPipelines, loadSettingsOf, registry, type SettingsOptions } from './context.ts';
import { Display, type DisplayOptions } from './display.ts';
import { Exit, ExitError } from './exit.ts';
import { FileWatch } from './file-watch.ts';
import { launchInstances } from './launcher.ts';
import { keepOldSpaceSmall } from './old-space.ts';
import { StopSignal } from './stop-signal.ts';
import { outliveStrayErrors } from './stray-errors.ts';
import { watchPipelines } from './watch.ts';

export interface RunOptions extends SettingsOptions {
  readonly once?: boolean;
  readonly instances?: number;
  /** Whether edited files take the place of what runs. */
  readonly watch?: boolean;
  /** Whether this process is one of several that a launcher started. */
  readonly worker?: boolean;
}

/** `millrace run`: runs pipelines until they are stopped, or, with `--once`, until their input has ended. */
export async function run(files: readonly string[], options: RunOptions): Promise<number> {
  const faults = new PluginFaults();
  // Before they are read, so that no edit is missed.
  const watch = options.watch === true ? new FileWatch(systemClock) : undefined;
  watch?.watch(files.map((file) => resolve(file)));
  const pipelines = await loadPipelines(files, faults);
  watch?.add(faults.files);
  if (watch !== undefined && options.once === true)
    throw new ExitError(Exit.usage, '--once ends with its input, and --watch goes on: leave one of them away');
  const settings = loadSettingsOf(options);
  // A worker has its launcher's arguments, and must not become a launcher itself.
  const instances = options.worker === true ? 1 : (options.instances ?? 1);
  if (instances > 1) {
    if (options.once === true) throw new ExitError(Exit.usage, '--once runs in one process: leave --instances away');
    if (settings.kafka.mode === 'embedded')
      throw new ExitError(Exit.usage, 'the embedded broker lives in one process: leave --instances away');
    return launchInstances({ instances, log: loggerFor(settings) });
  }
  const { once = false, worker = false } = options;
  return runPipelines(pipelines, settings, {
    once,
    worker,
    faults,
    ...(watch === undefined ? {} : { watching: { files, watch } }),
  });
}

interface RunMode {
  readonly once: boolean;
  readonly worker: boolean;
  readonly faults?: PluginFaults;
  /** Files whose edits take the place of what runs. */
  readonly watching?: { readonly files: readonly string[]; readonly watch: FileWatch };
}

/** Runs loaded pipelines in this process. Returns the exit code. */
export async function runPipelines(
  pipelines: readonly Pipeline[],
  settings: Settings,
  { once, worker, faults = new PluginFaults(), watching }: RunMode,
): Promise<number> {
  const view: { display?: Display } = {};
  const log = loggerFor(settings, (line) => {
    if (view.display === undefined) process.stderr.write(line);
    else view.display.write(line);
  });
  faults.tell((plugin, message) => log.warn(message, { plugin }));
  if (faults.hasPlugins || watching !== undefined) outliveStrayErrors({ faults, log });
  const stop = new StopSignal({ log, worker });
  const { signal } = stop;
  const instance = Instance.acquire(settings.dataDirectory);
  let embedded: EmbeddedCluster | undefined;
  try {
    if (settings.kafka.mode === 'embedded') {
      embedded = await startEmbedded(log);
      sayEmbedded(pipelines, log);
    }
    const brokers = embedded?.brokers ?? settings.kafka.brokers;
    const kafka = kafkaFor(settings, log, brokers);
    if (kafka.fallbackReason !== undefined && settings.kafka.batches === 'auto') {
      log.warn(`records cross record by record, which is slower: ${kafka.fallbackReason}`);
    }
    const crashAt = process.env['MILLRACE_TEST_CRASH_AT'];
    const pass = crashAt === undefined ? noFaults : faultAt(crashAt);
    const random = Math.random;
    const awaitsSwaps = watching !== undefined;
    const engine = new Engine({ pipelines, settings, kafka, instance, once, awaitsSwaps, clock: systemClock, random, log, pass });
    stop.waitsFor(() => ({ hasBegun: engine.started, tasks: engine.atWork }));
    const api = await serve(engine, settings, { slot: instance.slot, once, log, faults });
    const display = new Display(engine, displayOptions(settings, { worker, slot: instance.slot, log }));
    view.display = display;
    display.start();
    // The clock's timer ends with the run; a bounded run is over before it matters.
    const done = new AbortController();
    if (!once) keepOldSpaceSmall(systemClock, done.signal);
    let ending = 'Failed';
    const show = (text: string): void => display.write(text);
    const watched =
      watching &&
      watchPipelines(
        { ...watching, engine, registry, environment, faults, clock: systemClock, log, show },
        AbortSignal.any([signal, done.signal]),
      );
    try {
      const good = await engine.run(signal);
      ending = signal.aborted ? 'Stopped' : good ? 'Done' : 'Failed';
      return good ? Exit.done : Exit.failed;
    } finally {
      done.abort();
      await watched;
      await display.finish(ending);
      delete view.display;
      await api?.close();
    }
  } finally {
    instance.release();
    await embedded?.close();
  }
}

function displayOptions(settings: Settings, at: { worker: boolean; slot: number; log: Logger }): DisplayOptions {
  const { worker, slot, log } = at;
  return {
    live: !worker,
    label: worker ? `instance ${slot + 1}: ` : '',
    log: settings.log.format === 'json' ? (line) => log.info(line) : undefined,
  };
}

/** Serves health and metrics; each process of a host on a port of its own. A port in use stops nothing. */
async function serve(
  engine: Engine,
  settings: Settings,
  { slot, once, log, faults }: { slot: number; once: boolean; log: Logger; faults: PluginFaults },
): Promise<ApiServer | undefined> {
  const { enabled, host, port } = settings.admin;
  if (!enabled) return undefined;
  try {
    const metrics = createMetrics(
      () => engine.stats,
      () => faults.counts,
    );
    const api = await startApi(engine, metrics, { host, port: port === 0 ? 0 : port + slot });
    if (!once) log.info(`health and metrics at http://${api.address}/healthz, /readyz and /metrics`);
    return api;
  } catch (error) {
    log.warn(`${reasonOf(error)}; running without`);
    return undefined;
  }
}

function sayEmbedded(pipelines: readonly Pipeline[], log: Logger): void {
  log.info(
    'the embedded broker is for trying out: it lives in this process, keeps the newest 5 MB of a partition in memory, and has no real transactions, ' +
      'so delivery is at least once',
  );
  const asked = pipelines.flatMap(({ topics }) => topics).filter(({ external, partitions }) => !external && partitions !== 4);
  if (asked.length > 0) {
    log.warn(
      `the embedded broker gives every topic 4 partitions; not honoured: ${asked.map(({ name, partitions }) => `${name} (${partitions})`).join(', ')}`,
    );
  }
}
