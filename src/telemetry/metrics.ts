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

const LABELS = ['pipeline', 'component', 'kind'] as const;

/** The Prometheus registry over the components' numbers. Nothing is counted twice: it reads them when it is scraped. */
export function createMetrics(stats: () => readonly ComponentStats[]): Registry {
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
  return registry;
}

function labelsOf({ pipeline, component, kind }: ComponentStats): Record<(typeof LABELS)[number], string> {
  return { pipeline, component, kind };
}
