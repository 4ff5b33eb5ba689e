import type { TableView } from '../../sdk/operator.ts';
import { resetPlace } from '../../topology/reset-place.ts';
import type { StageNode } from '../../topology/stages.ts';
import type { TaskEnvironment } from '../task.ts';
import type { Flow } from './flow.ts';
import { restoreUnit } from './restore.ts';
import type { StateUnit } from './state-unit.ts';
import { TableReader } from './table-reader.ts';
import type { UnitFactory, UnitPlace } from './unit-factory.ts';
import { UnitParking } from './unit-parking.ts';

/** Brings units to where they were committed: their state, their event time, and the tables that their joins look up. */
export class UnitLoader {
  readonly #node: StageNode;
  readonly #env: TaskEnvironment;
  readonly #flow: Flow;
  readonly #units: UnitFactory;
  readonly #stopping = new AbortController();
  readonly #parking: UnitParking;
  #tables: TableReader | undefined;

  constructor(node: StageNode, env: TaskEnvironment, { flow, units }: { flow: Flow; units: UnitFactory }) {
    this.#node = node;
    this.#env = env;
    this.#flow = flow;
    this.#units = units;
    this.#parking = new UnitParking({ changelog: node.changelog as string, signal: this.#stopping.signal, ...env });
  }

  async load(place: UnitPlace): Promise<StateUnit> {
    const { kafka, lookup, clock, log, pipeline, restores } = this.#env;
    const { signal } = this.#stopping;
    const parked = await restores.run(() => this.#parking.take(place), signal);
    if (parked !== undefined) return parked;
    const unit = this.#units.create(place, await this.#openTables(place.partition));
    const steps = this.#flow.operators.map(({ step }) => step.id);
    const changelog = this.#node.changelog as string;
    const what = { stage: this.#node.name, reset: resetPlace(pipeline, this.#node), changelog, steps };
    await restores.run(() => restoreUnit(unit, { ...what, kafka, lookup, clock, log, signal }), signal);
    return unit;
  }

  /** These units are about to be given up, with nothing of theirs in flight: they may come back as they are. */
  async park(units: readonly StateUnit[]): Promise<void> {
    // A table goes on without them.
    if (this.#node.tables.length === 0) await this.#parking.add(units);
  }

  /** Lets go of units that have not come back. */
  sweep(): void {
    this.#parking.sweep();
  }

  /** The unit of this partition is another task's. */
  forget(partition: number): void {
    for (const topic of this.#node.tables) this.#tables?.forget({ topic, partition });
  }

  /** Throws where the tables are not kept up any more. */
  assertReading(): void {
    this.#tables?.assertReading();
  }

  async close(): Promise<void> {
    this.#stopping.abort(new Error('the task ends'));
    await this.#tables?.close();
  }

  async #openTables(partition: number): Promise<ReadonlyMap<string, TableView>> {
    const tables = new Map<string, TableView>();
    // A run over all there is looks up what its tables come to in it.
    if (this.#node.tables.length > 0) await this.#env.inputEnded?.(this.#node.tables);
    for (const { step } of this.#flow.operators) {
      const source = step.definition.state.table?.(step.options);
      if (source === undefined) continue;
      this.#tables ??= new TableReader(this.#env);
      tables.set(step.id, await this.#tables.open(source, partition));
    }
    return tables;
  }
}
