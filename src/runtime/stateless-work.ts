import type { RecordBatch } from '../record/batch.ts';
import { Program } from '../stream/program.ts';
import type { StageNode } from '../topology/stages.ts';
import type { StreamNode } from '../topology/types.ts';
import { AsyncChain, type AsyncElement } from './async-chain.ts';
import type { BatchEmitter } from './batch-emitter.ts';
import type { MicroBatch } from './micro-batch.ts';
import type { OutputTopics } from './output-topics.ts';
import type { StreamWork } from './stream-work.ts';
import type { TaskEnvironment } from './task.ts';

/** A stream whose steps look at one record at a time. */
export class StatelessWork implements StreamWork {
  readonly #program: Program;
  readonly #chain: AsyncChain<undefined> | undefined;
  readonly #emitter: BatchEmitter;

  constructor(
    node: StreamNode & Partial<Pick<StageNode, 'elements'>>,
    env: TaskEnvironment,
    { topics, emitter }: { topics: OutputTopics; emitter: BatchEmitter },
  ) {
    this.#emitter = emitter;
    const options = {
      component: node.name,
      env,
      codecOf: topics.codecOf,
      transcodes: topics.transcodes,
      retryTopic: env.names.retry(env.pipeline.name, node.name),
      onError: node.onError,
    };
    const waiting = node.elements?.some(({ kind }) => kind === 'async') === true;
    this.#program = new Program({ ...options, steps: waiting ? [] : node.steps });
    if (waiting) this.#chain = new AsyncChain({ elements: node.elements as AsyncElement[], program: options, emitter });
  }

  into(batch: MicroBatch): void {
    this.#emitter.into(batch);
  }

  run(read: RecordBatch): Promise<void> | void {
    if (this.#chain !== undefined) return this.#runWaiting(read, this.#chain);
    this.#program.run(read, this.#emitter);
  }

  async #runWaiting(read: RecordBatch, chain: AsyncChain<undefined>): Promise<void> {
    for (let row = 0; row < read.length; row += 1) chain.add(read, row, undefined);
    await chain.settle(({ batch, row, value, dropped }) => {
      if (!dropped) this.#emitter.forwardOrReject(batch, row, value);
    });
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
    this.#chain?.clear();
  }

  restore(): Promise<void> {
    return Promise.resolve();
  }

  beforeGiveUp(): void {
    // Nothing outlives a record.
  }

  giveUp(): void {
    // Nothing outlives a record.
  }

  emitOpen(): boolean {
    return false;
  }

  interrupt(): void {
    this.#chain?.interrupt();
  }

  close(): Promise<void> {
    this.#chain?.close();
    return Promise.resolve();
  }
}
