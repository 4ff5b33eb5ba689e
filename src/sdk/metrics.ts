/** A number that only grows. */
export interface Counter {
  inc(by?: number): void;
}

/** A number that goes up and down. */
export interface Gauge {
  set(value: number): void;
}

/**
 * Numbers of a plugin's own, in `/metrics` as `millrace_plugin_counter_total` and `millrace_plugin_gauge`, by pipeline, component,
 * step and name. A name has small letters, digits and `_`, up to 60 characters, and a component up to 50 of them: never make one of
 * data. All partitions in a process share them.
 */
export interface Metrics {
  /** Throws PLUGIN_METRIC for a name that cannot be. */
  counter(name: string): Counter;
  gauge(name: string): Gauge;
}

const NOTHING = { inc: () => undefined, set: () => undefined };

/** Metrics that nobody looks at. */
export const noMetrics: Metrics = { counter: () => NOTHING, gauge: () => NOTHING };
