import { reasonOf } from '../errors/index.ts';
import type { Logger } from '../sdk/logger.ts';
import { noMetrics } from '../sdk/metrics.ts';
import type { Sink } from '../sdk/sink.ts';
import type { ComponentStats } from '../telemetry/stats.ts';
import type { SinkNode } from '../topology/types.ts';
import type { Backoff } from './backoff.ts';
import type { TaskEnvironment } from './task.ts';

/** A destination that stays away is spoken of at every so many tries. */
const REMIND_TRIES = 8;

/** Makes the sink of a node, to deliver. */
export function createSink(node: SinkNode, { pipeline, settings, clock, log, metrics }: TaskEnvironment): Sink {
  const own = metrics?.of('') ?? noMetrics;
  const context = { name: node.name, pipeline: pipeline.name, host: settings.host, probing: false, clock, log, metrics: own };
  return node.connector.create(node.config, context);
}

/** Connects to a destination, however long that takes. Settles early when the signal is aborted. */
export async function openSink(
  sink: Sink,
  by: { stats: ComponentStats; backoff: Backoff; log: Logger },
  signal: AbortSignal,
): Promise<void> {
  const { stats, backoff, log } = by;
  while (!signal.aborted) {
    try {
      await sink.open(signal);
      backoff.reset();
      return;
    } catch (error) {
      if (signal.aborted) return;
      stats.state = 'retrying';
      stats.reason = reasonOf(error);
      if (backoff.tries % REMIND_TRIES === 0)
        log.warn(`${stats.reason}; it is tried again until it succeeds`, { sink: stats.component });
      await backoff.wait(signal);
    }
  }
}
