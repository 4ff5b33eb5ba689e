import { MillraceError } from '../../errors/index.ts';
import type { ReadonlyJsonValue } from '../../record/json.ts';
import type { ListOptions, ListState, MapState, StateOptions, ValueState } from '../../sdk/keyed-state.ts';
import { parseDuration } from '../../sdk/schema.ts';
import { type EntryKind, type KeyedStore, within } from './keyed-store.ts';

export const MOST_KEY_CHARACTERS = 10_000;
const MOST_NAME_CHARACTERS = 100;
const MOST_ITEMS = 100_000;

/** Refuses what comes from a run that is over; `what` is used. */
export type Guard = (what: string) => void;

/** The views of a store that its user has. */
export class StateViews {
  readonly #store: KeyedStore;
  readonly #guard: Guard;
  readonly #kinds = new Map<string, EntryKind>();

  constructor(store: KeyedStore, guard: Guard) {
    this.#store = store;
    this.#guard = guard;
  }

  value<T extends ReadonlyJsonValue>(name: string, options: StateOptions = {}): ValueState<T> {
    const ttl = this.#declare('v', name, options);
    const store = this.#store;
    return {
      get: (key) => store.get(this.#container('v', name, key)) as T | undefined,
      set: (key, value) => store.set(this.#container('v', name, key), value, ttl),
      delete: (key) => store.delete(this.#container('v', name, key)),
    };
  }

  map<T extends ReadonlyJsonValue>(name: string, options: StateOptions = {}): MapState<T> {
    const ttl = this.#declare('m', name, options);
    const store = this.#store;
    const address = (key: string, field: string): string => {
      checkText(name, 'a field', field);
      return within(this.#container('m', name, key), field);
    };
    return {
      get: (key, field) => store.get(address(key, field)) as T | undefined,
      set: (key, field, value) => store.set(address(key, field), value, ttl),
      delete: (key, field) => {
        const container = this.#container('m', name, key);
        if (field !== undefined) store.delete(address(key, field));
        else for (const each of store.fields(container)) store.delete(within(container, each));
      },
      entries: (key) => {
        const container = this.#container('m', name, key);
        const fields = store.fields(container).toSorted(byCodeUnits);
        return fields.map((field) => [field, store.get(within(container, field)) as T] as const);
      },
      size: (key) => store.fieldCount(this.#container('m', name, key)),
    };
  }

  list<T extends ReadonlyJsonValue>(name: string, options: ListOptions): ListState<T> {
    const ttl = this.#declare('l', name, options);
    const { max, whenFull = 'error' } = options;
    if (!(Number.isInteger(max) && max >= 1 && max <= MOST_ITEMS)) {
      throw new MillraceError('STATE_OPTIONS', { name, reason: `"max" must be a whole number from 1 to ${MOST_ITEMS}` });
    }
    const store = this.#store;
    const items = (key: string): readonly T[] => {
      const container = this.#container('l', name, key);
      const { first, next } = store.bounds(container);
      const all = Array.from({ length: next - first }, (_, i) => store.get(within(container, first + i)) as T | undefined);
      return all.filter((item) => item !== undefined);
    };
    return {
      get: items,
      append: (key, item) => {
        const container = this.#container('l', name, key);
        const { first, next } = store.bounds(container);
        if (next - first < max) {
          store.set(within(container, next), item, ttl);
          return;
        }
        if (whenFull === 'error') throw new MillraceError('STATE_LIST_FULL', { name, key, limit: max });
        for (let number = first; number <= next - max; number += 1) store.delete(within(container, number));
        store.set(within(container, next), item, ttl);
      },
      delete: (key) => {
        const container = this.#container('l', name, key);
        const { first, next } = store.bounds(container);
        for (let number = first; number < next; number += 1) store.delete(within(container, number));
      },
      size: (key) => items(key).length,
    };
  }

  /** Notes the kind of a name, and reads its time to live in ms. */
  #declare(kind: EntryKind, name: string, { ttl }: StateOptions): number {
    if (typeof name !== 'string' || name === '' || name.length > MOST_NAME_CHARACTERS) {
      const reason = `a name is a text of 1 to ${MOST_NAME_CHARACTERS} characters`;
      throw new MillraceError('STATE_OPTIONS', { name: String(name), reason });
    }
    const other = this.#kinds.get(name);
    if (other !== undefined && other !== kind) {
      throw new MillraceError('STATE_OPTIONS', { name, reason: 'it is a state of another kind already; choose another name' });
    }
    this.#kinds.set(name, kind);
    if (ttl === undefined) return Number.POSITIVE_INFINITY;
    const ms = parseDuration(ttl);
    if (ms === undefined || ms <= 0) {
      throw new MillraceError('STATE_OPTIONS', { name, reason: `"ttl" must be a span with its unit, such as 1h, and is ${ttl}` });
    }
    return ms;
  }

  #container(kind: EntryKind, name: string, key: string): string {
    this.#guard('the state');
    checkText(name, 'a key', key);
    return JSON.stringify([kind, name, key]);
  }
}

export function checkText(name: string, what: string, text: unknown): void {
  if (typeof text === 'string' && text.length <= MOST_KEY_CHARACTERS) return;
  const found = typeof text === 'string' ? `${text.length} characters long` : text === null ? 'null' : typeof text;
  throw new MillraceError('STATE_KEY', { name, what, limit: MOST_KEY_CHARACTERS, found });
}

export function byCodeUnits(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
