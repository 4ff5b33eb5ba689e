import { NO_WATERMARK } from '../../sdk/operator.ts';
import type { Marker } from '../../stream/time/merged-clock.ts';
import type { Flow } from './flow.ts';
import type { StateUnit } from './state-unit.ts';

/** What the stage behind is told of a unit, which has so many partitions. */
export function markerOf(unit: StateUnit, partitions: number): Marker {
  const { name, partition, passed, silent } = unit;
  return {
    topic: name,
    partition,
    partitions,
    ...(passed === NO_WATERMARK ? {} : { watermark: passed }),
    ...(silent ? { silent } : {}),
  };
}

/** Goes on with units that a full micro-batch has left behind. True where this one is full before all have caught up. */
export function goOn(units: Iterable<StateUnit>, flow: Flow): boolean {
  for (const unit of units) {
    if (!unit.isBehind) continue;
    // Where it stands is stored anew, and told to the stage behind.
    unit.timeChanged = true;
    unit.markerDue = true;
    flow.advance(unit);
    if (unit.isBehind) return true;
  }
  return false;
}
