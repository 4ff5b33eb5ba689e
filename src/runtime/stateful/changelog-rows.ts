import type { BatchBuilder } from '../../record/batch-builder.ts';
import type { Changelog } from '../../sdk/operator.ts';

/** Writes changed state as rows of a micro-batch's outputs, so that it is committed with them. One serves all steps and partitions. */
export class ChangelogRows implements Changelog {
  readonly #topic: number;
  #outputs!: BatchBuilder;
  #partition = 0;
  #prefix = '';

  /** `topic`: its number among the outputs. */
  constructor(topic: number) {
    this.#topic = topic;
  }

  /** Turns to a partition, and to a step's keys; without a step keys are taken as they are. */
  of(outputs: BatchBuilder, partition: number, step?: string): Changelog {
    this.#outputs = outputs;
    this.#partition = partition;
    this.#prefix = step === undefined ? '' : `${step}:`;
    return this;
  }

  put(key: string, value: string): void {
    this.#outputs.begin(this.#topic, this.#partition, -1);
    this.#outputs.key(this.#prefix + key);
    this.#outputs.value(value);
  }

  remove(key: string): void {
    this.#outputs.begin(this.#topic, this.#partition, -1);
    this.#outputs.key(this.#prefix + key);
  }
}
