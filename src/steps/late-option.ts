import { z } from 'zod';
import { topicName } from '../sdk/schema.ts';

const OUTCOMES = ['drop', 'dead_letter'] as const;

/** What becomes of late records: `drop`, `dead_letter`, or a topic. */
export function lateOption(what: string): z.ZodType<string, string | undefined> {
  return z
    .union([z.enum(OUTCOMES), topicName()])
    .default('drop')
    .describe(
      `What becomes of late records, ${what}: \`drop\` (they are counted), \`dead_letter\`, or the name of a topic that they go to.`,
    );
}

/** The topics that late records go to. */
export function lateTopics(late: string): readonly string[] {
  return (OUTCOMES as readonly string[]).includes(late) ? [] : [late];
}
