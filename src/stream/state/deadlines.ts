/**
 * Things that are due at a time, soonest first (a binary heap). Nothing is taken out before it is due: whoever takes one asks
 * whether it still means anything.
 */
export class Deadlines<Item> {
  readonly #times: number[] = [];
  readonly #items: Item[] = [];

  /** When the next is due; Infinity where there is none. */
  get next(): number {
    return this.#times.length === 0 ? Number.POSITIVE_INFINITY : (this.#times[0] as number);
  }

  add(time: number, item: Item): void {
    const times = this.#times;
    const items = this.#items;
    let at = times.length;
    times.push(time);
    items.push(item);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if ((times[parent] as number) <= time) break;
      times[at] = times[parent] as number;
      items[at] = items[parent] as Item;
      at = parent;
    }
    times[at] = time;
    items[at] = item;
  }

  /** The one that is due next. There must be one. */
  peek(): Item {
    return this.#items[0] as Item;
  }

  /** Takes the one that is due next. There must be one. */
  take(): Item {
    const first = this.#items[0] as Item;
    const time = this.#times.pop() as number;
    const item = this.#items.pop() as Item;
    if (this.#times.length > 0) this.#sink(time, item);
    return first;
  }

  clear(): void {
    this.#times.length = 0;
    this.#items.length = 0;
  }

  /** Puts `item` at the top, and lets it sink to its place. */
  #sink(time: number, item: Item): void {
    const times = this.#times;
    const items = this.#items;
    const { length } = times;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= length) break;
      if (child + 1 < length && (times[child + 1] as number) < (times[child] as number)) child += 1;
      if ((times[child] as number) >= time) break;
      times[at] = times[child] as number;
      items[at] = items[child] as Item;
      at = child;
    }
    times[at] = time;
    items[at] = item;
  }
}
