import type { WindowCounters } from '../sdk/operator.ts';
import { PluginMetrics } from './plugin-metrics.ts';

/** What a step with state holds and has counted. */
export interface StepStats {
  readonly step: string;
  readonly pairs: Readonly<WindowCounters>;
  /** Entries of its state in this process. */
  entries(): number;
}

/** What a component has done since this process started. Counted per batch, read by progress, health and metrics. */
export class ComponentStats {
  readonly pipeline: string;
  readonly component: string;
  readonly kind: 'source' | 'stream' | 'sink';
  recordsIn = 0;
  bytesIn = 0;
  recordsOut = 0;
  dropped = 0;
  deadLetters = 0;
  duplicates = 0;
  /** Bytes of a source's inputs that were gone before they could be read. */
  lostBytes = 0;
  retries = 0;
  commits = 0;
  commitSeconds = 0;
  restarts = 0;
  /** Records not yet committed, by the last look; -1 before the first. */
  lag = -1;
  /** A sink's writes that may be in flight now; -1 before the first, and where there are none. */
  concurrency = -1;
  /** What its plugins count. */
  readonly pluginMetrics = new PluginMetrics();
  /** Its steps with state, while it runs. */
  steps: readonly StepStats[] = [];
  /** The event time, in ms, that all of its partitions in this process have passed; undefined where none is known. */
  watermark: () => number | undefined = () => undefined;
  state: ComponentState = 'starting';
  /** Why it is in that state, where there is something to say. */
  reason = '';

  constructor(names: { pipeline: string; component: string; kind: 'source' | 'stream' | 'sink' }) {
    this.pipeline = names.pipeline;
    this.component = names.component;
    this.kind = names.kind;
  }
}

/**
 * `retrying`: something outside fails and is tried again. `failed`: it has stopped, and a human must act. `finished`:
 * its input has ended.
 */
export type ComponentState = 'starting' | 'running' | 'retrying' | 'failed' | 'finished' | 'stopped';
