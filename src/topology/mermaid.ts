import type { NodeDescription, PipelineDescription } from './describe.ts';

/** A pipeline as a Mermaid flowchart, which GitHub and editors draw. */
export function toMermaid({ name, topics, nodes }: PipelineDescription): string {
  const topicIds = new Map(topics.map((topic, i) => [topic.name, `t${i}`]));
  const lines = ['---', `title: ${name}`, '---', 'flowchart LR'];
  for (const topic of topics) {
    const details = topic.external ? 'external' : `${topic.partitions} ${topic.partitions === 1 ? 'partition' : 'partitions'}`;
    lines.push(`  ${topicIds.get(topic.name)}[(${label([topic.name, details])})]`);
  }
  for (const [i, node] of nodes.entries()) {
    const [open, close] = SHAPES[node.kind];
    lines.push(`  n${i}${open}${label(textsOf(node))}${close}:::${node.kind}`);
    for (const from of node.from) lines.push(`  ${topicIds.get(from)} --> n${i}`);
    for (const to of node.to) lines.push(`  n${i} --> ${topicIds.get(to)}`);
  }
  lines.push(
    '  classDef source fill:#e6f4ea,stroke:#34a853,color:#111',
    '  classDef stream fill:#e8f0fe,stroke:#4285f4,color:#111',
  );
  lines.push('  classDef sink fill:#fef7e0,stroke:#f9ab00,color:#111');
  return `${lines.join('\n')}\n`;
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
