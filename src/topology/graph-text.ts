import type { NodeDescription, PipelineDescription, TopicDescription } from './describe.ts';
import type { StageDescription } from './describe-stages.ts';

/** A pipeline as text for a terminal. */
export function toText({ name, description, delivery, deadLetters, topics, nodes }: PipelineDescription): string {
  const parts = [
    [
      `pipeline ${name} (${words(delivery)})`,
      ...(description === undefined ? [] : [`  ${description.trim().replaceAll(/\s+/g, ' ')}`]),
    ],
    section(
      'topics',
      topics.map((topic) => [topic.name, topicText(topic)]),
    ),
    ...(['source', 'stream', 'sink'] as const).map((kind) =>
      section(
        `${kind}s`,
        nodes.filter((node) => node.kind === kind).map((node) => [node.name, nodeText(node), ...stageTexts(node)]),
      ),
    ),
    [`dead letters go to ${deadLetters}`],
  ];
  return `${parts
    .filter((part) => part.length > 0)
    .map((part) => part.join('\n'))
    .join('\n\n')}\n`;
}

/** Rows of a name, its text, and more lines that stand below it. */
function section(title: string, rows: readonly (readonly [name: string, text: string, ...more: string[]])[]): string[] {
  const width = Math.max(0, ...rows.map(([name]) => name.length));
  const lines = rows.flatMap(([name, text, ...more]) => [
    `  ${name.padEnd(width)}  ${text}`,
    ...more.map((line) => `  ${' '.repeat(width)}    ${line}`),
  ]);
  return rows.length === 0 ? [] : [title, ...lines];
}

function topicText({ partitions, replication, retentionMs, cleanup, external, codec }: TopicDescription): string {
  if (external) return codec === 'json' ? 'external' : `external, ${codec}`;
  const texts = [`${partitions} ${partitions === 1 ? 'partition' : 'partitions'}`];
  if (replication !== undefined) texts.push(`replication ${replication}`);
  if (retentionMs !== undefined) texts.push(`kept ${span(retentionMs)}`);
  if (cleanup === 'compact') texts.push('compacted');
  if (codec !== 'json') texts.push(codec);
  return texts.join(', ');
}

function nodeText({ kind, connector, from, to, steps, delivery }: NodeDescription): string {
  const stages = [
    kind === 'source' ? (connector?.type ?? '') : from.join(' + '),
    ...(steps.length === 0 ? [] : [`[${steps.map((step) => step.id).join(', ')}]`]),
    kind === 'sink' ? (connector?.type ?? '') : to.join(' | '),
  ];
  return `${stages.join(' -> ')} (${words(delivery)})`;
}

function stageTexts({ stages = [] }: NodeDescription): string[] {
  return stages.flatMap((stage) => [
    `${stages.length > 1 ? `${stage.name}: ` : ''}${stageText(stage)}`,
    ...(stage.changelog === undefined ? [] : [`  state in ${stage.changelog}`]),
  ]);
}

function stageText({ inputs, tables = [], steps, to, repartition }: StageDescription): string {
  const read = [
    ...inputs.map(({ topic, joinedBy }) => (joinedBy === undefined ? topic : `${topic} (for ${joinedBy})`)),
    ...tables.map((table) => `${table} (table)`),
  ];
  const done = steps.map(({ id, part }) => (part === undefined ? id : `${id} ${part}`));
  const [first, ...rest] = to;
  const written = [
    ...(first === undefined ? [] : [repartition === undefined ? first : `${first} ${spread(repartition)}`]),
    ...rest,
  ];
  return [read.join(' + '), ...(done.length === 0 ? [] : [`[${done.join(', ')}]`]), written.join(' | ')].join(' -> ');
}

function spread({ by }: NonNullable<StageDescription['repartition']>): string {
  return by.length === 0 ? '(into one partition)' : `(by ${by.join(', ')})`;
}

function words(delivery: NodeDescription['delivery']): string {
  return delivery.replaceAll('_', ' ');
}

const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
  ['ms', 1],
] as const;

/** A span in the largest unit that fits it exactly. */
function span(ms: number): string {
  const [unit, length] = UNITS.find(([, size]) => ms % size === 0) ?? ['ms', 1];
  return `${ms / length}${unit}`;
}
