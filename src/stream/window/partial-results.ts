import type { JsonObject, JsonValue } from '../../record/json.ts';
import type { StreamRecord } from '../../record/record.ts';
import type { Accumulators, Aggregation } from '../../sdk/aggregation.ts';
import { groupKey } from '../../sdk/group-key.ts';
import type { Changelog, Derived, OperatorContext, OperatorOutcome, PartitionOperator, RecordTime } from '../../sdk/operator.ts';
import type { GroupBy, GroupId } from '../group-by.ts';
import { AlignedOperator } from './aligned-operator.ts';
import type { AlignedWindows } from './aligned-windows.ts';
import { Assignment } from './assignment.ts';
import { LeftOutReport } from './left-out-report.ts';
import { PairCounter } from './pair-counter.ts';
import { groupTooLong } from './refusals.ts';
import type { WindowSettings } from './settings.ts';

const NO_HEADERS = new Uint8Array(0);

interface Gathered {
  readonly accumulators: Accumulators;
  /** The largest event time of its records. */
  time: number;
}

/** What is gathered in one micro-batch for a group in a window, as a record. A format: it is in the repartition topic. */
function encodePartial(group: JsonValue[], start: number, accumulators: JsonValue): JsonObject {
  return { group, start, accumulators };
}

/**
 * The half of a windows' step that runs before records are brought together: gathers what comes within a micro-batch, and emits
 * it at its end. It judges what is late, by the record's own watermark, and counts; it has no state beyond the micro-batch.
 */
export class PartialOperator implements PartitionOperator {
  readonly #assignment: Assignment;
  readonly #settings: WindowSettings;
  readonly #emit: (derived: Derived) => void;
  readonly #counter: PairCounter;
  readonly #leftOut: LeftOutReport;
  readonly #gathered = new Map<number, Map<GroupId, Gathered>>();
  #size = 0;

  constructor(windows: AlignedWindows, settings: WindowSettings, context: OperatorContext) {
    this.#assignment = new Assignment(windows);
    this.#settings = settings;
    this.#emit = context.emit;
    this.#counter = new PairCounter(settings.late, context.counters);
    this.#leftOut = new LeftOutReport(settings.aggregation, context);
  }

  get size(): number {
    return this.#size;
  }

  process(record: StreamRecord, at: RecordTime): OperatorOutcome {
    const group = this.#settings.groupBy.idOf(record);
    if (group === undefined) return groupTooLong();
    this.#assignment.judge(at, at.watermark - this.#settings.keep);
    const { starts, length } = this.#assignment;
    for (let i = 0; i < length; i += 1) {
      const gathered = this.#of(starts[i] as number, group);
      this.#settings.aggregation.add(gathered.accumulators, record, at.time);
      if (at.time > gathered.time) gathered.time = at.time;
    }
    return this.#counter.count(at, this.#assignment);
  }

  #of(start: number, group: GroupId): Gathered {
    let groups = this.#gathered.get(start);
    if (groups === undefined) {
      groups = new Map();
      this.#gathered.set(start, groups);
    }
    let gathered = groups.get(group);
    if (gathered === undefined) {
      gathered = { accumulators: this.#settings.aggregation.create(), time: Number.NEGATIVE_INFINITY };
      groups.set(group, gathered);
      this.#size += 1;
    }
    return gathered;
  }

  flush(_changes: Changelog): void {
    const { groupBy, aggregation } = this.#settings;
    for (const [start, groups] of this.#gathered) {
      for (const [group, { accumulators, time }] of groups) {
        const values = groupBy.valuesOf(group);
        const value = encodePartial(values, start, aggregation.encode(accumulators));
        this.#emit({ value, key: groupKey(values), time, headers: NO_HEADERS });
      }
    }
    this.#forget();
    this.#counter.seal();
    this.#leftOut.check();
  }

  #forget(): void {
    this.#gathered.clear();
    this.#size = 0;
  }

  commit(): void {
    this.#counter.commit();
  }

  rollback(): void {
    this.#forget();
    this.#counter.rollback();
  }

  advance(): void {}
  tick(): void {}
  restore(): void {}
  restored(): void {}
  emitOpen(): void {}
}

/** The other half: puts together what the operators of the first half have gathered. */
export class MergingOperator extends AlignedOperator {
  readonly #groupBy: GroupBy;
  readonly #aggregation: Aggregation;

  constructor(windows: AlignedWindows, settings: WindowSettings, context: OperatorContext) {
    super(windows, settings, context);
    this.#groupBy = settings.groupBy;
    this.#aggregation = settings.aggregation;
  }

  override process({ value }: StreamRecord, at: RecordTime): OperatorOutcome | undefined {
    const { group, start, accumulators } = value as { group: JsonValue[]; start: number; accumulators: JsonValue };
    return this.merge(start, this.#groupBy.idOfValues(group), this.#aggregation.decode(accumulators), at);
  }
}
