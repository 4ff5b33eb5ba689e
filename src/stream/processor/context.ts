import { reasonOf } from '../../errors/index.ts';
import type { Clock } from '../../sdk/clock.ts';
import type { KeyedState, Timers } from '../../sdk/keyed-state.ts';
import type { Logger } from '../../sdk/logger.ts';
import type { Metrics } from '../../sdk/metrics.ts';
import type { ProcessorContext, ProcessorWork } from '../../sdk/processor.ts';
import { newRecord } from '../../sdk/processor-record.ts';

/** Where a processor is at work. */
export interface ProcessorPlace {
  readonly pipeline: string;
  readonly component: string;
  readonly id: string;
  readonly partition: number;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Metrics;
}

/** Lets a processor free what it holds. Nothing of its records is left by then, so that what it throws costs nothing. */
export function closeWork(work: ProcessorWork, { component, id, log }: ProcessorPlace): void {
  try {
    work.close?.();
  } catch (error) {
    log.warn('closing a processor', { task: component, step: id, reason: reasonOf(error) });
  }
}

export function contextOf(
  place: ProcessorPlace,
  { state, timers }: { readonly state: KeyedState; readonly timers: Timers },
  signal: () => AbortSignal,
): ProcessorContext {
  const { pipeline, component, id, partition, clock, log, metrics } = place;
  return {
    ...{ pipeline, component, id, partition, clock, log, metrics, state, timers },
    get signal() {
      return signal();
    },
    record: (record) => newRecord(record, partition),
  };
}
