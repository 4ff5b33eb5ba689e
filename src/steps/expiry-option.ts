import type { z } from 'zod';
import { duration } from '../sdk/schema.ts';

/** How long a key is remembered without records: longer than 0. */
export function expiryOption(): z.ZodType<number, string> {
  return duration().refine((ms) => ms > 0, { error: 'must be longer than 0' });
}
