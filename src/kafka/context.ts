import type { Clock } from '../sdk/clock.ts';
import type { Logger } from '../sdk/logger.ts';
import type { NativeAddon } from './native.ts';
import type { KafkaConnection } from './types.ts';

/** What every client of one cluster is made with. */
export interface ClientContext {
  readonly connection: KafkaConnection;
  readonly log: Logger;
  readonly clock: Clock;
  /** Absent on the fallback path. */
  readonly native: NativeAddon | undefined;
}
