import type { RecordBatch } from '../record/batch.ts';
import { Program } from '../stream/program.ts';
import type { StreamNode } from '../topology/types.ts';
import type { BatchEmitter } from './batch-emitter.ts';
import type { MicroBatch } from './micro-batch.ts';
import type { OutputTopics } from './output-topics.ts';
import type { StreamWork } from './stream-work.ts';
import type { TaskEnvironment } from './task.ts';

/** A stream whose steps look at one record at a time. */
export class StatelessWork implements StreamWork {
  readonly #program: Program;
  readonly #emitter: BatchEmitter;

  constructor(node: StreamNode, env: TaskEnvironment, { topics, emitter }: { topics: OutputTopics; emitter: BatchEmitter }) {
    this.#emitter = emitter;
    this.#program = new Program({
      component: node.name,
      env,
      steps: node.steps,
      codecOf: topics.codecOf,
      transcodes: topics.transcodes,
      retryTopic: env.names.retry(env.pipeline.name, node.name),
      onError: node.onError,
    });
  }

  into(batch: MicroBatch): void {
    this.#emitter.into(batch);
  }

  run(read: RecordBatch): void {
    this.#program.run(read, this.#emitter);
  }

  tick(): boolean {
    return false;
  }

  end(): void {
    // Nothing outlives a record.
  }

  committed(): void {
    // Nothing outlives a record.
  }

  rollback(): void {
    // Nothing outlives a record.
  }

  restore(): Promise<void> {
    return Promise.resolve();
  }

  giveUp(): void {
    // Nothing outlives a record.
  }

  emitOpen(): boolean {
    return false;
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
