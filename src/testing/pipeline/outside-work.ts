/** How long real work may take before it is taken for stuck, in ms of real time. */
const STUCK_MS = 20_000;

/** Node's names of what waits for a file. */
const FILE_WORK = /^(FSReq|CloseReq)/;

/** Real work that is under way while virtual time stands still: calls into connectors, and whatever waits for a file. */
export class OutsideWork {
  #calls = 0;
  #since: number | undefined;

  /** Settles as `work` does, which counts as under way until then. */
  async during<T>(work: Promise<T>): Promise<T> {
    this.#calls += 1;
    try {
      return await work;
    } finally {
      this.#calls -= 1;
    }
  }

  /** Whether any is under way. Throws where it has been for so long that it will not end. */
  get pending(): boolean {
    if (this.#calls === 0 && !process.getActiveResourcesInfo().some((resource) => FILE_WORK.test(resource))) {
      this.#since = undefined;
      return false;
    }
    this.#since ??= performance.now();
    if (performance.now() - this.#since > STUCK_MS)
      throw new Error(`a connector has been waiting for something outside for ${STUCK_MS / 1000} s of real time`);
    return true;
  }
}
