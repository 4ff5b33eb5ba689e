/**
 * A short way for plain records: from the bytes of a value to the bytes of what a step makes of it, with nothing decoded
 * or encoded in between. The step is the rule: what the short way writes is what the step and the JSON encoder would have
 * written.
 */
export interface ByteWay {
  /** The most bytes that the result of a value of `length` bytes can have. */
  bound(length: number): number;
  /**
   * Writes the result of the JSON value that stands in `source` from `start` up to `end` into `target` from byte `at` on.
   * Returns where it ends, or -1 where the record has to go the ordinary way; then what is in `target` means nothing.
   */
  write(source: Buffer, start: number, end: number, target: Buffer, at: number): number;
}
