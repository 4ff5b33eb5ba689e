import { describePipeline, toMermaid, toText } from '../topology/index.ts';

import { Exit, ExitError, loadPipelines } from './context.ts';
import { counted } from './progress.ts';

/** `millrace validate`: every error of every file, with its position; nothing connects. */
export async function validate(files: readonly string[]): Promise<number> {
  const pipelines = await loadPipelines(files);
  for (const pipeline of pipelines) {
    const { sources, streams, sinks, topics } = pipeline;
    const counts = [
      counted(topics.length, 'topic'),
      counted(sources.length, 'source'),
      counted(streams.length, 'stream'),
      counted(sinks.length, 'sink'),
    ];
    process.stdout.write(`${pipeline.name}: valid (${counts.join(', ')})\n`);
  }
  return Promise.resolve(Exit.done);
}

/** `millrace graph`: what feeds what. Secrets are not shown. */
export async function graph(file: string, format: string): Promise<number> {
  const [pipeline] = await loadPipelines([file]);
  if (pipeline === undefined) throw new ExitError(Exit.invalid);
  const description = describePipeline(pipeline);
  const text =
    format === 'json'
      ? JSON.stringify(description, null, 2)
      : format === 'mermaid'
        ? toMermaid(description)
        : toText(description);
  process.stdout.write(`${text.trimEnd()}\n`);
  return Promise.resolve(Exit.done);
}
