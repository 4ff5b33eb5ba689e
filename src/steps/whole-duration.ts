import type { z } from 'zod';
import { duration } from '../sdk/schema.ts';

/** A duration of at least 1 ms, without fractions of one: what deadlines in event time are made of. */
export function wholeDuration(): z.ZodType<number, string> {
  return duration().refine((ms) => Number.isInteger(ms) && ms > 0, { error: 'must be a whole number of ms, and at least 1' });
}
