import type { Clock } from '../../sdk/clock.ts';
import type { Known } from './answer.ts';

export interface CacheOptions {
  readonly size: number;
  /** Of keys and answers together. */
  readonly maxCharacters: number;
  readonly ttlMs: number;
  readonly negativeTtlMs: number;
}

interface Cached {
  readonly answer: Known;
  readonly characters: number;
  /** By the clock that never goes back. */
  readonly until: number;
}

/** Answers by question, for a time; where there are too many, those that were not used for longest go. */
export class AnswerCache {
  readonly #options: CacheOptions;
  readonly #clock: Clock;
  /** The one used last is last. */
  readonly #answers = new Map<string, Cached>();
  #characters = 0;

  constructor(options: CacheOptions, clock: Clock) {
    this.#options = options;
    this.#clock = clock;
  }

  get(key: string): Known | undefined {
    const cached = this.#answers.get(key);
    if (cached === undefined) return undefined;
    if (cached.until <= this.#clock.monotonic()) {
      this.#remove(key, cached);
      return undefined;
    }
    this.#answers.delete(key);
    this.#answers.set(key, cached);
    return cached.answer;
  }

  set(key: string, answer: Known): void {
    const { size, maxCharacters, ttlMs, negativeTtlMs } = this.#options;
    const ttl = answer.kind === 'found' ? ttlMs : negativeTtlMs;
    const characters = key.length + (answer.kind === 'found' ? answer.text.length : answer.reason.length);
    if (size === 0 || ttl === 0 || characters > maxCharacters) return;
    const before = this.#answers.get(key);
    if (before !== undefined) this.#remove(key, before);
    this.#answers.set(key, { answer, characters, until: this.#clock.monotonic() + ttl });
    this.#characters += characters;
    for (const [oldest, cached] of this.#answers) {
      if (this.#answers.size <= size && this.#characters <= maxCharacters) return;
      this.#remove(oldest, cached);
    }
  }

  #remove(key: string, { characters }: Cached): void {
    this.#answers.delete(key);
    this.#characters -= characters;
  }
}
