/** What may be emitted and not committed: far more than one transaction holds. Memory is bounded by what may wait to be written. */
const MAX_BYTES = 256 * 1024 * 1024;
const MAX_EMITS = 4096;

/** Emits that have not been committed yet. They commit in their order, so the oldest is the one to wait for. */
export class InFlight {
  readonly #queue: { readonly settled: Promise<void>; readonly bytes: number }[] = [];
  #bytes = 0;
  #failure: { readonly error: unknown } | undefined;

  /** Takes an emit's promise. What it rejects with is thrown by the next {@link room} or {@link drained}. */
  add(emitted: Promise<void>, bytes: number): void {
    this.#bytes += bytes;
    const entry = {
      bytes,
      settled: emitted
        .catch((error: unknown) => {
          this.#failure ??= { error };
        })
        .then(() => {
          this.#bytes -= bytes;
          this.#queue.splice(this.#queue.indexOf(entry), 1);
        }),
    };
    this.#queue.push(entry);
  }

  /** Settles when there is room for another emit; throws when one failed. */
  async room(): Promise<void> {
    this.check();
    while (this.#bytes >= MAX_BYTES || this.#queue.length >= MAX_EMITS) {
      await this.#queue[0]?.settled;
      this.check();
    }
  }

  /** Throws when an emit failed. */
  check(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  /** Settles when every emit has; throws when one failed. */
  async drained(): Promise<void> {
    while (this.#queue.length > 0) await this.#queue[0]?.settled;
    this.check();
  }
}
