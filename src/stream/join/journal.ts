/** A micro-batch's changes: what was done, and to what, in two lists so that no object is made for each. */
interface Segment<Item> {
  readonly kinds: number[];
  readonly items: Item[];
  /** What event time had come to when the micro-batch began. */
  readonly watermark: number;
}

/**
 * Remembers the changes made in place by micro-batches that are not committed yet, so that they can be taken back: the one at
 * work, and those that were flushed and whose commit is under way.
 */
export class Journal<Item> {
  readonly #flushed: Segment<Item>[] = [];
  #open: Segment<Item>;

  constructor(watermark: number) {
    this.#open = { kinds: [], items: [], watermark };
  }

  note(kind: number, item: Item): void {
    this.#open.kinds.push(kind);
    this.#open.items.push(item);
  }

  /** The micro-batch at work ends, and the next begins at `watermark`. */
  flush(watermark: number): void {
    this.#flushed.push(this.#open);
    this.#open = { kinds: [], items: [], watermark };
  }

  /** The oldest micro-batch that was flushed is durable. */
  commit(): void {
    this.#flushed.shift();
  }

  /** Calls `undo` for every change that is not durable, the last first. Returns the watermark to go back to. */
  rollback(undo: (kind: number, item: Item) => void): number {
    const segments = [...this.#flushed, this.#open];
    const watermark = segments[0]?.watermark as number;
    for (const { kinds, items } of segments.reverse())
      for (let i = items.length - 1; i >= 0; i -= 1) undo(kinds[i] as number, items[i] as Item);
    this.#flushed.length = 0;
    this.#open = { kinds: [], items: [], watermark };
    return watermark;
  }
}
