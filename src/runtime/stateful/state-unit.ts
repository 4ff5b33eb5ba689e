import type { JsonObject } from '../../record/json.ts';
import { NO_WATERMARK, type PartitionOperator } from '../../sdk/operator.ts';
import { MergedClock, type StoredMarkers } from '../../stream/time/merged-clock.ts';
import { type ClockRules, PartitionClock, type StoredClock } from '../../stream/time/partition-clock.ts';
import type { StageInput } from '../../topology/stages.ts';
import type { MicroBatch } from '../micro-batch.ts';

/** What is stored of a unit's event time, beside its state. A format, with its version. */
export interface StoredTime {
  readonly format: 1;
  /** Up to where event time has come; absent: no time yet. */
  readonly watermark?: number;
  /** Up to where each of them has been told, where they are behind; null: of no time yet. */
  readonly told?: readonly (number | null)[];
  readonly clocks: Readonly<Record<string, StoredClock>>;
  readonly markers: Readonly<Record<string, StoredMarkers>>;
}

const NOTHING: StoredTime = { format: 1, clocks: {}, markers: {} };

/** What is read and kept together: the state of one partition, with the event time of its inputs. */
export class StateUnit {
  readonly name: string;
  readonly partition: number;
  /** One for each step with state of the stage. */
  readonly operators: readonly PartitionOperator[];
  readonly clocks = new Map<string, PartitionClock>();
  readonly merged = new Map<string, MergedClock>();
  /** Event time that all of its inputs have passed, in ms. Never moves back. */
  watermark = NO_WATERMARK;
  /** Up to where each operator has been told. */
  readonly told: number[];
  /** The offset of the last record read, for messages about what is derived of it. */
  lastOffset = 0;
  /** Whether its event time has changed since it was last stored, and whether the stage behind is to hear of it. */
  timeChanged = false;
  markerDue = true;
  /** The offset behind the last of its changelog at the last give-up, for a unit that comes back. */
  #committed: StoredTime = NOTHING;
  readonly #flushed: { readonly batch: MicroBatch; readonly time: StoredTime }[] = [];

  constructor(parts: {
    readonly name: string;
    readonly partition: number;
    readonly operators: readonly PartitionOperator[];
    readonly inputs: readonly StageInput[];
    readonly rules: ClockRules;
  }) {
    this.name = parts.name;
    this.partition = parts.partition;
    this.operators = parts.operators;
    this.told = parts.operators.map(() => NO_WATERMARK);
    for (const { topic, repartitioned, upstream } of parts.inputs) {
      if (repartitioned) this.merged.set(topic, new MergedClock(upstream));
      else this.clocks.set(topic, new PartitionClock(parts.rules));
    }
  }

  /** Up to where event time has come in one of its inputs; NO_WATERMARK: it knows no time yet. */
  watermarkOf(topic: string): number {
    return (this.clocks.get(topic) ?? this.merged.get(topic))?.watermark ?? NO_WATERMARK;
  }

  /** Whether the micro-batch was full before all of its steps were told. */
  get isBehind(): boolean {
    for (const told of this.told) if (told < this.watermark) return true;
    return false;
  }

  /** Up to where event time has come for the stage behind. */
  get passed(): number {
    return Math.min(this.watermark, ...this.told);
  }

  /** Whether the stage behind may leave it out: nothing has ever come, and it is idle. */
  get silent(): boolean {
    for (const clock of this.clocks.values()) if (clock.counts) return false;
    for (const clock of this.merged.values()) if (clock.counts) return false;
    return true;
  }

  /** Takes the minimum of its inputs. True where event time has moved. */
  merge(): boolean {
    let least = Number.POSITIVE_INFINITY;
    for (const clock of this.clocks.values()) if (clock.counts && clock.watermark < least) least = clock.watermark;
    for (const clock of this.merged.values()) if (clock.counts && clock.watermark < least) least = clock.watermark;
    if (least === Number.POSITIVE_INFINITY || least <= this.watermark) return false;
    this.watermark = least;
    this.timeChanged = true;
    this.markerDue = true;
    return true;
  }

  /** A clock of its inputs, if it is one, stands in an idle partition at wall-clock time `now`. True where event time has moved. */
  passIdle(clock: PartitionClock, now: number): boolean {
    const { silent } = this;
    if (![...this.clocks.values()].includes(clock) || !clock.passIdle(now)) return false;
    this.timeChanged = true;
    if (this.silent !== silent) this.markerDue = true;
    return this.merge();
  }

  /** What is to be stored of its event time now. */
  time(): StoredTime {
    return {
      format: 1,
      ...(this.watermark === NO_WATERMARK ? {} : { watermark: this.watermark }),
      ...(this.isBehind ? { told: this.told.map((told) => (told === NO_WATERMARK ? null : told)) } : {}),
      clocks: Object.fromEntries([...this.clocks].map(([topic, clock]) => [topic, clock.stored()])),
      markers: Object.fromEntries([...this.merged].map(([topic, clock]) => [topic, clock.stored()])),
    };
  }

  /** A micro-batch has ended, and what it changed is in its outputs. Gives back what is to be stored of its event time now. */
  flushed(batch: MicroBatch): StoredTime {
    const time = this.time();
    this.#flushed.push({ batch, time });
    return time;
  }

  committed(batch: MicroBatch): void {
    if (this.#flushed[0]?.batch !== batch) return;
    this.#committed = (this.#flushed.shift() as { time: StoredTime }).time;
    for (const operator of this.operators) operator.commit();
  }

  /** Goes back to what has been committed. */
  rollback(): void {
    this.#flushed.length = 0;
    for (const operator of this.operators) operator.rollback();
    this.#takeTime(this.#committed);
    // What was said of a watermark that is void is said again.
    this.markerDue = true;
  }

  /** All of its changelog has been read. */
  restored(stored: JsonObject | undefined): void {
    this.#committed = stored === undefined ? NOTHING : (stored as unknown as StoredTime);
    this.#takeTime(this.#committed);
    for (const [number, operator] of this.operators.entries()) operator.restored(this.told[number] as number);
  }

  #takeTime({ watermark = NO_WATERMARK, told = [], clocks, markers }: StoredTime): void {
    this.watermark = watermark;
    for (const number of this.told.keys()) {
      const own = told[number];
      this.told[number] = own === undefined ? watermark : (own ?? NO_WATERMARK);
    }
    this.timeChanged = false;
    for (const [topic, clock] of this.clocks) clock.restore(clocks[topic] ?? {});
    for (const [topic, clock] of this.merged) clock.restore(markers[topic] ?? []);
  }
}
