import type { Capture } from './capture.ts';
import { expand } from './expand.ts';
import { definitionsOf, type GrokOptions } from './grok.ts';

export type { CaptureType } from './capture.ts';

/** All that a pattern captures, which has passed `checkGrok`. */
export function expandedCaptures(pattern: string, options: Omit<GrokOptions, 'patterns'>): readonly Capture[] {
  return expand(pattern, definitionsOf(options)).captures;
}
