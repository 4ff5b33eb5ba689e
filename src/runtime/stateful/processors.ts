import { ProcessorOperator } from './processor-operator.ts';
import type { StateUnit } from './state-unit.ts';

/** The processors among the operators of a task's units: what they are given is processed between the reads. */
export class Processors {
  readonly #units: ReadonlyMap<string, StateUnit>;
  #stopping = new AbortController();

  constructor(units: ReadonlyMap<string, StateUnit>) {
    this.#units = units;
  }

  get areDue(): boolean {
    for (const processor of this.#all()) if (processor.isDue) return true;
    return false;
  }

  /** Lets all have what has been gathered for them, and whatever is due; partitions go side by side. */
  async drain(): Promise<void> {
    const ended = await Promise.allSettled([...this.#all()].map((processor) => processor.drain(this.#stopping.signal)));
    const broken = ended.find((each) => each.status === 'rejected');
    if (broken !== undefined) throw broken.reason;
  }

  /** Ends a `drain` that is under way: it rejects. */
  interrupt(): void {
    this.#stopping.abort(new Error("the task ends, or its partitions are another's"));
    this.#stopping = new AbortController();
  }

  /** The unit is another task's. */
  forget(unit: StateUnit | undefined): void {
    for (const operator of unit?.operators ?? []) if (operator instanceof ProcessorOperator) operator.close();
  }

  close(): void {
    this.#stopping.abort(new Error('the task ends'));
    for (const processor of this.#all()) processor.close();
  }

  *#all(): Iterable<ProcessorOperator> {
    for (const { operators } of this.#units.values()) {
      for (const operator of operators) if (operator instanceof ProcessorOperator) yield operator;
    }
  }
}
