import type { ErrorCode, ErrorParameters } from '../errors/index.ts';
import { nodeNameProblem, topicNameProblem } from './name-rules.ts';

/**
 * The graph of a pipeline as far as it could be read. `At` is where something stands in the file: this module hands it
 * back and does not look into it.
 */
export interface GraphDraft<At> {
  readonly topics: readonly TopicDraft<At>[];
  readonly nodes: readonly NodeDraft<At>[];
  /** Topics that options name otherwise. */
  readonly mentions: readonly TopicRef<At>[];
}

export interface TopicDraft<At> {
  readonly name: string;
  readonly external: boolean;
  readonly at: At;
}

export interface TopicRef<At> {
  readonly topic: string;
  readonly at: At;
}

export interface NodeDraft<At> {
  readonly kind: 'source' | 'stream' | 'sink';
  readonly name: string;
  readonly at: At;
  readonly from: readonly TopicRef<At>[];
  /** Topics that its steps read beside: those of joins, and their tables. */
  readonly joined: readonly TopicRef<At>[];
  readonly to: readonly TopicRef<At>[];
  /** Whether all topics it writes are known: false where some of it could not be read. */
  readonly complete: boolean;
  /** Whether records may leave the last step that need a `to`. */
  readonly needsTo: boolean;
}

export interface GraphProblem<At> {
  readonly code: ErrorCode;
  readonly parameters: ErrorParameters;
  readonly at: At;
  readonly severity: 'error' | 'warning';
  /** What one of these names was probably meant to be. */
  readonly oneOf?: { readonly written: string; readonly names: readonly string[] };
  /** Where the other one of two stands. */
  readonly other?: At;
}

type Report<At> = (problem: GraphProblem<At>) => void;

/** Everything that can be wrong with a pipeline's graph. */
export function checkGraph<At>(draft: GraphDraft<At>): GraphProblem<At>[] {
  const problems: GraphProblem<At>[] = [];
  const report: Report<At> = (problem) => problems.push(problem);
  checkTopicNames(draft, report);
  checkNodeNames(draft, report);
  checkReferences(draft, report);
  checkFlow(draft, report);
  checkCycles(draft, report);
  return problems;
}

function checkTopicNames<At>(draft: GraphDraft<At>, report: Report<At>): void {
  const byMetricName = new Map<string, string>();
  for (const { name, external, at } of draft.topics) {
    const problem = topicNameProblem(name, external);
    if (problem !== undefined) report({ ...problem, at, severity: 'error' });
    const metricName = name.replaceAll('.', '_');
    const other = byMetricName.get(metricName);
    if (other !== undefined)
      report({ code: 'GRAPH_COLLIDING_TOPICS', parameters: { name: quote(name), other: quote(other) }, at, severity: 'error' });
    else byMetricName.set(metricName, name);
  }
}

function checkNodeNames<At>(draft: GraphDraft<At>, report: Report<At>): void {
  const byName = new Map<string, NodeDraft<At>>();
  for (const node of draft.nodes) {
    const problem = nodeNameProblem(`the ${node.kind}`, node.name);
    if (problem !== undefined) report({ ...problem, at: node.at, severity: 'error' });
    const other = byName.get(node.name);
    if (other === undefined) {
      byName.set(node.name, node);
      continue;
    }
    const parameters = { what: `the ${node.kind}`, name: quote(node.name), other: other.kind };
    report({ code: 'GRAPH_DUPLICATE_NAME', parameters, at: node.at, other: other.at, severity: 'error' });
  }
}

function checkReferences<At>(draft: GraphDraft<At>, report: Report<At>): void {
  const names = draft.topics.map((topic) => topic.name);
  const declared = new Set(names);
  const seen = new Set<At>();
  const references = [...draft.nodes.flatMap((node) => [...inputsOf(node), ...node.to]), ...draft.mentions];
  for (const { topic, at } of references) {
    if (declared.has(topic) || seen.has(at)) continue;
    seen.add(at);
    report({
      code: 'GRAPH_UNKNOWN_TOPIC',
      parameters: { topic: quote(topic) },
      at,
      severity: 'error',
      oneOf: { written: topic, names },
    });
  }
}

function checkFlow<At>(draft: GraphDraft<At>, report: Report<At>): void {
  const written = new Set(draft.nodes.flatMap((node) => node.to.map(({ topic }) => topic)));
  const used = new Set([
    ...written,
    ...draft.nodes.flatMap((node) => inputsOf(node).map(({ topic }) => topic)),
    ...draft.mentions.map(({ topic }) => topic),
  ]);
  const complete = draft.nodes.every((node) => node.complete);
  const ownTopics = new Map(draft.topics.filter((topic) => !topic.external).map((topic) => [topic.name, topic]));
  const isUnwritten = (topic: string): boolean => complete && ownTopics.has(topic) && !written.has(topic);
  for (const node of draft.nodes) {
    const label = `the ${node.kind} ${quote(node.name)}`;
    const inputs = new Set<string>();
    for (const { topic, at } of node.from) {
      const parameters = { node: label, topic: quote(topic) };
      if (inputs.has(topic)) report({ code: 'GRAPH_DUPLICATE_INPUT', parameters, at, severity: 'error' });
      else if (isUnwritten(topic)) report({ code: 'GRAPH_UNWRITTEN_TOPIC', parameters, at, severity: 'error' });
      inputs.add(topic);
    }
    for (const { topic, at } of node.joined) {
      const parameters = { node: label, topic: quote(topic) };
      // What stands in "from" too has been reported there.
      if (!inputs.has(topic) && isUnwritten(topic)) report({ code: 'GRAPH_UNWRITTEN_TOPIC', parameters, at, severity: 'error' });
    }
    if (node.needsTo) report({ code: 'GRAPH_NO_OUTPUT', parameters: { node: label }, at: node.at, severity: 'error' });
  }
  for (const { name, at } of draft.topics) {
    if (complete && !used.has(name))
      report({ code: 'GRAPH_UNUSED_TOPIC', parameters: { topic: quote(name) }, at, severity: 'warning' });
  }
}

interface Edge<At> {
  readonly from: string;
  readonly to: TopicRef<At>;
  readonly through: string;
}

/** Every cycle is reported once, at the output that closes it. */
function checkCycles<At>(draft: GraphDraft<At>, report: Report<At>): void {
  const edges = new Map<string, Edge<At>[]>();
  for (const node of draft.nodes) {
    for (const from of new Set(inputsOf(node).map(({ topic }) => topic))) {
      const list = edges.get(from) ?? [];
      edges.set(from, list);
      for (const to of node.to) list.push({ from, to, through: node.name });
    }
  }
  const done = new Set<string>();
  for (const topic of edges.keys()) visit({ topic, path: [], edges, done, report });
}

interface Visit<At> {
  readonly topic: string;
  readonly path: readonly Edge<At>[];
  readonly edges: ReadonlyMap<string, readonly Edge<At>[]>;
  readonly done: Set<string>;
  readonly report: Report<At>;
}

function visit<At>({ topic, path, edges, done, report }: Visit<At>): void {
  if (done.has(topic)) return;
  for (const edge of edges.get(topic) ?? []) {
    const next = edge.to.topic;
    const walked = [...path, edge];
    const begin = walked.findIndex((each) => each.from === next);
    if (begin === -1) {
      visit({ topic: next, path: walked, edges, done, report });
      continue;
    }
    const loop = walked.slice(begin).map((each) => `${each.from} -> (${each.through})`);
    report({ code: 'GRAPH_CYCLE', parameters: { path: `${loop.join(' -> ')} -> ${next}` }, at: edge.to.at, severity: 'error' });
  }
  done.add(topic);
}

function inputsOf<At>({ from, joined }: NodeDraft<At>): readonly TopicRef<At>[] {
  return [...from, ...joined];
}

function quote(name: string): string {
  return JSON.stringify(name);
}
