import type { JsonValue } from '../../record/json.ts';
import type { GroupBy, GroupId } from '../group-by.ts';
import { MovingDeadlines } from '../state/moving-deadlines.ts';
import type { Rule } from './rule.ts';

interface Cell<State> {
  state: State;
  /** The micro-batch that set it. */
  epoch: number;
}

/** What a key's state was before the micro-batch at work. */
export interface StateChange<State> {
  readonly group: GroupId;
  readonly before: State | undefined;
}

/** The states of keys, with the times at which they are due. */
export class RuleStates<State> {
  readonly #rule: Rule<State>;
  readonly #groupBy: GroupBy;
  readonly #note: (change: StateChange<State>) => void;
  readonly #cells = new Map<GroupId, Cell<State>>();
  readonly #deadlines: MovingDeadlines<GroupId>;
  /** The keys whose states the micro-batch at work has changed. */
  #touched = new Set<GroupId>();

  /** `note`: remembers a change, so that {@link takeBack} can be called for it. */
  constructor(rule: Rule<State>, groupBy: GroupBy, note: (change: StateChange<State>) => void) {
    this.#rule = rule;
    this.#groupBy = groupBy;
    this.#note = note;
    this.#deadlines = new MovingDeadlines((group) => this.#dueAt(this.#cells.get(group)));
  }

  get size(): number {
    return this.#cells.size;
  }

  has(group: GroupId): boolean {
    return this.#cells.has(group);
  }

  /** Whether the micro-batch of this number has made the key's state. */
  isOf(group: GroupId, epoch: number): boolean {
    return this.#cells.get(group)?.epoch === epoch;
  }

  get(group: GroupId): State | undefined {
    return this.#cells.get(group)?.state;
  }

  /** When the next state is due, in ms of event time; Infinity where none is. */
  get nextDue(): number {
    return this.#deadlines.next;
  }

  /** The key whose state is due next. There must be one. */
  takeDue(): GroupId {
    return this.#deadlines.take();
  }

  /** `epoch`: the number of the micro-batch at work. */
  set(group: GroupId, state: State | undefined, epoch: number): void {
    const cell = this.#cells.get(group);
    if (cell?.state === state) {
      // It is as it was, or was made in this micro-batch and changed in place: then that has been noted.
      // One whose deadline was taken has another now, or it would come again at once.
      if (cell !== undefined) this.#deadlines.set(group, this.#dueAt(cell));
      return;
    }
    // A key that had no state in this micro-batch before, or has it no more, is noted again: which one counts is the oldest.
    if (cell?.epoch !== epoch) this.#note({ group, before: cell?.state });
    this.#touched.add(group);
    this.#put(group, state, epoch);
  }

  /** Undoes a change: the last one first. */
  takeBack({ group, before }: StateChange<State>): void {
    this.#put(group, before, -1);
  }

  /** What the micro-batch at work has changed: the texts of the keys' values, and their states as they are stored. */
  *changed(): Generator<readonly [values: string, stored: JsonValue | undefined]> {
    for (const group of this.#touched) {
      const cell = this.#cells.get(group);
      yield [this.#groupBy.textOf(group), cell === undefined ? undefined : this.#rule.encode(cell.state)];
    }
  }

  forgetChanges(): void {
    this.#touched = new Set();
  }

  restore(values: readonly JsonValue[], stored: JsonValue | undefined): void {
    const group = this.#groupBy.idOfValues(values);
    if (stored === undefined) this.#cells.delete(group);
    else this.#cells.set(group, { state: this.#rule.decode(stored), epoch: -1 });
  }

  restored(): void {
    for (const [group, cell] of this.#cells) this.#deadlines.set(group, this.#dueAt(cell));
  }

  #put(group: GroupId, state: State | undefined, epoch: number): void {
    if (state === undefined) {
      this.#cells.delete(group);
      return;
    }
    let cell = this.#cells.get(group);
    if (cell === undefined) {
      cell = { state, epoch };
      this.#cells.set(group, cell);
    } else {
      cell.state = state;
      cell.epoch = epoch;
    }
    this.#deadlines.set(group, this.#dueAt(cell));
  }

  #dueAt(cell: Cell<State> | undefined): number {
    return cell === undefined ? Number.POSITIVE_INFINITY : this.#rule.dueAt(cell.state);
  }
}
