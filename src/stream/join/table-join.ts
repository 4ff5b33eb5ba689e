import { type FieldPath, setField } from '../../record/path.ts';
import type { StreamRecord } from '../../record/record.ts';
import { groupKey } from '../../sdk/group-key.ts';
import type { OperatorContext, OperatorOutcome, PartitionOperator, TableView } from '../../sdk/operator.ts';
import type { Evaluate } from '../../sdk/option.ts';
import { DROPPED } from '../../sdk/step.ts';

/** A stream joined with a table by the table's Kafka key. */
export interface TableJoinOptions {
  readonly type: 'inner' | 'left';
  readonly key: Evaluate;
  /** Where the table's value is put. */
  readonly as: FieldPath;
}

/** Puts what the table holds for a record's key into the record. It has no state of its own: the table is kept by the runtime. */
export class TableJoin implements PartitionOperator {
  readonly #key: Evaluate;
  readonly #as: FieldPath;
  readonly #miss: OperatorOutcome | undefined;
  readonly #table: TableView;
  readonly size = 0;

  constructor({ type, key, as }: TableJoinOptions, { table, component, id }: OperatorContext) {
    if (table === undefined) throw new Error(`the step ${id} of ${component} was given no table`);
    this.#table = table;
    this.#key = key;
    this.#as = as;
    this.#miss = type === 'inner' ? DROPPED : undefined;
  }

  process(record: StreamRecord): OperatorOutcome | undefined {
    const key = this.#key(record) ?? null;
    const found = key === null ? undefined : this.#table.get(groupKey([key]) as string);
    if (found === undefined) return this.#miss;
    setField(record.value, this.#as, found);
    return undefined;
  }

  // What follows has nothing to do without a state.
  advance(): void {}
  tick(): void {}
  flush(): void {}
  commit(): void {}
  rollback(): void {}
  restore(): void {}
  restored(): void {}
  emitOpen(): void {}
}
