import { isMillraceError } from '../../errors/index.ts';
import type { Marker } from '../../stream/time/merged-clock.ts';
import { AsyncChain, type AsyncChainParts } from '../async-chain.ts';
import type { EndRecord, StageEnd } from './ends.ts';

type Tag = Pick<EndRecord, 'time' | 'watermark' | 'made'> & { readonly tombstone: boolean };

/** The end of a stage whose last steps wait: records are kept until the read is through, then take these steps together. */
export class WaitingEnd implements StageEnd {
  readonly #chain: AsyncChain<Tag>;
  readonly #end: StageEnd;
  readonly keepsMade = true;

  constructor(end: StageEnd, parts: Omit<AsyncChainParts<Tag>, 'madeOf'>) {
    this.#end = end;
    this.#chain = new AsyncChain({ ...parts, madeOf: ({ made }) => made });
  }

  get marks(): boolean {
    return this.#end.marks;
  }

  get waits(): boolean {
    return this.#chain.waits;
  }

  write({ batch, row, value, time, watermark, made }: EndRecord): void {
    // A tombstone has no value for a step to look at, but its place is behind what it makes void.
    if (value === null) this.#chain.pass({ batch, row }, { time, watermark, made, tombstone: true });
    else this.#chain.addValue({ batch, row }, value, { time, watermark, made, tombstone: false });
  }

  mark(marker: Marker): void {
    this.#end.mark(marker);
  }

  async settle(): Promise<void> {
    await this.#chain.settle((staged) => {
      const { batch, row, tag, dropped } = staged;
      if (dropped && !tag.tombstone) return;
      try {
        this.#end.write({ batch, row, value: tag.tombstone ? null : staged.value, untouched: false, ...tag });
      } catch (error) {
        if (!isMillraceError(error)) throw error;
        this.#chain.reject(staged, error);
      }
    });
  }

  interrupt(): void {
    this.#chain.interrupt();
  }

  clear(): void {
    this.#chain.clear();
  }

  close(): void {
    this.#chain.close();
  }
}
