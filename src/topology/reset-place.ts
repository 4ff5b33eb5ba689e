import { isStage } from './stages.ts';
import type { Pipeline, SinkNode, StreamNode } from './types.ts';

/** What a message fills into its `millrace reset {file} --task {task} ...`, so that it can be pasted into a shell. */
export interface ResetPlace {
  /** The path of the pipeline's file, quoted where a shell would take it apart. */
  readonly file: string;
  readonly task: string;
}

/** How `millrace reset` is told of a task: by its pipeline's file, and all stages of a stream together by the stream's name. */
export function resetPlace(pipeline: Pipeline, node: StreamNode | SinkNode): ResetPlace {
  const task = node.kind === 'stream' && isStage(node) ? node.stream : node.name;
  return { file: shellWord(pipeline.file), task };
}

/** A text as one word of a shell's command line. */
export function shellWord(text: string): string {
  return /^[\w./:@%+=,-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
