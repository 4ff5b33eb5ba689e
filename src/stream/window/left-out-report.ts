import type { Aggregation } from '../../sdk/aggregation.ts';
import type { OperatorContext } from '../../sdk/operator.ts';

/** At most so often, in ms, and one line for all partitions of a step. */
const APART_MS = 60_000;

/** What has been said, by computation: its counts are over all partitions. */
const said = new WeakMap<Aggregation, { at: number; total: number }>();

/** Warns of values that aggregates have left out because they are of another type: text in a sum does not make the result wrong by a crash, but by silence. */
export class LeftOutReport {
  readonly #aggregation: Aggregation;
  readonly #context: OperatorContext;

  constructor(aggregation: Aggregation, context: OperatorContext) {
    this.#aggregation = aggregation;
    this.#context = context;
  }

  /** Called once a micro-batch. */
  check(): void {
    const { leftOut } = this.#aggregation;
    if (leftOut === undefined) return;
    let total = 0;
    for (const { count } of leftOut) total += count;
    const last = said.get(this.#aggregation);
    const { clock, log, component, id } = this.#context;
    if (total === (last?.total ?? 0) || (last !== undefined && clock.monotonic() - last.at < APART_MS)) return;
    said.set(this.#aggregation, { at: clock.monotonic(), total });
    const what = leftOut.filter(({ count }) => count > 0).map(({ call, takes, count }) => `${call} takes ${takes} (${count})`);
    log.warn(`values of other types are left out of aggregates: ${what.join(', ')}; convert them before, by the step "convert"`, {
      stream: component,
      step: id,
    });
  }
}
