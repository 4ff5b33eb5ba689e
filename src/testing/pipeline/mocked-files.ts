import { mkdirSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import type { Pipeline, TaskNode } from '../../topology/types.ts';

/**
 * A pipeline whose steps read files of the test's own in place of others. `files`: what stands in them, by their path as the pipeline
 * file has it. Throws where no step names one.
 */
export function withFiles(pipeline: Pipeline, files: Readonly<Record<string, string>>, directory: () => string): Pipeline {
  const paths = new Map(Object.keys(files).map((path) => [resolve(dirname(pipeline.file), path), path]));
  if (paths.size === 0) return pipeline;
  const used = new Map<string, string>();
  const own = (path: string): string | undefined => {
    const name = paths.get(path);
    if (name === undefined) return undefined;
    let written = used.get(path);
    if (written === undefined) {
      written = join(directory(), 'files', String(used.size), basename(path));
      mkdirSync(dirname(written), { recursive: true });
      writeFileSync(written, files[name] as string);
      used.set(path, written);
    }
    return written;
  };
  const steps = <Node extends TaskNode>(node: Node): Node => ({
    ...node,
    steps: node.steps.map((step) => ({ ...step, options: replaced(step.options, own) })),
  });
  const { sources, streams, sinks } = pipeline;
  const result = { ...pipeline, sources: sources.map(steps), streams: streams.map(steps), sinks: sinks.map(steps) };
  for (const [path, name] of paths)
    if (!used.has(path)) throw new Error(`no step reads the file ${name}, which "mocks.files" brings`);
  return result;
}

/** Options with other paths in them. Compiled ones, and whatever else is no plain data, stay as they are. */
function replaced(value: unknown, own: (path: string) => string | undefined): unknown {
  if (typeof value === 'string') return own(value) ?? value;
  if (Array.isArray(value)) return value.map((item) => replaced(item, own));
  if (typeof value !== 'object' || value === null) return value;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, replaced(item, own)]));
}
