import type { WindowCounters } from '../../sdk/operator.ts';
import type { ComponentStats } from '../../telemetry/stats.ts';
import type { OperatorElement } from '../../topology/waiting-steps.ts';
import type { StateUnit } from './state-unit.ts';

/** Lets metrics see what the steps with state hold and count, and what event time has come to. */
export function showUnits(
  stats: ComponentStats,
  {
    units,
    operators,
    counters,
  }: {
    readonly units: ReadonlyMap<string, StateUnit>;
    readonly operators: readonly OperatorElement[];
    readonly counters: readonly WindowCounters[];
  },
): void {
  stats.steps = operators.map(({ step }, number) => ({
    step: step.id,
    pairs: counters[number] as WindowCounters,
    entries: () => [...units.values()].reduce((sum, unit) => sum + (unit.operators[number]?.size ?? 0), 0),
  }));
  stats.watermark = () => {
    const least = Math.min(...[...units.values()].map(({ watermark }) => watermark));
    return Number.isFinite(least) ? least : undefined;
  };
}
