/**
 * A map that forgets what has not been asked for lately, and holds at most `size` entries: those since the last turn,
 * and those of the turn before. It costs no list of uses, and nothing is moved but what is asked for again.
 */
export class RecentCache<Value> {
  readonly #half: number;
  #young = new Map<string, Value>();
  #old = new Map<string, Value>();

  constructor(size: number) {
    this.#half = Math.max(1, Math.floor(size / 2));
  }

  get(key: string): Value | undefined {
    const young = this.#young.get(key);
    if (young !== undefined) return young;
    const old = this.#old.get(key);
    if (old !== undefined) this.set(key, old);
    return old;
  }

  set(key: string, value: Value): void {
    if (this.#young.size >= this.#half) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(key, value);
  }

  clear(): void {
    this.#young.clear();
    this.#old.clear();
  }

  /** Entries held, some perhaps twice. */
  get size(): number {
    return this.#young.size + this.#old.size;
  }
}
