import { createHash, createHmac } from 'node:crypto';
import type { Detector } from './detector.ts';

/** A pattern with its name. */
export interface NamedDetector {
  readonly name: string;
  readonly detect: Detector;
  /** Takes off what one and the same thing is written with or without, before it is hashed: blanks between digits. */
  readonly plain?: (found: string) => string;
}

/** What is put in the place of something found. */
export type Replacement = (found: string, by: NamedDetector) => string;

export function masking(mask: string | undefined): Replacement {
  return (_, { name }) => mask ?? `[${name}]`;
}

export const removing: Replacement = () => '';

/**
 * The same text always gets the same hash, so that records can still be counted and joined by it. Without a key
 * whoever knows a likely text can hash it too: there are few card numbers and addresses.
 */
export function hashing(key: string | undefined): Replacement {
  return (found, { plain }) => {
    const hash = key === undefined ? createHash('sha256') : createHmac('sha256', key);
    return hash.update(plain === undefined ? found : plain(found)).digest('hex');
  };
}

/** Finds what the detectors find in texts and replaces it. One serves all records of a step. */
export class Redactor {
  readonly #detectors: readonly NamedDetector[];
  readonly #replace: Replacement;
  /** What was found in the text at work: start, end and number of the detector, three numbers each. */
  readonly #found: number[] = [];
  #detector = 0;
  readonly #report = (start: number, end: number): void => {
    if (end > start) this.#found.push(start, end, this.#detector);
  };

  constructor(detectors: readonly NamedDetector[], replace: Replacement) {
    this.#detectors = detectors;
    this.#replace = replace;
  }

  /** The text without what was found; the same text where that is nothing. */
  redact(text: string): string {
    this.#found.length = 0;
    for (let i = 0; i < this.#detectors.length; i += 1) {
      this.#detector = i;
      (this.#detectors[i] as NamedDetector).detect(text, this.#report);
    }
    return this.#found.length === 0 ? text : this.#replaceFound(text);
  }

  /**
   * Finds of several detectors that overlap are one: nothing of them may be left. It counts as the one that begins
   * first and, of those, is the longest.
   */
  #replaceFound(text: string): string {
    const finds: { start: number; end: number; by: NamedDetector }[] = [];
    for (let i = 0; i < this.#found.length; i += 3) {
      const [start, end, by] = this.#found.slice(i, i + 3) as [number, number, number];
      finds.push({ start, end, by: this.#detectors[by] as NamedDetector });
    }
    finds.sort((a, b) => a.start - b.start || b.end - a.end);
    let result = '';
    let at = 0;
    for (let i = 0; i < finds.length; ) {
      const { start, by } = finds[i] as (typeof finds)[number];
      let { end } = finds[i] as (typeof finds)[number];
      for (i += 1; i < finds.length && (finds[i] as (typeof finds)[number]).start < end; i += 1)
        end = Math.max(end, (finds[i] as (typeof finds)[number]).end);
      result += text.slice(at, start) + this.#replace(text.slice(start, end), by);
      at = end;
    }
    return result + text.slice(at);
  }
}
