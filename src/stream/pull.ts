import { Observable } from 'rxjs';

/**
 * An Observable that asks for its next item only when a credit is free. RxJS has no backpressure of its own: a source
 * that pushes fills the unbounded buffers of `concatMap` and `mergeMap`. Here at most `credits` items are downstream at
 * any time; whoever has finished an item gives its credit back.
 */
export class Credits {
  #free: number;
  readonly #total: number;
  #waiting: (() => void)[] = [];

  constructor(total: number) {
    this.#free = total;
    this.#total = total;
  }

  /** Whether every item taken has been finished. */
  get idle(): boolean {
    return this.#free === this.#total;
  }

  get free(): number {
    return this.#free;
  }

  /** Gives a credit back. */
  release(): void {
    this.#free += 1;
    this.wake();
  }

  /** Lets whoever waits look at the condition again: something else that it depends on has changed. */
  wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }

  /** Takes a credit, waiting for one. One caller at a time. */
  async take(): Promise<void> {
    await this.until(() => this.#free > 0);
    this.#free -= 1;
  }

  /** Settles once `condition` holds; looked at when a credit comes back, and at {@link wake}. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) {
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve);
      });
    }
  }
}

/**
 * Emits what `take` gives, one call at a time, each after a credit was taken. `undefined` from `take` completes. The
 * credit of an item belongs to whoever receives it; that of a `take` that failed, completed or came too late for its
 * subscriber is given back here.
 */
export function pull<T>(take: () => Promise<T | undefined>, credits: Credits): Observable<T> {
  return new Observable<T>((subscriber) => {
    const loop = async (): Promise<void> => {
      while (!subscriber.closed) {
        await credits.take();
        let item: T | undefined;
        try {
          item = await take();
        } catch (error) {
          credits.release();
          throw error;
        }
        if (item === undefined || subscriber.closed) {
          credits.release();
          subscriber.complete();
          return;
        }
        subscriber.next(item);
      }
    };
    loop().catch((error: unknown) => subscriber.error(error));
  });
}
