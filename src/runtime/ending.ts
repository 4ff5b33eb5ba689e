import type { Pipeline, TaskNode } from '../topology/types.ts';
import { outputsOf } from './topics.ts';

/**
 * Who still writes which topic, for runs that end with their input (`--once`): a topic has ended when every task that
 * writes it has finished. Topics that nobody here writes have ended from the start: what they hold is all there is.
 */
export class Ending {
  readonly #writers = new Map<string, Set<string>>();
  readonly #waiting: { topics: readonly string[]; resolve: () => void }[] = [];

  constructor(tasks: readonly { readonly pipeline: Pipeline; readonly node: TaskNode }[]) {
    for (const { pipeline, node } of tasks) {
      if (node.kind === 'sink') continue;
      for (const topic of outputsOf(node)) this.#writersOf(topic).add(key(pipeline.name, node.name));
    }
  }

  /** Settles when nobody writes any of the topics any more. */
  ended(topics: readonly string[]): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push({ topics, resolve });
      this.#settle();
    });
  }

  /** A task writes no more. */
  finish(pipeline: string, task: string): void {
    for (const writers of this.#writers.values()) writers.delete(key(pipeline, task));
    this.#settle();
  }

  #settle(): void {
    for (const waiting of [...this.#waiting]) {
      if (waiting.topics.some((topic) => this.#writersOf(topic).size > 0)) continue;
      this.#waiting.splice(this.#waiting.indexOf(waiting), 1);
      waiting.resolve();
    }
  }

  #writersOf(topic: string): Set<string> {
    let writers = this.#writers.get(topic);
    if (writers === undefined) {
      writers = new Set();
      this.#writers.set(topic, writers);
    }
    return writers;
  }
}

function key(pipeline: string, task: string): string {
  return `${pipeline}/${task}`;
}
