import { MillraceError } from '../../errors/index.ts';
import type { Timer } from '../../sdk/keyed-state.ts';
import type { Changelog } from '../../sdk/operator.ts';
import type { Journal } from './journal.ts';
import type { Limits } from './keyed-store.ts';
import { MovingDeadlines } from './moving-deadlines.ts';
import { byCodeUnits, checkText } from './state-views.ts';

/** What an address of a timer begins with in the changelog. A format. */
const PREFIX = { event: 'e', wall: 'w' } as const;
/** What JavaScript's dates can hold. */
const LATEST = 8.64e15;

/**
 * Timers of keys, one for each key, name and clock; with what they replaced in a journal. In the changelog as
 * `["e",key,name]` or `["w",key,name]`, with the time.
 */
export class TimerStore {
  readonly #journal: Journal<() => void>;
  readonly #limits: Limits;
  readonly #times = new Map<string, number>();
  readonly #due = { event: this.#deadlines(), wall: this.#deadlines() };
  #touched = new Set<string>();

  constructor(journal: Journal<() => void>, limits: Limits) {
    this.#journal = journal;
    this.#limits = limits;
  }

  get size(): number {
    return this.#times.size;
  }

  isDue(clock: Timer['clock'], by: number): boolean {
    return this.#due[clock].next <= by;
  }

  set({ clock, key, name, time }: Timer): void {
    checkText(name, 'a key', key);
    checkText(name, 'a name', name);
    if (typeof time !== 'number' || !(Math.abs(time) <= LATEST)) {
      throw new MillraceError('TIMER_TIME', { name, key, found: String(time) });
    }
    const address = addressOf(clock, key, name);
    if (!this.#times.has(address) && this.#times.size + this.#limits.held() >= this.#limits.maxEntries) {
      throw new MillraceError('STATE_FULL', { name, limit: this.#limits.maxEntries });
    }
    this.#replace(address, time);
  }

  delete(key: string, name: string): void {
    for (const clock of ['event', 'wall'] as const) {
      const address = addressOf(clock, key, name);
      if (this.#times.has(address)) this.#replace(address, undefined);
    }
  }

  /** The timers that are due first of those due by `by`: all of one time, ordered by key and name. They stay. */
  due(clock: Timer['clock'], by: number): readonly Timer[] {
    const due = this.#due[clock];
    const time = due.next;
    if (time > by || time === Number.POSITIVE_INFINITY) return [];
    const addresses: string[] = [];
    while (due.next === time) addresses.push(due.take());
    for (const address of addresses) due.set(address, time);
    const timers = addresses.map((address): Timer => {
      const [, key, name] = JSON.parse(address) as [string, string, string];
      return { clock, key, name, time };
    });
    return timers.sort((a, b) => byCodeUnits(a.key, b.key) || byCodeUnits(a.name, b.name));
  }

  /** Deletes a timer that is due. False where it is not what it was: another has moved or deleted it. */
  remove({ clock, key, name, time }: Timer): boolean {
    const address = addressOf(clock, key, name);
    if (this.#times.get(address) !== time) return false;
    this.#replace(address, undefined);
    return true;
  }

  flush(changes: Changelog): void {
    for (const address of this.#touched) {
      const time = this.#times.get(address);
      if (time === undefined) changes.remove(address);
      else changes.put(address, JSON.stringify([time]));
    }
    this.#touched = new Set();
  }

  rolledBack(): void {
    this.#touched = new Set();
  }

  /** Whether an address of the changelog is one of a timer. */
  static owns(address: string): boolean {
    return address.startsWith('["e"') || address.startsWith('["w"');
  }

  restore(address: string, text: string | null): void {
    this.#apply(address, text === null ? undefined : (JSON.parse(text) as [number])[0]);
  }

  #deadlines(): MovingDeadlines<string> {
    return new MovingDeadlines<string>((address) => this.#times.get(address) ?? Number.POSITIVE_INFINITY);
  }

  #replace(address: string, time: number | undefined): void {
    const before = this.#times.get(address);
    this.#journal.note(() => this.#apply(address, before));
    this.#touched.add(address);
    this.#apply(address, time);
  }

  #apply(address: string, time: number | undefined): void {
    if (time === undefined) {
      this.#times.delete(address);
      return;
    }
    this.#times.set(address, time);
    this.#due[address.startsWith('["e"') ? 'event' : 'wall'].set(address, time);
  }
}

function addressOf(clock: Timer['clock'], key: string, name: string): string {
  return JSON.stringify([PREFIX[clock], key, name]);
}
