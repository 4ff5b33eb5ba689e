import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BenchSite } from './bench-site.ts';
import type { PipelineChildConfig } from './pipeline-child.ts';

/** A pipeline to measure, and the component whose commits are counted. */
export interface BenchPipeline {
  readonly yaml: string;
  readonly component: string;
  /** The component behind it whose work is the end of it, where that is another. */
  readonly last?: string;
}

const quoted = (text: string): string => JSON.stringify(text);
const external = (topic: string, codec: 'json' | 'text' = 'json'): string =>
  `  ${quoted(topic)}: { external: true, codec: ${codec} }`;

/** File -> topic. */
export function shipping(name: string, at: { file: string; to: string; codec?: 'json' | 'text' }): BenchPipeline {
  const yaml = [
    `pipeline: ${name}`,
    'topics:',
    external(at.to, at.codec),
    'sources:',
    '  web:',
    `    file: { include: [ ${quoted(at.file)} ], follow: false }`,
    `    to: ${quoted(at.to)}`,
  ];
  return { yaml: yaml.join('\n'), component: 'web' };
}

/** Topic -> parse -> topic. */
export function parsing(name: string, at: { from: string; to: string; codec: 'json' | 'text' }): BenchPipeline {
  const yaml = [
    `pipeline: ${name}`,
    'topics:',
    external(at.from, at.codec),
    external(at.to),
    'streams:',
    '  parse:',
    `    from: ${quoted(at.from)}`,
    '    steps: [ { parse: apache_combined } ]',
    `    to: ${quoted(at.to)}`,
  ];
  return { yaml: yaml.join('\n'), component: 'parse' };
}

/** Topic -> parse -> Elasticsearch. */
export function delivering(name: string, at: { from: string; url: string; codec: 'json' | 'text' }): BenchPipeline {
  const yaml = [
    `pipeline: ${name}`,
    'topics:',
    external(at.from, at.codec),
    'sinks:',
    '  search:',
    `    from: ${quoted(at.from)}`,
    '    steps: [ { parse: apache_combined } ]',
    `    elasticsearch: { nodes: [ ${quoted(at.url)} ], index: bench }`,
  ];
  return { yaml: yaml.join('\n'), component: 'search' };
}

/** File -> topic -> parse -> topic -> Elasticsearch: the whole way, for what runs on and on. */
export function wholeWay(name: string, at: { file: string; raw: string; events: string; url: string }): BenchPipeline {
  const yaml = [
    `pipeline: ${name}`,
    'topics:',
    external(at.raw),
    external(at.events),
    'sources:',
    '  web:',
    `    file: { include: [ ${quoted(at.file)} ] }`,
    `    to: ${quoted(at.raw)}`,
    'streams:',
    '  parse:',
    `    from: ${quoted(at.raw)}`,
    '    steps: [ { parse: apache_combined } ]',
    `    to: ${quoted(at.events)}`,
    'sinks:',
    '  search:',
    `    from: ${quoted(at.events)}`,
    `    elasticsearch: { nodes: [ ${quoted(at.url)} ], index: bench }`,
  ];
  return { yaml: yaml.join('\n'), component: 'search' };
}

/** Writes the pipeline file; gives what a process needs to run it on the bench's cluster. */
export async function childConfig(
  site: BenchSite,
  pipeline: BenchPipeline,
  how: { name: string; once: boolean; set: readonly string[] },
): Promise<PipelineChildConfig> {
  const file = join(site.directory, `${how.name}.yaml`);
  await writeFile(file, pipeline.yaml);
  const set = [
    `kafka.brokers=${site.brokers}`,
    `namespace=${site.prefix}`,
    `data_directory=${join(site.directory, 'data', how.name)}`,
    'host=bench',
    'admin.enabled=false',
    'log.level=warn',
    ...how.set,
  ];
  const { component, last = component } = pipeline;
  return { file, set, once: how.once, component, last };
}
