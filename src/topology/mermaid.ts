import type { NodeDescription, PipelineDescription } from './describe.ts';
import type { StageDescription } from './describe-stages.ts';

/** A pipeline as a Mermaid flowchart, which GitHub and editors draw. */
export function toMermaid({ name, topics, nodes }: PipelineDescription): string {
  const topicIds = new Map(topics.map((topic, i) => [topic.name, `t${i}`]));
  const lines = ['---', `title: ${name}`, '---', 'flowchart LR'];
  for (const topic of topics) {
    const details = topic.external ? 'external' : `${topic.partitions} ${topic.partitions === 1 ? 'partition' : 'partitions'}`;
    lines.push(`  ${topicIds.get(topic.name)}[(${label([topic.name, details])})]`);
  }
  for (const [i, node] of nodes.entries()) {
    if (node.stages !== undefined) lines.push(...stageLines(node.stages, `n${i}`, topicIds));
    else lines.push(...nodeLines(node, `n${i}`, topicIds));
  }
  lines.push(
    '  classDef source fill:#e6f4ea,stroke:#34a853,color:#111',
    '  classDef stream fill:#e8f0fe,stroke:#4285f4,color:#111',
  );
  lines.push('  classDef sink fill:#fef7e0,stroke:#f9ab00,color:#111');
  if (nodes.some(({ stages }) => stages !== undefined)) lines.push('  classDef internal stroke-dasharray:4 3');
  return `${lines.join('\n')}\n`;
}

type TopicIds = Map<string, string>;

function nodeLines(node: NodeDescription, id: string, topicIds: TopicIds): string[] {
  const [open, close] = SHAPES[node.kind];
  return [
    `  ${id}${open}${label(textsOf(node))}${close}:::${node.kind}`,
    ...node.from.map((from) => `  ${topicIds.get(from)} --> ${id}`),
    ...node.to.map((to) => `  ${id} --> ${topicIds.get(to)}`),
  ];
}

/** A stream's stages, with the topics between them and those of their state. */
function stageLines(stages: readonly StageDescription[], id: string, topicIds: TopicIds): string[] {
  const [open, close] = SHAPES.stream;
  return stages.flatMap(({ name, inputs, tables = [], steps, to, repartition, changelog }, i) => {
    const stage = `${id}_${i}`;
    const texts = [name, ...steps.map((step) => (step.part === undefined ? step.id : `${step.id} (${step.part})`))];
    const lines = [`  ${stage}${open}${label(texts)}${close}:::stream`];
    const internal = (topic: string, as: string, details: readonly string[]): void => {
      topicIds.set(topic, as);
      lines.push(`  ${as}[(${label([topic, ...details])})]:::internal`);
    };
    if (repartition !== undefined) {
      const by = repartition.by.length === 0 ? 'one partition' : `by ${repartition.by.join(', ')}`;
      internal(to[0] as string, `${stage}r`, [by]);
    }
    for (const { topic, joinedBy } of inputs) {
      lines.push(`  ${topicIds.get(topic)} -->${joinedBy === undefined ? '' : `|${joinedBy}|`} ${stage}`);
    }
    for (const table of tables) lines.push(`  ${topicIds.get(table)} -.->|table| ${stage}`);
    for (const topic of to) lines.push(`  ${stage} --> ${topicIds.get(topic)}`);
    if (changelog !== undefined) {
      internal(changelog, `${stage}c`, []);
      lines.push(`  ${stage} -.- ${stage}c`);
    }
    return lines;
  });
}

const SHAPES: Readonly<Record<NodeDescription['kind'], readonly [string, string]>> = {
  source: ['([', '])'],
  stream: ['[', ']'],
  sink: ['[[', ']]'],
};

function textsOf({ name, connector, steps }: NodeDescription): string[] {
  return [name, ...(connector === undefined ? [] : [connector.type]), ...steps.map((step) => step.id)];
}

/** Names are plain, but a topic that somebody else named may hold anything that Mermaid would read. */
function label(lines: readonly string[]): string {
  return `"${lines.map((line) => line.replaceAll(/["&<>#]/g, (character) => `#${character.charCodeAt(0)};`)).join('<br/>')}"`;
}
