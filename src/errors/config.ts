import { errorTable } from './definition.ts';

/** Errors of pipeline files and settings. Positions are said by the diagnostic that carries them. */
export const configErrors = errorTable({
  CONFIG_UNREADABLE: { message: 'reading the file {path}: {reason}', domain: 'user', retry: 'never' },
  CONFIG_TOO_LARGE: { message: 'the file has {bytes} bytes; at most {limit} are read', domain: 'user', retry: 'never' },
  CONFIG_YAML_SYNTAX: { message: 'this is not valid YAML: {reason}', domain: 'user', retry: 'never' },
  CONFIG_QUOTE: { message: 'quote this {what}: {quoted} ({reason})', domain: 'user', retry: 'never' },
  CONFIG_ANCHOR: {
    message:
      'YAML anchors and aliases are not used here; if {text} is meant as text, quote it: {quoted}; otherwise write the value out',
    domain: 'user',
    retry: 'never',
  },
  CONFIG_DUPLICATE_KEY: { message: 'the key {key} is there twice; the first is on line {line}', domain: 'user', retry: 'never' },
  CONFIG_INVALID_KEY: { message: '{key} cannot be a key: {reason}', domain: 'user', retry: 'never' },
  CONFIG_MISSING_VALUE: { message: '{key} has no value; {hint}', domain: 'user', retry: 'never' },
  CONFIG_NUMBER_TOO_LARGE: {
    message: 'the number {text} is too large to be kept exactly; put it in quotes to keep it as text',
    domain: 'user',
    retry: 'never',
  },
  CONFIG_VARIABLE_MISSING: {
    message: 'the environment variable {name} is not set; set it, or give a default: ${{name}:-default}',
    domain: 'user',
    retry: 'never',
  },
  CONFIG_VARIABLE_SYNTAX: {
    message: '{text} is no variable: write ${NAME}, ${NAME:-default} (upper case) or ${file:/path}; for a literal ${ write $${',
    domain: 'user',
    retry: 'never',
  },
  CONFIG_SECRET_UNREADABLE: { message: 'reading the secret file {path}: {reason}', domain: 'user', retry: 'never' },
  CONFIG_UNKNOWN_KEY: { message: 'unknown key {key} in {place}', domain: 'user', retry: 'never' },
  CONFIG_UNKNOWN_STEP: { message: 'there is no step {key}{instead}', domain: 'user', retry: 'never' },
  CONFIG_UNKNOWN_CONNECTOR: {
    message: 'there is no {kind} connector or option {key}; connectors: {known}',
    domain: 'user',
    retry: 'never',
  },
  CONFIG_MISSING_KEY: { message: '{place} needs the key {key}', domain: 'user', retry: 'never' },
  CONFIG_WRONG_TYPE: { message: '{key} must be {expected}, not {got}', domain: 'user', retry: 'never' },
  CONFIG_INVALID_VALUE: { message: '{key}: {reason}', domain: 'user', retry: 'never' },
  CONFIG_NOT_A_STEP: {
    message: 'a step is one key with its options, such as "parse: json", beside {common}; this is {got}',
    domain: 'user',
    retry: 'never',
  },
  CONFIG_NO_CONNECTOR: { message: '{node} has no connector: give one of {known}', domain: 'user', retry: 'never' },
  CONFIG_TWO_KINDS: { message: '{node} can only have one of {first} and {second}', domain: 'user', retry: 'never' },
  CONFIG_CONSTANT_KEY: {
    message: 'partition_by is the same text for all records, so that all go to one partition; to use a field write {quoted}',
    domain: 'user',
    retry: 'never',
  },
  CONFIG_SCHEMA: { message: 'the schema: {reason}', domain: 'user', retry: 'never' },
  CONFIG_TEXT_SCHEMA: {
    message: 'a topic with "codec: text" has one text a record, the field "message", and no schema; remove "schema" or "codec"',
    domain: 'user',
    retry: 'never',
  },
  CONFIG_EXTERNAL_TOPIC: {
    message: '{key} has no effect on an external topic: it is never created or changed; remove {key} or "external"',
    domain: 'user',
    retry: 'never',
  },
  CONFIG_EMPTY: { message: 'the file has no pipeline in it; it begins with "pipeline: name"', domain: 'user', retry: 'never' },
  CONFIG_NO_TESTS: { message: 'the file has no tests in it; it has a list "tests"', domain: 'user', retry: 'never' },
  CONFIG_DUPLICATE_TEST: { message: 'there is another test of the name {name}, on line {line}', domain: 'user', retry: 'never' },
  CONFIG_UNKNOWN_NODE: { message: 'the pipeline {pipeline} has no {kind} {name}', domain: 'user', retry: 'never' },
  CONFIG_UNKNOWN_PROFILE: { message: 'there is no profile {profile}; looked for {looked}', domain: 'user', retry: 'never' },
  GRAPH_INVALID_NAME: { message: '{what} {name} is no valid name: {rule}', domain: 'user', retry: 'never' },
  GRAPH_RESERVED_NAME: { message: '{what} {name} is reserved: {reason}', domain: 'user', retry: 'never' },
  GRAPH_DUPLICATE_NAME: {
    message: '{what} {name} has the same name as the {other} on line {line}; names are shared by sources, streams and sinks',
    domain: 'user',
    retry: 'never',
  },
  GRAPH_COLLIDING_TOPICS: {
    message: 'the topics {name} and {other} cannot both be: Kafka takes "." and "_" in topic names for the same in its metrics',
    domain: 'user',
    retry: 'never',
  },
  GRAPH_DUPLICATE_STEP_ID: {
    message: 'the step id {id} is there twice in {node}; the other is on line {line}; give one of them another "id"',
    domain: 'user',
    retry: 'never',
  },
  GRAPH_UNKNOWN_TOPIC: { message: 'the topic {topic} is not declared; add it to "topics"', domain: 'user', retry: 'never' },
  GRAPH_UNWRITTEN_TOPIC: {
    message: '{node} reads the topic {topic}, which nothing here writes; if somebody else does, declare it with "external: true"',
    domain: 'user',
    retry: 'never',
  },
  GRAPH_UNUSED_TOPIC: { message: 'nothing reads or writes the topic {topic}', domain: 'user', retry: 'never' },
  GRAPH_DUPLICATE_INPUT: { message: '{node} reads the topic {topic} twice', domain: 'user', retry: 'never' },
  GRAPH_CYCLE: { message: 'records would go round for ever: {path}', domain: 'user', retry: 'never' },
  GRAPH_NO_OUTPUT: {
    message: '{node} needs "to": records that leave its last step have nowhere to go',
    domain: 'user',
    retry: 'never',
  },
  GRAPH_ROUTE_IN_SINK: {
    message: 'the step {kind} sends records to topics, and a sink only delivers: put it in a stream',
    domain: 'user',
    retry: 'never',
  },
  GRAPH_REVISED_INTO_CREATE_ONLY: {
    message:
      'the sink {sink} only adds documents ({option}), and the step {step} of the stream {stream} revises the results in the topic {topic} ({revised}): every revision would be there beside the others; {mend}, or let the step emit each result once',
    domain: 'user',
    retry: 'never',
  },
  GRAPH_TOPIC_ON_BOTH_SIDES: {
    message:
      'the stream {stream} would have the topic {topic} twice in one task, so that its records could not be told apart: let a stream before it copy the topic to another, and join with that',
    domain: 'user',
    retry: 'never',
  },
  CONFIG_WHEN_WITH_STATE: {
    message:
      'the step {kind} has state and takes every record that comes to it: leave "when" out, and let a filter or a route before it choose',
    domain: 'user',
    retry: 'never',
  },
  GRAPH_SPLIT_IN_SINK: {
    message:
      'the step {kind} makes several records of one, and a sink delivers each record that it reads under one id: put it in a stream, and let the sink read what the stream writes',
    domain: 'user',
    retry: 'never',
  },
  GRAPH_STEP_NEEDS_STREAM: {
    message:
      'the step {kind} in a {owner}: it waits for others or remembers records, which only streams can do exactly once; put it in a stream between two topics',
    domain: 'user',
    retry: 'never',
  },
  GRAPH_WAITING_BETWEEN: {
    message:
      'the step {kind} waits for answers between two steps with state of one stream, where event time must not wait: put it before or behind them, or divide the stream by a topic',
    domain: 'user',
    retry: 'never',
  },
  GRAPH_PROCESSOR_NOT_ALONE: {
    message:
      'the step {kind} in a stream with the processor {processor}: a processor has its stream to itself, but for steps without state; divide the stream by a topic',
    domain: 'user',
    retry: 'never',
  },
  GRAPH_CONTINUOUS_EXACTLY_ONCE: {
    message:
      'the processor {kind} is continuous: it keeps records across micro-batches, so that they can only be delivered at least once; write "delivery: at_least_once" in {node}',
    domain: 'user',
    retry: 'never',
  },
  GRAPH_NOTHING_TO_DO: {
    message: 'the pipeline {name} has no sources, streams or sinks: there is nothing to run',
    domain: 'user',
    retry: 'never',
  },
});
