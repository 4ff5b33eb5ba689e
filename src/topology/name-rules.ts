import type { ErrorCode, ErrorParameters } from '../errors/index.ts';

export interface NameProblem {
  readonly code: ErrorCode;
  readonly parameters: ErrorParameters;
}

/**
 * Names of pipelines, nodes and steps are joined by dots into names of groups and topics, so that they have none
 * themselves: the stream `b.c` of `a` and the stream `c` of `a.b` would share a consumer group.
 */
const PART = /^[a-z0-9][a-z0-9_-]*$/;
const PART_RULE = 'lower case letters, digits, "-" and "_", beginning with a letter or digit';
const LONGEST_PART = 64;

/** What Kafka takes for a topic (org.apache.kafka.common.internals.Topic). */
const TOPIC = /^[a-zA-Z0-9._-]+$/;
const LONGEST_TOPIC = 249;

/** What groups and internal topics begin with where the settings do not say otherwise. */
export const DEFAULT_NAMESPACE = 'millrace';

/** Parts that stand for something else in names of topics: `<ns>.positions`, `<ns>.meta`, `<ns>.<pipeline>.dead`. */
const RESERVED_PARTS: Readonly<Record<string, string>> = {
  positions: 'Millrace keeps the positions of sources under it',
  meta: 'Millrace keeps what it knows of topics under it',
  dead: 'the dead letters of a pipeline are under it',
};

/** What is wrong with the name of a pipeline, source, stream or sink, if anything. */
export function nodeNameProblem(what: string, name: string): NameProblem | undefined {
  const quoted = JSON.stringify(name);
  if (!PART.test(name)) return { code: 'GRAPH_INVALID_NAME', parameters: { what, name: quoted, rule: PART_RULE } };
  if (name.length > LONGEST_PART)
    return { code: 'GRAPH_INVALID_NAME', parameters: { what, name: quoted, rule: `at most ${LONGEST_PART} characters` } };
  const reason = Object.hasOwn(RESERVED_PARTS, name) ? RESERVED_PARTS[name] : undefined;
  return reason === undefined ? undefined : { code: 'GRAPH_RESERVED_NAME', parameters: { what, name: quoted, reason } };
}

/** What is wrong with a step's id, if anything. */
export function stepIdProblem(id: string): NameProblem | undefined {
  if (PART.test(id) && id.length <= LONGEST_PART) return undefined;
  return { code: 'GRAPH_INVALID_NAME', parameters: { what: 'the step id', name: JSON.stringify(id), rule: PART_RULE } };
}

/** What is wrong with a topic's name, if anything. */
export function topicNameProblem(name: string, external = false): NameProblem | undefined {
  const parameters = { what: 'the topic', name: JSON.stringify(name) };
  if (!TOPIC.test(name) || name === '.' || name === '..') {
    return { code: 'GRAPH_INVALID_NAME', parameters: { ...parameters, rule: 'Kafka takes letters, digits, ".", "_" and "-"' } };
  }
  if (name.length > LONGEST_TOPIC) {
    return { code: 'GRAPH_INVALID_NAME', parameters: { ...parameters, rule: `Kafka takes at most ${LONGEST_TOPIC} characters` } };
  }
  if (name.startsWith('__'))
    return { code: 'GRAPH_RESERVED_NAME', parameters: { ...parameters, reason: 'Kafka keeps its own topics under "__"' } };
  if (!external && name.startsWith(`${DEFAULT_NAMESPACE}.`)) {
    const reason = `Millrace keeps its own topics under "${DEFAULT_NAMESPACE}."; to read one of them, declare it with "external: true"`;
    return { code: 'GRAPH_RESERVED_NAME', parameters: { ...parameters, reason } };
  }
  return undefined;
}
