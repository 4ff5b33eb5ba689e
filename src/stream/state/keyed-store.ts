import { MillraceError } from '../../errors/index.ts';
import type { ReadonlyJsonValue } from '../../record/json.ts';
import { frozenCopy, NotJson } from '../../record/json-copy.ts';
import { type Changelog, NO_WATERMARK } from '../../sdk/operator.ts';
import type { Journal } from './journal.ts';
import { MovingDeadlines } from './moving-deadlines.ts';

/** What an entry's address begins with in the changelog: it is a value, a field of a map, or an item of a list. A format. */
export const KINDS = ['v', 'm', 'l'] as const;
export type EntryKind = (typeof KINDS)[number];

interface Cell {
  readonly value: ReadonlyJsonValue;
  /** The watermark at which it is forgotten; Infinity: never. */
  readonly expires: number;
}

/** The numbers of the items of a list: from `first` up to, and without, `next`. */
interface Bounds {
  readonly first: number;
  readonly next: number;
}

/** What never expires. */
const NEVER = Number.POSITIVE_INFINITY;
const NO_ITEMS: Bounds = { first: 0, next: 0 };

export interface Limits {
  /** The most entries; `held` says what others hold of them. */
  readonly maxEntries: number;
  readonly held: () => number;
}

export interface StoreParts extends Limits {
  /** What event time has come to, from which the time to live of an entry counts. */
  readonly watermark: () => number;
}

/**
 * Entries by address, with what they replaced in a journal. An address is the text of a JSON list, and its key in the changelog:
 * `["v",name,key]`, `["m",name,key,field]`, `["l",name,key,number]`; the first three of these are the text of its container.
 */
export class KeyedStore {
  readonly #journal: Journal<() => void>;
  readonly #parts: StoreParts;
  readonly #cells = new Map<string, Cell>();
  /** The fields of maps, by container. */
  readonly #fields = new Map<string, Set<string>>();
  readonly #bounds = new Map<string, Bounds>();
  readonly #expiry = new MovingDeadlines<string>((address) => this.#cells.get(address)?.expires ?? NEVER);
  #touched = new Set<string>();

  constructor(journal: Journal<() => void>, parts: StoreParts) {
    this.#journal = journal;
    this.#parts = parts;
  }

  get size(): number {
    return this.#cells.size;
  }

  /** The watermark at which the next entry may be forgotten. */
  get nextExpiry(): number {
    return this.#expiry.next;
  }

  /** Forgets what has expired by the watermark. */
  expire(watermark: number): void {
    while (this.#expiry.next <= watermark) this.#replace(this.#expiry.take(), undefined);
  }

  get(address: string): ReadonlyJsonValue | undefined {
    return this.#cells.get(address)?.value;
  }

  /** Sets an entry; `ttl` in ms, Infinity for none. Throws where the value cannot be kept. */
  set(address: string, value: unknown, ttl: number): void {
    const copy = this.#copyOf(address, value);
    // Before there is any event time nothing can be said to expire.
    const watermark = this.#parts.watermark();
    const expires = watermark === NO_WATERMARK ? NEVER : watermark + ttl;
    if (!this.#cells.has(address) && this.#cells.size + this.#parts.held() >= this.#parts.maxEntries) {
      throw new MillraceError('STATE_FULL', { name: nameOf(address), limit: this.#parts.maxEntries });
    }
    this.#replace(address, { value: copy, expires });
  }

  delete(address: string): void {
    if (this.#cells.has(address)) this.#replace(address, undefined);
  }

  fields(container: string): readonly string[] {
    return [...(this.#fields.get(container) ?? [])];
  }

  fieldCount(container: string): number {
    return this.#fields.get(container)?.size ?? 0;
  }

  bounds(container: string): Bounds {
    return this.#bounds.get(container) ?? NO_ITEMS;
  }

  /** Writes the entries that the micro-batch at work has changed. */
  flush(changes: Changelog): void {
    for (const address of this.#touched) {
      const cell = this.#cells.get(address);
      if (cell === undefined) changes.remove(address);
      else changes.put(address, JSON.stringify(cell.expires === NEVER ? [cell.value] : [cell.value, cell.expires]));
    }
    this.#touched = new Set();
  }

  /** What the micro-batch at work had changed has been taken back. */
  rolledBack(): void {
    this.#touched = new Set();
  }

  restore(address: string, text: string | null): void {
    if (text === null) {
      this.#cells.delete(address);
      return;
    }
    const [value, expires = NEVER] = JSON.parse(text) as [ReadonlyJsonValue, number?];
    this.#cells.set(address, { value: frozenCopy(value), expires });
  }

  restored(): void {
    for (const [address, cell] of this.#cells) this.#index(address, cell);
  }

  #replace(address: string, cell: Cell | undefined): void {
    const before = this.#cells.get(address);
    this.#journal.note(() => this.#apply(address, before));
    this.#touched.add(address);
    this.#apply(address, cell);
  }

  #apply(address: string, cell: Cell | undefined): void {
    if (cell === undefined) this.#cells.delete(address);
    else this.#cells.set(address, cell);
    this.#index(address, cell);
  }

  #index(address: string, cell: Cell | undefined): void {
    if (cell !== undefined) this.#expiry.set(address, cell.expires);
    if (address.startsWith('["v"')) return;
    const [kind, name, key, last] = JSON.parse(address) as [EntryKind, string, string, string | number];
    const container = JSON.stringify([kind, name, key]);
    if (kind === 'm') this.#indexField(container, last as string, cell !== undefined);
    else this.#indexItem(container, last as number, cell !== undefined);
  }

  #indexField(container: string, field: string, present: boolean): void {
    const fields = this.#fields.get(container) ?? new Set();
    if (present) fields.add(field);
    else fields.delete(field);
    if (fields.size === 0) this.#fields.delete(container);
    else this.#fields.set(container, fields);
  }

  /** Items come at the end and go from the beginning; those in between may go first, where the time to live has been changed. */
  #indexItem(container: string, number: number, present: boolean): void {
    const { first, next } = this.#bounds.get(container) ?? { first: number, next: number };
    if (present) {
      this.#bounds.set(container, { first: Math.min(first, number), next: Math.max(next, number + 1) });
      return;
    }
    const cut = { first, next };
    while (cut.first < cut.next && !this.#cells.has(within(container, cut.first))) cut.first += 1;
    while (cut.first < cut.next && !this.#cells.has(within(container, cut.next - 1))) cut.next -= 1;
    if (cut.first === cut.next) this.#bounds.delete(container);
    else this.#bounds.set(container, cut);
  }

  #copyOf(address: string, value: unknown): ReadonlyJsonValue {
    try {
      return frozenCopy(value);
    } catch (error) {
      if (!(error instanceof NotJson)) throw error;
      const [, name, key] = JSON.parse(address) as [EntryKind, string, string];
      throw new MillraceError('STATE_NOT_JSON', { name, key, reason: error.message });
    }
  }
}

/** The text of the address of what is in a container. */
export function within(container: string, last: string | number): string {
  return `${container.slice(0, -1)},${JSON.stringify(last)}]`;
}

function nameOf(address: string): string {
  return (JSON.parse(address) as [EntryKind, string])[1];
}
