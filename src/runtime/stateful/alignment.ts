import type { TopicPartition } from '../../kafka/types.ts';
import { NO_WATERMARK } from '../../sdk/operator.ts';
import type { StageNode } from '../../topology/stages.ts';
import type { GroupIntake } from '../intake.ts';
import type { StateUnit } from './state-unit.ts';

/** How far an input may be read ahead of another one of its unit: as long as either is kept, it is not held back. */
export interface AlignmentLimits {
  /** Of event time, in ms. */
  readonly aheadMs: number;
  /** So many records (offsets) behind where it was first so far ahead. */
  readonly aheadRecords: number;
}

/** Records ahead wait in the state of a join: so many cost some MB. */
export const ALIGNMENT: AlignmentLimits = { aheadMs: 10_000, aheadRecords: 10_000 };

interface Input extends TopicPartition {
  /** Where the last run of records that was read begins; -1: none was. */
  offset: number;
  /** Where it was first too far ahead; undefined: it is not. */
  aheadFrom: number | undefined;
  held: boolean;
}

/**
 * Has the inputs of a unit, such as the sides of a join, read at about the same event time (as watermark alignment in Flink and the
 * choice of the next record in Kafka Streams): one that is too far ahead of the slowest is not read for a while, since what it brings
 * could only wait in the state.
 *
 * The slowest is that of the inputs that are not at their end, and it is never held back itself: so one of them is always read. What
 * is at its end holds nobody back, though its time may stand still for long: what it will bring is not there yet.
 */
export class Alignment {
  readonly #intake: Pick<GroupIntake, 'endOf' | 'hold' | 'release'>;
  readonly #limits: AlignmentLimits;
  readonly #inputs = new Map<StateUnit, readonly Input[]>();

  constructor(intake: Pick<GroupIntake, 'endOf' | 'hold' | 'release'>, limits: AlignmentLimits = ALIGNMENT) {
    this.#intake = intake;
    this.#limits = limits;
  }

  watch(unit: StateUnit): void {
    const topics = [...unit.clocks.keys(), ...unit.merged.keys()];
    const inputs = topics.map((topic) => ({
      topic,
      partition: unit.partition,
      ...{ offset: -1, aheadFrom: undefined, held: false },
    }));
    this.#inputs.set(unit, inputs);
  }

  /** The unit is no more, or its inputs are not this task's any more. */
  forget(unit: StateUnit): void {
    this.#inputs.delete(unit);
  }

  /** A run of records of an input of the unit begins. */
  read(unit: StateUnit, topic: string, offset: number): void {
    const input = this.#inputs.get(unit)?.find((one) => one.topic === topic);
    if (input !== undefined) input.offset = offset;
  }

  /** Between two reads: holds back what is too far ahead, and lets go on what is not any more. */
  tick(): void {
    for (const [unit, inputs] of this.#inputs) this.#align(unit, inputs);
  }

  /** All is read again from what has been committed. */
  reset(): void {
    for (const inputs of this.#inputs.values()) {
      for (const input of inputs) {
        this.#letGo(input);
        input.offset = -1;
      }
    }
  }

  #align(unit: StateUnit, inputs: readonly Input[]): void {
    let least = Number.POSITIVE_INFINITY;
    for (const input of inputs) if (!this.#isAtEnd(input)) least = Math.min(least, unit.watermarkOf(input.topic));
    for (const input of inputs) {
      const watermark = unit.watermarkOf(input.topic);
      // Half of the way back before it goes on: to pause a partition costs what was fetched of it.
      const most = input.held ? this.#limits.aheadMs / 2 : this.#limits.aheadMs;
      if (watermark === NO_WATERMARK || watermark <= least + most) this.#letGo(input);
      else this.#wait(input);
    }
  }

  #isAtEnd(input: Input): boolean {
    return this.#intake.endOf(input) > input.offset;
  }

  #wait(input: Input): void {
    input.aheadFrom ??= input.offset;
    if (input.held || input.offset - input.aheadFrom < this.#limits.aheadRecords) return;
    input.held = this.#intake.hold(input);
  }

  #letGo(input: Input): void {
    input.aheadFrom = undefined;
    if (!input.held) return;
    input.held = false;
    this.#intake.release(input);
  }
}

/** For a stage whose units have several inputs; undefined: there is nothing to align. */
export function alignmentOf(
  { stateful, inputs }: StageNode,
  intake: Pick<GroupIntake, 'endOf' | 'hold' | 'release'>,
  limits: AlignmentLimits | undefined,
): Alignment | undefined {
  return stateful && inputs.length > 1 ? new Alignment(intake, limits) : undefined;
}
