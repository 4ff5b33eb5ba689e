import type { Calendar } from './calendar.ts';
import type { Customers } from './customer.ts';
import type { Lulls } from './lulls.ts';
import type { Whereabouts } from './whereabouts.ts';

/** What all transactions of one seed happen in. */
export interface World {
  readonly seed: number;
  /** Ms since 1970. */
  readonly start: number;
  readonly calendar: Calendar;
  readonly customers: Customers;
  readonly whereabouts: Whereabouts;
  readonly lulls: Lulls;
}
