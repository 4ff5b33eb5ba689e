import type { ComponentStats } from '../../telemetry/stats.ts';
import { isStage, type TaskNode } from '../../topology/stages.ts';

const COUNTS = {
  records_in: 'recordsIn',
  records_out: 'recordsOut',
  dropped: 'dropped',
  dead_letters: 'deadLetters',
  duplicates: 'duplicates',
  retries: 'retries',
  restarts: 'restarts',
} as const;

const PAIRS = {
  pairs: 'pairs',
  assigned: 'assigned',
  late_kept: 'lateKept',
  late_routed: 'lateRouted',
  late_dropped: 'lateDropped',
  gap_dropped: 'gapDropped',
} as const;

interface Counted {
  readonly stats: ComponentStats;
  readonly node?: TaskNode;
}

/** The numbers of tasks: `sinks.search.records_out`, and of steps with state `streams.rates.window-1.late_dropped`. */
export function metricsOf(...groups: readonly (readonly Counted[])[]): ReadonlyMap<string, number> {
  const metrics = new Map<string, number>();
  const add = (name: string, count: number): void => {
    metrics.set(name, (metrics.get(name) ?? 0) + count);
  };
  for (const { stats, node } of groups.flat()) {
    const stream = node?.kind === 'stream' && isStage(node) ? node.stream : stats.component;
    const component = `${stats.kind}s.${stream}`;
    for (const [name, field] of Object.entries(COUNTS)) add(`${component}.${name}`, stats[field]);
    for (const step of stats.steps) {
      for (const [name, field] of Object.entries(PAIRS)) add(`${component}.${step.step}.${name}`, step.pairs[field]);
      add(`${component}.${step.step}.entries`, step.entries());
    }
  }
  return metrics;
}
