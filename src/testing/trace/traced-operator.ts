import { isMillraceError } from '../../errors/index.ts';
import type { StreamRecord } from '../../record/record.ts';
import type {
  Changelog,
  OperatorContext,
  OperatorFactory,
  OperatorOutcome,
  PartitionOperator,
  RecordTime,
  StatefulStepDefinition,
} from '../../sdk/operator.ts';
import { arrival, copy, fail, type StepPlace, settle, type Tracer } from './step-event.ts';

/** The definition of a step with state, whose operators tell what they do. */
export function tracedStateful(definition: StatefulStepDefinition, place: StepPlace, tracer: Tracer): StatefulStepDefinition {
  const { state } = definition;
  const traced =
    (factory: OperatorFactory): OperatorFactory =>
    (context) =>
      new TracedOperator(factory, context, { place, tracer });
  return {
    ...definition,
    state: {
      ...state,
      create: (options, context) => traced((given) => state.create(options, given))(context),
      ...(state.preaggregate === undefined
        ? {}
        : {
            preaggregate: (options) => {
              const halves = state.preaggregate?.(options);
              return halves && { partial: traced(halves.partial), final: traced(halves.final) };
            },
          }),
    },
  };
}

class TracedOperator implements PartitionOperator {
  readonly #operator: PartitionOperator;
  readonly #place: StepPlace;
  readonly #tracer: Tracer;

  constructor(factory: OperatorFactory, context: OperatorContext, { place, tracer }: { place: StepPlace; tracer: Tracer }) {
    this.#place = place;
    this.#tracer = tracer;
    this.#operator = factory({
      ...context,
      emit: (derived) => {
        const { value, key, time } = derived;
        tracer({ type: 'emitted', place, value: value === null ? null : copy(value), key, time });
        context.emit(derived);
      },
    });
  }

  process(record: StreamRecord, at: RecordTime): OperatorOutcome | undefined {
    const event = arrival(this.#place, record);
    event.time = at.time;
    event.side = at.side;
    if (Number.isFinite(at.watermark)) event.watermark = at.watermark;
    this.#tracer(event);
    try {
      const outcome = this.#operator.process(record, at);
      settle(event, outcome, record.value);
      return outcome;
    } catch (error) {
      fail(event, error, isMillraceError(error) ? error.code : 'STEP_THREW');
      throw error;
    }
  }

  advance(watermark: number): void {
    this.#operator.advance(watermark);
  }

  get stoppedAt(): number | undefined {
    return this.#operator.stoppedAt;
  }

  tick(now: number): void {
    this.#operator.tick(now);
  }

  flush(changes: Changelog): void {
    this.#operator.flush(changes);
  }

  commit(): void {
    this.#operator.commit();
  }

  rollback(): void {
    this.#operator.rollback();
  }

  restore(key: string, value: string | null): void {
    this.#operator.restore(key, value);
  }

  restored(watermark: number): void {
    this.#operator.restored(watermark);
  }

  emitOpen(): void {
    this.#operator.emitOpen();
  }

  get size(): number {
    return this.#operator.size;
  }
}
