import { groupKey } from '../sdk/group-key.ts';
import { defineStatefulStep, type Grouping, type OperatorContext, type PartitionOperator } from '../sdk/operator.ts';
import { CompiledOption } from '../sdk/option.ts';
import { IntervalJoin } from '../stream/join/interval-join.ts';
import { TableJoin } from '../stream/join/table-join.ts';
import { groupedBy } from './group-options.ts';
import { joinedType } from './join/joined-type.ts';
import { keyOf, plainPath } from './join/keys.ts';
import { type JoinOptions, options } from './join/options.ts';
import { lateTopics } from './late-option.ts';

/** The form of what an interval join stores. Raised when that changes. */
const STATE_VERSION = 1;

export const join = defineStatefulStep<JoinOptions>({
  kind: 'join',
  summary: 'Joins the records of the stream with those of another, or with a table.',
  description: [
    '`with` joins two streams: every pair of records with the same key that are near enough in event time, as soon as both are there.',
    'The result is the value of the record of the stream with that of the other in the field `as`; its time (and `@timestamp`) is the later of both, its Kafka key the join key.',
    '`left` and `outer` have records that met no other as results too, once the watermark has passed the time in which one could come.',
    '`table` puts the last value that a topic has for the key into the record, which goes on as it is otherwise.',
  ].join(' '),
  options,
  changesValue: true,
  readsValue: true,
  yields: joinedType,
  topics: ({ late }) => lateTopics(late),
  routesAll: () => false,
  examples: [
    'join: { with: payments, within: 10m, on: order.id, type: left, as: payment, late: dead_letter }',
    'join: { with: payments, within: { before: 0s, after: 1h }, on: { left: order.id, right: order_id }, as: payment }',
    'join: { table: customers, on: customer.id, type: left, as: customer }',
  ],
  state: {
    grouping: (given, side) => groupingBy(keyOf(given, side)),
    fingerprint: ({ with: topic, within, on, type }) =>
      topic === undefined
        ? 'table'
        : [
            'interval',
            STATE_VERSION,
            topic,
            intervalOf(within),
            on instanceof CompiledOption ? on.text : [on.left.text, on.right.text],
            type,
          ],
    create: (given, context) => (given.table === undefined ? intervalJoin(given, context) : tableJoin(given, context)),
    joins: (given) => given.with,
    table: ({ table, max_records: maxKeys }) => (table === undefined ? undefined : { topic: table, maxKeys }),
  },
});

function intervalJoin(given: JoinOptions, context: OperatorContext): PartitionOperator {
  const { type, as, late, max_records: maxRecords } = given;
  const left = keyOf(given, 'main');
  const right = keyOf(given, 'joined');
  const [before, after] = intervalOf(given.within);
  const fields = { as, leftKey: plainPath(left.text), rightKey: plainPath(right.text) };
  return new IntervalJoin(
    { before, after, type, fields, late, maxRecords, leftKey: left.evaluate, rightKey: right.evaluate },
    context,
  );
}

function tableJoin(given: JoinOptions, context: OperatorContext): PartitionOperator {
  const { type, as } = given;
  return new TableJoin({ type: type === 'inner' ? 'inner' : 'left', as, key: keyOf(given, 'main').evaluate }, context);
}

/** How long before and after, in ms. */
function intervalOf(within: JoinOptions['within']): [number, number] {
  if (typeof within === 'object') return [within.before, within.after];
  return [within ?? 0, within ?? 0];
}

function groupingBy({ text, evaluate }: CompiledOption): Grouping {
  return groupedBy([text.trim()], (record) => {
    const key = evaluate(record) ?? null;
    return key === null ? null : groupKey([key]);
  });
}
