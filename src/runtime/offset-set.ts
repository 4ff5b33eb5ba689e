/** Offsets in one word of the set, and words in one of its chunks. */
const BITS = 32;
const WORDS = 2_048;

/** A set of offsets, a bit each: what a topic holds fits into a few megabytes. Memory goes to where offsets are only. */
export class OffsetSet {
  readonly #chunks = new Map<number, Uint32Array>();

  add(offset: number): void {
    const word = Math.floor(offset / BITS);
    const chunk = Math.floor(word / WORDS);
    let words = this.#chunks.get(chunk);
    if (words === undefined) {
      words = new Uint32Array(WORDS);
      this.#chunks.set(chunk, words);
    }
    const at = word % WORDS;
    words[at] = (words[at] as number) | (1 << (offset % BITS));
  }

  has(offset: number): boolean {
    const word = Math.floor(offset / BITS);
    const words = this.#chunks.get(Math.floor(word / WORDS));
    return words !== undefined && ((words[word % WORDS] as number) & (1 << (offset % BITS))) !== 0;
  }
}
