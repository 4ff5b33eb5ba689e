import { isMillraceError } from '../../errors/index.ts';
import type { Marker } from '../../stream/time/merged-clock.ts';
import { AsyncChain, type AsyncChainParts } from '../async-chain.ts';
import type { EndRecord, StageEnd } from './ends.ts';

type Tag = Pick<EndRecord, 'time' | 'watermark' | 'madeBy'>;

/** The end of a stage whose last steps wait: records are kept until the read is through, then take these steps together. */
export class WaitingEnd implements StageEnd {
  readonly #chain: AsyncChain<Tag>;
  readonly #end: StageEnd;

  constructor(end: StageEnd, parts: Omit<AsyncChainParts<Tag>, 'madeBy'>) {
    this.#end = end;
    this.#chain = new AsyncChain({ ...parts, madeBy: ({ madeBy }) => madeBy });
  }

  get marks(): boolean {
    return this.#end.marks;
  }

  write(record: EndRecord): void {
    const { batch, row, value, time, watermark, madeBy } = record;
    // A tombstone has no value for a step to look at.
    if (value === null) this.#end.write(record);
    else this.#chain.addValue({ batch, row }, value, { time, watermark, madeBy });
  }

  mark(marker: Marker): void {
    this.#end.mark(marker);
  }

  async settle(): Promise<void> {
    await this.#chain.settle((staged) => {
      const { batch, row, value, tag, dropped } = staged;
      if (dropped) return;
      try {
        this.#end.write({ batch, row, value, untouched: false, ...tag });
      } catch (error) {
        if (!isMillraceError(error)) throw error;
        this.#chain.reject(staged, error);
      }
    });
  }

  close(): void {
    this.#chain.close();
  }
}
