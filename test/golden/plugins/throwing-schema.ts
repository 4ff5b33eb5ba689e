import { defineProcessor } from 'millrace/sdk';
import { z } from 'zod';

export const picky = defineProcessor({
  kind: 'picky',
  summary: 'Its schema throws.',
  options: z.strictObject({}).refine((): boolean => {
    throw new Error('a refinement with a mistake');
  }),
  each: (record) => record,
});
