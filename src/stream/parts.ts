import { type ErrorCode, type ErrorParameters, errorMessage } from '../errors/index.ts';
import type { RecordBatch } from '../record/batch.ts';
import { headerText } from '../record/headers.ts';
import type { JsonObject } from '../record/json.ts';
import type { Rejected } from '../sdk/step.ts';

/**
 * Which part of a record a dead letter is: the numbers of its part in each split, from 0, with dots between. The dead
 * letter holds the record as it came, and its replay runs over this part alone: the others have gone on already.
 */
export const PART_HEADER = 'millrace.part';

/** The most parts that one record may become, by all splits together: they are in memory at the same time. */
const MOST_PARTS = 10_000;

/** Runs over the parts of split records, and knows at which it is. One serves all records of a program. */
export class Parts {
  readonly #retryTopic: string | undefined;
  /** The number of the part at work in each split around, outermost first. */
  readonly #path: number[] = [];
  #total = 0;

  /** `retryTopic`: only its records may say that they are a part; the header of any other is somebody else's. */
  constructor(retryTopic: string | undefined) {
    this.#retryTopic = retryTopic;
  }

  /**
   * Calls `each` with every value, or with the one that a replayed dead letter asks for. Returns why it did not, where
   * there are too many or the one is not there.
   */
  run(
    values: readonly JsonObject[],
    { batch, row }: { readonly batch: RecordBatch; readonly row: number },
    each: (value: JsonObject, number: number) => void,
  ): Rejected | undefined {
    const depth = this.#path.length;
    const total = values.length + (depth === 0 ? 0 : this.#total);
    if (total > MOST_PARTS) return rejected('SPLIT_TOO_MANY', { parts: total, limit: MOST_PARTS });
    this.#total = total;
    const name = this.#replayedPart(batch, row);
    const only = name?.split('.').map(Number)[depth];
    if (only !== undefined && values[only] === undefined)
      return rejected('SPLIT_PART_MISSING', { part: name as string, parts: values.length });
    const end = only === undefined ? values.length : only + 1;
    try {
      for (let i = only ?? 0; i < end; i += 1) {
        this.#path[depth] = i;
        each(values[i] as JsonObject, i);
      }
    } finally {
      this.#path.length = depth;
    }
    return undefined;
  }

  /** Which part the record at work is; `undefined` where it is whole. */
  nameOf(batch: RecordBatch, row: number): string | undefined {
    const name = this.#path.length === 0 ? undefined : this.#path.join('.');
    const replayed = this.#replayedPart(batch, row);
    // A replayed part that fails before it is split off again is that part still.
    return replayed?.startsWith(name ?? '') ? replayed : name;
  }

  #replayedPart(batch: RecordBatch, row: number): string | undefined {
    if (this.#retryTopic === undefined || batch.topic(row) !== this.#retryTopic) return undefined;
    return headerText(batch.headersBytes(row), PART_HEADER);
  }
}

function rejected(code: ErrorCode, parameters: ErrorParameters): Rejected {
  return { kind: 'rejected', code, message: errorMessage(code, parameters) };
}
