import { describePipeline, toMermaid, toText } from '../topology/index.ts';

import { Exit, ExitError, loadPipelines, registry } from './context.ts';

/** `millrace validate`: every error of every file, with its position; nothing connects. */
export async function validate(files: readonly string[]): Promise<number> {
  const pipelines = loadPipelines(files);
  for (const pipeline of pipelines) {
    const { sources, streams, sinks, topics } = pipeline;
    process.stdout.write(
      `${pipeline.name}: valid (${topics.length} topics, ${sources.length} sources, ${streams.length} streams, ${sinks.length} sinks)\n`,
    );
  }
  return Promise.resolve(Exit.done);
}

/** `millrace graph`: what feeds what. Secrets are not shown. */
export async function graph(file: string, format: string): Promise<number> {
  const [pipeline] = loadPipelines([file]);
  if (pipeline === undefined) throw new ExitError(Exit.invalid);
  const description = describePipeline(pipeline);
  const text = format === 'json' ? JSON.stringify(description, null, 2) : format === 'mermaid' ? toMermaid(description) : toText(description);
  process.stdout.write(`${text.trimEnd()}\n`);
  return Promise.resolve(Exit.done);
}

/** `millrace schema`: the JSON Schema of pipeline files. */
export async function schema(): Promise<number> {
  process.stdout.write(`${JSON.stringify(registry, null, 2)}\n`);
  return Promise.resolve(Exit.done);
}
