import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { ComponentStats } from './stats.ts';

type Numbers = { readonly [K in keyof ComponentStats]: ComponentStats[K] extends number ? K : never }[keyof ComponentStats];

const COUNTERS: readonly (readonly [name: string, help: string, field: Numbers])[] = [
  ['millrace_records_in_total', 'Records taken and committed.', 'recordsIn'],
  ['millrace_bytes_in_total', 'Bytes of keys and values taken and committed.', 'bytesIn'],
  ['millrace_records_out_total', 'Records written to topics or delivered.', 'recordsOut'],
  ['millrace_records_dropped_total', 'Records left out on purpose: by a filter, or by on_error: drop.', 'dropped'],
  ['millrace_dead_letters_total', 'Records that could not be processed or delivered, kept with their reason.', 'deadLetters'],
  ['millrace_lost_bytes_total', 'Bytes of inputs that were gone before they could be read.', 'lostBytes'],
  ['millrace_duplicates_total', 'Records that the destination already had from an earlier try.', 'duplicates'],
  ['millrace_retries_total', 'Tries made again after something outside failed.', 'retries'],
  ['millrace_commits_total', 'Micro-batches committed.', 'commits'],
  ['millrace_commit_seconds_total', 'Time spent committing, in seconds.', 'commitSeconds'],
  ['millrace_restarts_total', 'Times that the task was started again.', 'restarts'],
];

/** What becomes of a (record, window) pair: the outcomes add up to `millrace_window_pairs_total`. */
const PAIR_OUTCOMES = [
  ['assigned', 'assigned'],
  ['late_kept', 'lateKept'],
  ['late_routed', 'lateRouted'],
  ['late_dropped', 'lateDropped'],
  ['gap_dropped', 'gapDropped'],
] as const;

const LABELS = ['pipeline', 'component', 'kind'] as const;

const NO_FAULTS: ReadonlyMap<string, number> = new Map();

/**
 * The Prometheus registry over the components' numbers. Nothing is counted twice: it reads them when it is scraped.
 * `faults`: what plugins have done wrong, by their names.
 */
export function createMetrics(
  stats: () => readonly ComponentStats[],
  faults: () => ReadonlyMap<string, number> = () => NO_FAULTS,
): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  for (const [name, help, field] of COUNTERS) {
    new Counter({
      name,
      help,
      labelNames: LABELS,
      registers: [registry],
      collect() {
        this.reset();
        for (const one of stats()) this.inc(labelsOf(one), one[field]);
      },
    });
  }
  new Gauge({
    name: 'millrace_lag_records',
    help: 'Records behind the end of the input topics, by the last look.',
    labelNames: LABELS,
    registers: [registry],
    collect() {
      this.reset();
      for (const one of stats()) if (one.lag >= 0) this.set(labelsOf(one), one.lag);
    },
  });
  new Gauge({
    name: 'millrace_sink_concurrency',
    help: 'Writes that a sink may have in flight now: fewer than its concurrency where the destination takes no more.',
    labelNames: LABELS,
    registers: [registry],
    collect() {
      this.reset();
      for (const one of stats()) if (one.concurrency >= 0) this.set(labelsOf(one), one.concurrency);
    },
  });
  new Gauge({
    name: 'millrace_component_state',
    help: '1 for the state that the component is in.',
    labelNames: [...LABELS, 'state'],
    registers: [registry],
    collect() {
      this.reset();
      for (const one of stats()) this.set({ ...labelsOf(one), state: one.state }, 1);
    },
  });
  addStepMetrics(registry, stats);
  addPluginMetrics(registry, stats, faults);
  return registry;
}

function addStepMetrics(registry: Registry, stats: () => readonly ComponentStats[]): void {
  const labelNames = [...LABELS, 'step'];
  new Counter({
    name: 'millrace_window_pairs_total',
    help: 'Pairs of a record and a window that it falls into.',
    labelNames,
    registers: [registry],
    collect() {
      this.reset();
      for (const one of stats()) for (const { step, pairs } of one.steps) this.inc({ ...labelsOf(one), step }, pairs.pairs);
    },
  });
  new Counter({
    name: 'millrace_window_outcomes_total',
    help: 'What became of the pairs of a record and a window; late records are those behind the watermark of their own partition.',
    labelNames: [...labelNames, 'outcome'],
    registers: [registry],
    collect() {
      this.reset();
      for (const one of stats())
        for (const { step, pairs } of one.steps)
          for (const [outcome, field] of PAIR_OUTCOMES) this.inc({ ...labelsOf(one), step, outcome }, pairs[field]);
    },
  });
  new Gauge({
    name: 'millrace_state_entries',
    help: 'Entries of the state of a step, in this process.',
    labelNames,
    registers: [registry],
    collect() {
      this.reset();
      for (const one of stats()) for (const { step, entries } of one.steps) this.set({ ...labelsOf(one), step }, entries());
    },
  });
  new Gauge({
    name: 'millrace_watermark_seconds',
    help: 'The event time, in seconds since 1970, that all partitions of the component in this process have passed.',
    labelNames: LABELS,
    registers: [registry],
    collect() {
      this.reset();
      for (const one of stats()) {
        const watermark = one.watermark();
        if (watermark !== undefined) this.set(labelsOf(one), watermark / 1_000);
      }
    },
  });
}

function addPluginMetrics(
  registry: Registry,
  stats: () => readonly ComponentStats[],
  faults: () => ReadonlyMap<string, number>,
): void {
  const labelNames = [...LABELS, 'step', 'name'];
  const each = (kind: 'counter' | 'gauge', tell: (labels: Record<string, string>, value: number) => void): void => {
    for (const one of stats())
      for (const { step, name, value, ...metric } of one.pluginMetrics.list())
        if (metric.kind === kind) tell({ ...labelsOf(one), step, name }, value);
  };
  new Counter({
    name: 'millrace_plugin_counter_total',
    help: 'What plugins count, by the names that they give it.',
    labelNames,
    registers: [registry],
    collect() {
      this.reset();
      each('counter', (labels, value) => this.inc(labels, value));
    },
  });
  new Gauge({
    name: 'millrace_plugin_gauge',
    help: 'Numbers that plugins keep, by the names that they give them.',
    labelNames,
    registers: [registry],
    collect() {
      this.reset();
      each('gauge', (labels, value) => this.set(labels, value));
    },
  });
  new Counter({
    name: 'millrace_plugin_faults_total',
    help: 'What plugins have thrown, not finished in time, or given that cannot be.',
    labelNames: ['plugin'],
    registers: [registry],
    collect() {
      this.reset();
      for (const [plugin, count] of faults()) this.inc({ plugin }, count);
    },
  });
}

function labelsOf({ pipeline, component, kind }: ComponentStats): Record<(typeof LABELS)[number], string> {
  return { pipeline, component, kind };
}
