import { z } from 'zod';
import { duration, expression, fieldPath, topicName } from '../../sdk/schema.ts';
import { lateOption } from '../late-option.ts';

const MOST_RECORDS = 10_000_000;

export const options = z
  .strictObject({
    with: topicName()
      .optional()
      .describe('The topic whose records are joined with those of the stream, within a time. Give this or `table`.'),
    table: topicName()
      .optional()
      .describe('The topic whose last record of each Kafka key is looked up: its Kafka key must be the join key.'),
    on: z
      .union([
        expression(),
        z.strictObject({
          left: expression().describe('The join key of a record of the stream.'),
          right: expression().describe('The join key of a record of the topic that `with` names.'),
        }),
      ])
      .describe(
        'The join key: an expression that is evaluated on both sides, or one for each. Numbers are compared by their text; a record for which it is missing or null is joined with none.',
      ),
    within: z
      .union([
        duration(),
        z.strictObject({
          before: duration().describe("How much older than the stream's record the other may be."),
          after: duration().describe("How much younger than the stream's record the other may be."),
        }),
      ])
      .optional()
      .describe(
        '`with`: how far in event time two records that are joined may be apart, to either side or to each, both bounds included. It is also how long records are kept.',
      ),
    type: z
      .enum(['inner', 'left', 'outer'])
      .default('inner')
      .describe(
        'What is a result: `inner`, pairs only; `left`, also a record of the stream that was joined with none; `outer`, also one of the other topic. `table` takes `inner` and `left`: with `inner` a record whose key is not in the table is dropped.',
      ),
    as: fieldPath().describe("The field that the other side's value is put in."),
    late: lateOption('`with`: those that come when all that they could be joined with is complete'),
    max_records: z
      .number()
      .int()
      .min(1)
      .max(MOST_RECORDS)
      .default(1_000_000)
      .describe(
        'The most records that a partition keeps in memory, of both sides together: more are rejected. Of a table the most keys: more stop the task.',
      ),
  })
  .superRefine((given, context) => {
    const complain = (path: string[], message: string): void => context.addIssue({ code: 'custom', path, message });
    if ((given.with === undefined) === (given.table === undefined))
      complain([], 'give "with" (the topic of another stream) or "table" (a topic whose last record of each key is looked up)');
    if (given.with !== undefined && given.within === undefined)
      complain([], 'a join with a stream needs "within": how far apart in time two records may be, such as 10m');
    if (given.table === undefined) return;
    if (given.within !== undefined) complain(['within'], 'a table is looked up as it is when a record comes; leave it out');
    if (given.type === 'outer')
      complain(['type'], 'a table is never complete, so that none of its keys is ever unmatched: inner or left');
    if (given.late !== 'drop') complain(['late'], 'no record is late for a table; leave it out');
    if (isPair(given.on)) complain(['on'], "a table's key is its Kafka key; give one expression, for the stream's record");
  });

export type JoinOptions = z.output<typeof options>;

function isPair(on: unknown): boolean {
  return typeof on === 'object' && on !== null && 'left' in on;
}
