/** A checked regular expression, as functions are given it. Text beyond its bound matches nothing. */
export class Pattern {
  readonly #test: RegExp;
  readonly #all: RegExp;
  readonly #maxInput: number;

  constructor(source: string, flags: string, maxInput: number) {
    this.#test = new RegExp(source, flags);
    this.#all = new RegExp(source, `${flags}g`);
    this.#maxInput = maxInput;
  }

  /** Whether some part of `text` matches. */
  test(text: string): boolean {
    return text.length <= this.#maxInput && this.#test.test(text);
  }

  /** The first match, or null. */
  exec(text: string): RegExpExecArray | null {
    return text.length <= this.#maxInput ? this.#test.exec(text) : null;
  }

  /** All matches from left to right. */
  matches(text: string): Iterable<RegExpExecArray> {
    return text.length <= this.#maxInput ? text.matchAll(this.#all) : [];
  }
}
