import { defineProcessor } from 'millrace/sdk';
import { z } from 'zod';

export const idle = defineProcessor({ kind: 'idle', summary: 'A processor.', options: z.strictObject({}) });
