import { Column, type RecordBatch } from '../../record/batch.ts';
import { BatchBuilder } from '../../record/batch-builder.ts';
import { StreamRecord } from '../../record/record.ts';
import { NO_WATERMARK } from '../../sdk/operator.ts';
import type { Marker } from '../../stream/time/merged-clock.ts';
import type { PartitionClock } from '../../stream/time/partition-clock.ts';
import type { StageInput, StageNode } from '../../topology/stages.ts';
import type { AsyncChain, Staged } from '../async-chain.ts';
import { originOf } from '../dead-letter.ts';
import type { Arrival, Entrance } from './arrival.ts';
import { resumeOf } from './derived-letter.ts';
import { type EventHeader, takeEventHeader } from './event-header.ts';
import type { Flow } from './flow.ts';
import type { StateUnit } from './state-unit.ts';

export interface RowRunnerParts {
  readonly node: StageNode;
  readonly flow: Flow;
  /** Steps that wait before any with state. */
  readonly prefix: AsyncChain<number> | undefined;
  readonly unitOf: (topic: string, partition: number) => StateUnit;
  /** Some unit, for a record that belongs to none: the stage keeps no state. */
  readonly anyUnit: (partition: number) => StateUnit;
  /** Records of an input's partition have come. */
  readonly onRecord: (clock: PartitionClock) => void;
  /** Records of an input of a unit have come, of which the first stands at `offset`. */
  readonly onRun: (unit: StateUnit, topic: string, offset: number) => void;
}

/** An input, and where its records go in. */
interface Way {
  readonly input: StageInput;
  readonly entrance: Entrance;
}

const AT_THE_BEGINNING: Entrance = { level: 0, pastSteps: false, side: 'main' };

/** Takes the rows of reads through a stage, each in its unit, and lets event time go on by them. */
export class RowRunner {
  readonly #parts: RowRunnerParts;
  readonly #ways: ReadonlyMap<string, Way>;
  readonly #event: EventHeader = { kind: 'none', time: 0, watermark: 0 };
  readonly #dropped = new StreamRecord();
  /** A read that waits, copied: the group is attended to meanwhile, and a read's memory is used again. */
  readonly #waiting = new BatchBuilder();
  readonly #arrival: Arrival = { unit: undefined as never, entrance: AT_THE_BEGINNING, time: undefined, watermark: NO_WATERMARK };
  // Records of a partition come in runs: what they have in common is looked up once for each.
  #way: Way | undefined;
  #partition = -1;
  #clock: PartitionClock | undefined;

  constructor(parts: RowRunnerParts) {
    this.#parts = parts;
    this.#ways = new Map(parts.node.inputs.map((input) => [input.topic, { input, entrance: entranceOf(input, parts.flow) }]));
  }

  run(read: RecordBatch): Promise<void> | void {
    if (this.#parts.prefix !== undefined) return this.#runWaiting(this.#copyOf(read), this.#parts.prefix);
    const ways = this.#waysOf(read);
    for (let row = 0; row < read.length; row += 1) {
      const way = ways[read.column(row, Column.topic)];
      if (way === undefined) this.#runReplayed(read, row);
      else this.#runRow(read, row, way);
    }
  }

  #copyOf(read: RecordBatch): RecordBatch {
    this.#waiting.reset();
    this.#waiting.append(read);
    return this.#waiting.batch();
  }

  /** By the numbers of the read's topics; undefined for the retry topic. */
  #waysOf(read: RecordBatch): readonly (Way | undefined)[] {
    // Between two reads partitions come and go.
    this.#way = undefined;
    return read.topics.map((topic) => this.#ways.get(topic));
  }

  /** Some steps wait before any with state: the whole read takes them first, and then goes on in its order. */
  async #runWaiting(read: RecordBatch, prefix: AsyncChain<number>): Promise<void> {
    const ways = this.#waysOf(read);
    const waits = (row: number): boolean => {
      const way = ways[read.column(row, Column.topic)];
      return way === undefined ? this.#startOf(read, row).wholeWay : way.input.step === undefined;
    };
    for (let row = 0; row < read.length; row += 1) if (waits(row)) prefix.add(read, row, row);
    const staged: Staged<number>[] = [];
    await prefix.settle((one) => staged.push(one));
    let at = 0;
    for (let row = 0; row < read.length; row += 1) {
      const way = ways[read.column(row, Column.topic)];
      const own: Staged<number>[] = [];
      for (; staged[at]?.tag === row; at += 1) own.push(staged[at] as Staged<number>);
      const parts = waits(row) ? own : undefined;
      if (way === undefined) this.#runReplayed(read, row, parts);
      else this.#runRow(read, row, way, parts);
    }
  }

  /** Runs a record, or what the steps that wait have made of it; returns the latest event time seen. */
  #runFlow(read: RecordBatch, row: number, parts: readonly Staged<number>[] | undefined): number {
    const { flow } = this.#parts;
    if (parts === undefined) return flow.run(read, row, this.#arrival);
    let latest = NO_WATERMARK;
    for (const { batch, row: at, value, dropped } of parts) {
      this.#dropped.moveTo(batch, at, value);
      const time = dropped ? flow.timeOfDropped(this.#dropped) : flow.run(batch, at, this.#arrival, value);
      latest = Math.max(latest, time);
    }
    return latest;
  }

  #runRow(read: RecordBatch, row: number, way: Way, parts?: readonly Staged<number>[]): void {
    const partition = read.column(row, Column.partition);
    const isRun = way !== this.#way || partition !== this.#partition;
    if (isRun) this.#turnTo(way, partition);
    const { unit } = this.#arrival;
    unit.lastOffset = read.offset(row);
    if (isRun) this.#parts.onRun(unit, way.input.topic, unit.lastOffset);
    if (way.input.repartitioned) this.#runRepartitioned(read, row, way.input.topic);
    else this.#runOwn(read, row, parts);
  }

  /** Records of another partition begin. */
  #turnTo(way: Way, partition: number): void {
    const { input, entrance } = way;
    const arrival = this.#arrival;
    this.#way = way;
    this.#partition = partition;
    arrival.unit = this.#parts.unitOf(input.topic, partition);
    arrival.entrance = entrance;
    arrival.time = undefined;
    this.#clock = arrival.unit.clocks.get(input.topic);
    if (input.repartitioned) return;
    if (this.#clock === undefined) throw new Error(`no clock for ${input.topic}`);
    this.#parts.onRecord(this.#clock);
  }

  #runRepartitioned(read: RecordBatch, row: number, topic: string): void {
    const arrival = this.#arrival;
    takeEventHeader(read, row, this.#event);
    if (this.#event.kind === 'marker') {
      this.#takeMarker(arrival.unit, topic, read.valueJson(row) as unknown as Marker);
      return;
    }
    // What is no record of ours has the time that it shows.
    const own = this.#event.kind === 'record';
    arrival.time = own ? this.#event.time : undefined;
    arrival.watermark = own ? this.#event.watermark : NO_WATERMARK;
    this.#parts.flow.run(read, row, arrival);
  }

  /** A record whose time is its own: its partition's clock goes on by it. */
  #runOwn(read: RecordBatch, row: number, parts: readonly Staged<number>[] | undefined): void {
    const { unit } = this.#arrival;
    const clock = this.#clock as PartitionClock;
    this.#arrival.watermark = clock.watermark;
    const time = this.#runFlow(read, row, parts);
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
    const { node } = this.#parts;
    const partition = read.partition(row);
    const arrival = this.#arrival;
    const { entrance, time } = this.#startOf(read, row);
    arrival.unit = node.stateful ? this.#parts.unitOf(node.from[0] as string, partition) : this.#parts.anyUnit(partition);
    arrival.entrance = entrance;
    arrival.time = time;
    arrival.watermark = NO_WATERMARK;
    this.#way = undefined;
    this.#runFlow(read, row, parts);
  }

  /** Where a replayed dead letter goes in: behind the step that made it, at the join that it came to, or at the beginning. */
  #startOf(read: RecordBatch, row: number): { entrance: Entrance; time: number | undefined; wholeWay: boolean } {
    const { flow } = this.#parts;
    const resume = resumeOf(read, row);
    const behind = resume === undefined ? -1 : flow.numberOf(resume.step);
    if (resume !== undefined && behind >= 0)
      return { entrance: { ...AT_THE_BEGINNING, level: behind + 1 }, time: resume.time, wholeWay: false };
    const way = this.#ways.get(originOf(read, row)?.topic ?? '');
    if (way?.input.step !== undefined) return { entrance: way.entrance, time: undefined, wholeWay: false };
    return { entrance: AT_THE_BEGINNING, time: undefined, wholeWay: true };
  }
}

function entranceOf({ step, side }: StageInput, flow: Flow): Entrance {
  return step === undefined ? { ...AT_THE_BEGINNING, side } : { level: flow.numberOf(step), pastSteps: true, side };
}
