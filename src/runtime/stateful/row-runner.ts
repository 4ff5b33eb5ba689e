import { Column, type RecordBatch } from '../../record/batch.ts';
import { StreamRecord } from '../../record/record.ts';
import { NO_WATERMARK } from '../../sdk/operator.ts';
import type { Marker } from '../../stream/time/merged-clock.ts';
import type { PartitionClock } from '../../stream/time/partition-clock.ts';
import type { StageInput, StageNode } from '../../topology/stages.ts';
import type { AsyncChain, Staged } from '../async-chain.ts';
import { originOf } from '../dead-letter.ts';
import { resumeOf } from './derived-letter.ts';
import { type EventHeader, takeEventHeader } from './event-header.ts';
import type { Arrival, Flow } from './flow.ts';
import type { StateUnit } from './state-unit.ts';

export interface RowRunnerParts {
  readonly node: StageNode;
  readonly flow: Flow;
  /** Steps that wait before any with state. */
  readonly prefix: AsyncChain<number> | undefined;
  readonly unitOf: (topic: string, partition: number) => StateUnit;
  /** Some unit, for a record that belongs to none: the stage keeps no state. */
  readonly anyUnit: (partition: number) => StateUnit;
  /** A record of an input has come. */
  readonly onRecord: (clock: PartitionClock) => void;
}

/** Takes the rows of reads through a stage, each in its unit, and lets event time go on by them. */
export class RowRunner {
  readonly #parts: RowRunnerParts;
  readonly #inputs: ReadonlyMap<string, StageInput>;
  readonly #event: EventHeader = { kind: 'none', time: 0, watermark: 0 };
  readonly #dropped = new StreamRecord();

  constructor(parts: RowRunnerParts) {
    this.#parts = parts;
    this.#inputs = new Map(parts.node.inputs.map((input) => [input.topic, input]));
  }

  run(read: RecordBatch): Promise<void> | void {
    if (this.#parts.prefix !== undefined) return this.#runWaiting(read, this.#parts.prefix);
    const inputs = this.#inputsOf(read);
    for (let row = 0; row < read.length; row += 1) {
      const input = inputs[read.column(row, Column.topic)];
      if (input === undefined) this.#runReplayed(read, row);
      else this.#runRow(read, row, input);
    }
  }

  #inputsOf(read: RecordBatch): readonly (StageInput | undefined)[] {
    return read.topics.map((topic) => this.#inputs.get(topic));
  }

  /** Some steps wait before any with state: the whole read takes them first, and then goes on in its order. */
  async #runWaiting(read: RecordBatch, prefix: AsyncChain<number>): Promise<void> {
    const inputs = this.#inputsOf(read);
    const waits = (row: number): boolean => {
      const input = inputs[read.column(row, Column.topic)];
      return input === undefined ? this.#startOf(read, row).wholeWay : input.step === undefined;
    };
    for (let row = 0; row < read.length; row += 1) if (waits(row)) prefix.add(read, row, row);
    const staged: Staged<number>[] = [];
    await prefix.settle((one) => staged.push(one));
    let at = 0;
    for (let row = 0; row < read.length; row += 1) {
      const input = inputs[read.column(row, Column.topic)];
      const own: Staged<number>[] = [];
      for (; staged[at]?.tag === row; at += 1) own.push(staged[at] as Staged<number>);
      const parts = waits(row) ? own : undefined;
      if (input === undefined) this.#runReplayed(read, row, parts);
      else this.#runRow(read, row, input, parts);
    }
  }

  /** Runs a record, or what the steps that wait have made of it; returns the latest event time seen. */
  #runFlow(read: RecordBatch, row: number, arrival: Arrival, parts: readonly Staged<number>[] | undefined): number {
    if (parts === undefined) return this.#parts.flow.run(read, row, arrival);
    let latest = NO_WATERMARK;
    for (const { batch, row: at, value, dropped } of parts) {
      this.#dropped.moveTo(batch, at, value);
      const time = dropped
        ? this.#parts.flow.timeOfDropped(this.#dropped)
        : this.#parts.flow.run(batch, at, { ...arrival, value });
      latest = Math.max(latest, time);
    }
    return latest;
  }

  #runRow(read: RecordBatch, row: number, input: StageInput, parts?: readonly Staged<number>[]): void {
    const unit = this.#parts.unitOf(input.topic, read.partition(row));
    unit.lastOffset = read.offset(row);
    const operator = input.step === undefined ? undefined : this.#parts.flow.numberOf(input.step);
    const at = operator === undefined ? ({ segment: 0 } as const) : { operator };
    if (input.repartitioned) {
      takeEventHeader(read, row, this.#event);
      if (this.#event.kind === 'marker') this.#takeMarker(unit, input.topic, read.valueJson(row) as unknown as Marker);
      else {
        // What is no record of ours has the time that it shows.
        const { kind, time, watermark } = this.#event;
        const when = kind === 'none' ? { watermark: NO_WATERMARK } : { time, watermark };
        this.#parts.flow.run(read, row, { unit, side: input.side, at, ...when });
      }
      return;
    }
    const clock = unit.clocks.get(input.topic);
    if (clock === undefined) throw new Error(`no clock for ${input.topic}`);
    const time = this.#runFlow(read, row, { unit, side: input.side, at, watermark: clock.watermark }, parts);
    this.#parts.onRecord(clock);
    if (time === NO_WATERMARK) {
      clock.wake();
    } else if (clock.observe(time)) {
      unit.timeChanged = true;
      if (unit.merge()) this.#parts.flow.advance(unit);
    }
  }

  #takeMarker(unit: StateUnit, topic: string, marker: Marker): void {
    unit.merged.get(topic)?.observe(marker);
    unit.timeChanged = true;
    if (unit.merge()) this.#parts.flow.advance(unit);
  }

  /** A replayed dead letter: it moves no clock, and is late where its windows have gone. */
  #runReplayed(read: RecordBatch, row: number, parts?: readonly Staged<number>[]): void {
    const partition = read.partition(row);
    const unit = this.#parts.node.stateful
      ? this.#parts.unitOf(this.#parts.node.from[0] as string, partition)
      : this.#parts.anyUnit(partition);
    const { start } = this.#startOf(read, row);
    this.#runFlow(read, row, { unit, ...start, watermark: NO_WATERMARK }, parts);
  }

  /** Where a replayed dead letter goes in: behind the step that made it, at the join that it came to, or at the beginning. */
  #startOf(read: RecordBatch, row: number): { start: Pick<Arrival, 'side' | 'at' | 'time'>; wholeWay: boolean } {
    const { flow } = this.#parts;
    const resume = resumeOf(read, row);
    const behind = resume === undefined ? -1 : flow.numberOf(resume.step);
    if (resume !== undefined && behind >= 0)
      return { start: { side: 'main', at: { segment: behind + 1 }, time: resume.time }, wholeWay: false };
    const join = this.#inputs.get(originOf(read, row)?.topic ?? '')?.step;
    if (join !== undefined) return { start: { side: 'joined', at: { operator: flow.numberOf(join) } }, wholeWay: false };
    return { start: { side: 'main', at: { segment: 0 } }, wholeWay: true };
  }
}
