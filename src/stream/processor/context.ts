import type { Clock } from '../../sdk/clock.ts';
import type { KeyedState, Timers } from '../../sdk/keyed-state.ts';
import type { Logger } from '../../sdk/logger.ts';
import type { ProcessorContext } from '../../sdk/processor.ts';
import { newRecord } from '../../sdk/processor-record.ts';

/** Where a processor is at work. */
export interface ProcessorPlace {
  readonly pipeline: string;
  readonly component: string;
  readonly id: string;
  readonly partition: number;
  readonly clock: Clock;
  readonly log: Logger;
}

export function contextOf(
  place: ProcessorPlace,
  views: { readonly state: KeyedState; readonly timers: Timers },
): ProcessorContext {
  const { pipeline, component, id, partition, clock, log } = place;
  return { pipeline, component, id, partition, clock, log, ...views, record: (record) => newRecord(record, partition) };
}
