import { PluginFaults } from '../plugins/index.ts';
import {
  describePipeline,
  describeTypes,
  type PipelineDescription,
  type PipelineTypes,
  toMermaid,
  toText,
  typesToText,
} from '../topology/index.ts';

import { loadChecked, loadPipelines } from './context.ts';
import { Exit, ExitError } from './exit.ts';
import { isTestFile, type LoadedTests, loadTests } from './load-tests.ts';
import { counted } from './progress.ts';
import { whileLoading } from './stray-errors.ts';

/** `millrace validate`: every error of every file, with its position; nothing connects. Tests of pipelines are checked as such. */
export async function validate(files: readonly string[]): Promise<number> {
  const faults = new PluginFaults();
  const { checked, pipelines } = await whileLoading(faults, () => loadBoth(files, faults));
  if (checked.includes(undefined)) throw new ExitError(Exit.invalid);
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
  for (const one of checked) {
    const { file, tests } = (one as LoadedTests).tests;
    process.stdout.write(`${file}: valid (${counted(tests.length, 'test')})\n`);
  }
  return Exit.done;
}

async function loadBoth(files: readonly string[], faults: PluginFaults) {
  const checked: (LoadedTests | undefined)[] = [];
  for (const file of files.filter(isTestFile)) checked.push(await loadTests(file, faults));
  const others = files.filter((file) => !isTestFile(file));
  return { checked, pipelines: await loadPipelines(others, faults) };
}

interface GraphOptions {
  readonly format: string;
  /** What is known of records, in place of what feeds what. */
  readonly types?: boolean;
}

/** `millrace graph`: what feeds what. Secrets are not shown. */
export async function graph(file: string, options: GraphOptions): Promise<number> {
  const [checked] = await loadChecked([file]);
  if (checked === undefined) throw new ExitError(Exit.invalid);
  const description = describePipeline(checked.pipeline);
  const text = options.types === true ? typesText(checked.types, options) : graphText(description, options);
  process.stdout.write(`${text.trimEnd()}\n`);
  return Exit.done;
}

function graphText(description: PipelineDescription, { format }: GraphOptions): string {
  if (format === 'json') return JSON.stringify(description, null, 2);
  return format === 'mermaid' ? toMermaid(description) : toText(description);
}

function typesText(types: PipelineTypes, { format }: GraphOptions): string {
  if (format === 'mermaid') throw new ExitError(Exit.usage, 'the types of records are shown as text or json, not in a picture');
  return format === 'json' ? JSON.stringify(describeTypes(types), null, 2) : typesToText(types);
}
