import { MillraceError } from '../errors/index.ts';
import type { Counter, Gauge, Metrics } from '../sdk/metrics.ts';

const NAME = /^[a-z][a-z0-9_]{0,59}$/;
/** Each is a time series of its own in the monitoring system. */
const MOST_NAMES = 50;

/** A number that a plugin keeps, as it is now. */
export interface PluginMetric {
  readonly kind: 'counter' | 'gauge';
  readonly step: string;
  readonly name: string;
  value: number;
}

/** The numbers that the plugins of a component keep. */
export class PluginMetrics {
  readonly #metrics = new Map<string, PluginMetric>();

  list(): Iterable<PluginMetric> {
    return this.#metrics.values();
  }

  /** Those of a step; of the connector where the id is empty. */
  of(step: string): Metrics {
    return {
      counter: (name) => this.#counter(this.#metric('counter', step, name)),
      gauge: (name) => this.#gauge(this.#metric('gauge', step, name)),
    };
  }

  #metric(kind: PluginMetric['kind'], step: string, name: string): PluginMetric {
    const key = `${kind} ${step} ${name}`;
    const known = this.#metrics.get(key);
    if (known !== undefined) return known;
    if (typeof name !== 'string' || !NAME.test(name))
      throw refused(kind, name, 'a name has small letters, digits and _, up to 60');
    if (this.#metrics.size >= MOST_NAMES)
      throw refused(kind, name, `the component has ${MOST_NAMES} already; never make a name of data`);
    const metric: PluginMetric = { kind, step, name, value: 0 };
    this.#metrics.set(key, metric);
    return metric;
  }

  #counter(metric: PluginMetric): Counter {
    return {
      inc: (by = 1) => {
        if (by > 0) metric.value += by;
      },
    };
  }

  #gauge(metric: PluginMetric): Gauge {
    return {
      set: (value) => {
        metric.value = Number(value);
      },
    };
  }
}

function refused(kind: string, name: unknown, reason: string): MillraceError {
  return new MillraceError('PLUGIN_METRIC', { kind, name: JSON.stringify(name) ?? 'nothing', reason });
}
