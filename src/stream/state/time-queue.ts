/** What waits for a time. */
export interface Queued {
  readonly time: number;
  /** The order of arrival, by which those of one time are told apart. */
  readonly seq: number;
  /** Whether it still waits. One that does not is passed over. */
  readonly present: boolean;
}

/** The order of time; of one time, the order of arrival. */
export function isBefore(a: Queued, b: Queued): boolean {
  return a.time < b.time || (a.time === b.time && a.seq < b.seq);
}

/** Records in the order of (time, seq), as a binary heap: one that comes in order is added without a move. */
export class TimeQueue<Entry extends Queued> {
  readonly #heap: Entry[] = [];

  /** The first record that is still there, or `undefined`. Those that are not any more are forgotten. */
  peek(): Entry | undefined {
    for (let first = this.#heap[0]; first !== undefined; first = this.#heap[0]) {
      if (first.present) return first;
      this.take();
    }
    return undefined;
  }

  add(entry: Entry): void {
    const heap = this.#heap;
    let place = heap.length;
    heap.push(entry);
    while (place > 0) {
      const above = (place - 1) >>> 1;
      const parent = heap[above] as Entry;
      if (!isBefore(entry, parent)) break;
      heap[place] = parent;
      place = above;
    }
    heap[place] = entry;
  }

  /** Takes out the first. */
  take(): void {
    const heap = this.#heap;
    const last = heap.pop();
    const { length } = heap;
    if (last === undefined || length === 0) return;
    let place = 0;
    for (;;) {
      let child = 2 * place + 1;
      if (child >= length) break;
      if (child + 1 < length && isBefore(heap[child + 1] as Entry, heap[child] as Entry)) child += 1;
      const least = heap[child] as Entry;
      if (isBefore(last, least)) break;
      heap[place] = least;
      place = child;
    }
    heap[place] = last;
  }

  /** All that are there, in order. */
  sorted(): Entry[] {
    return this.#heap.filter(({ present }) => present).sort((a, b) => (isBefore(a, b) ? -1 : 1));
  }
}
