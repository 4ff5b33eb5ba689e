import { type Piece, piece } from '../../record/byte-copier.ts';
import { CLF_TIME_LENGTH, ClfClock } from './clf-time.ts';

export { CLF_TIME_LENGTH } from './clf-time.ts';

const ZERO = 0x30;
/** One slot per second of the minute, as in {@link ClfClock}. */
const SLOTS = 60;

/** {@link ClfClock} from bytes to bytes. */
export class ClfBytesClock {
  readonly #clock = new ClfClock();
  readonly #texts: Uint8Array[] = Array.from({ length: SLOTS }, () => new Uint8Array(CLF_TIME_LENGTH));
  readonly #times: Piece[] = new Array<Piece>(SLOTS).fill(piece(''));

  /** The time at `at` as ISO 8601 in UTC, or `undefined` where there is none. */
  read(source: Buffer, at: number): Piece | undefined {
    const second = ((source[at + 18] as number) - ZERO) * 10 + (source[at + 19] as number) - ZERO;
    if (!(second >= 0 && second < SLOTS)) return undefined;
    const text = this.#texts[second] as Uint8Array;
    for (let i = 0; i < CLF_TIME_LENGTH; i += 1) {
      if (source[at + i] !== text[i]) return this.#readAnew(second, source, at);
    }
    return this.#times[second];
  }

  #readAnew(second: number, source: Buffer, at: number): Piece | undefined {
    const time = this.#clock.read(source.toString('latin1', at, at + CLF_TIME_LENGTH), 0);
    if (time === undefined) return undefined;
    this.#texts[second]?.set(source.subarray(at, at + CLF_TIME_LENGTH));
    this.#times[second] = piece(time);
    return this.#times[second];
  }
}
