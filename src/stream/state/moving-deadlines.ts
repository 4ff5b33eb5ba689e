import { Deadlines } from './deadlines.ts';

/**
 * Deadlines of what is addressed, and moves: mostly later, as that of something that expires some time after it was used
 * last. Each address is in the heap once, at a time no later than its own, and is put back when it comes up too soon.
 */
export class MovingDeadlines<Address> {
  readonly #heap = new Deadlines<Address>();
  readonly #armed = new Map<Address, number>();
  readonly #timeOf: (address: Address) => number;

  /** `timeOf`: the deadline that an address has now; Infinity: none. */
  constructor(timeOf: (address: Address) => number) {
    this.#timeOf = timeOf;
  }

  /** The deadline of an address has been set or moved. */
  set(address: Address, time: number): void {
    if (time === Number.POSITIVE_INFINITY || time >= (this.#armed.get(address) ?? Number.POSITIVE_INFINITY)) return;
    this.#armed.set(address, time);
    this.#heap.add(time, address);
  }

  /** When the next is due; Infinity where there is none. */
  get next(): number {
    const heap = this.#heap;
    while (heap.next !== Number.POSITIVE_INFINITY) {
      const { next } = heap;
      const address = heap.peek();
      const isArmed = this.#armed.get(address) === next;
      const time = this.#timeOf(address);
      if (isArmed && time === next) return next;
      heap.take();
      if (!isArmed) continue;
      this.#armed.delete(address);
      this.set(address, time);
    }
    return Number.POSITIVE_INFINITY;
  }

  /** Takes out the one that is due next. There must be one. */
  take(): Address {
    const { next } = this;
    if (next === Number.POSITIVE_INFINITY) throw new Error('there is no deadline');
    const address = this.#heap.take();
    this.#armed.delete(address);
    return address;
  }
}
