import type { NodeDescription, PipelineDescription } from './describe.ts';
import type { TopicNode } from './types.ts';

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
        nodes.filter((node) => node.kind === kind).map((node) => [node.name, nodeText(node)]),
      ),
    ),
    [`dead letters go to ${deadLetters}`],
  ];
  return `${parts
    .filter((part) => part.length > 0)
    .map((part) => part.join('\n'))
    .join('\n\n')}\n`;
}

function section(title: string, rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(0, ...rows.map(([name]) => name.length));
  return rows.length === 0 ? [] : [title, ...rows.map(([name, text]) => `  ${name.padEnd(width)}  ${text}`)];
}

function topicText({ partitions, replication, retentionMs, cleanup, external, codec }: TopicNode): string {
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
