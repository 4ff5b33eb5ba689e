import { checkRegExp } from 'millrace/sdk';
import { CLOSED, type Rules, SEPARATE, type State } from './rules.ts';

/** Patterns that say which lines are one event; at least one of them is given. */
export interface LinePatterns {
  /** A line that begins an event. */
  readonly start?: string | undefined;
  /** A line that continues the event before it. */
  readonly continue?: string | undefined;
  /** A line that is continued by the next one. */
  readonly unfinished?: string | undefined;
  /** The last line of an event. */
  readonly end?: string | undefined;
}

/** The event began with a line that matches `start`. */
const STARTED = 1;
/** Its last line matches `unfinished`. */
const UNFINISHED = 2;

type Test = (line: string) => boolean;

/**
 * Rules by patterns. A line belongs to the event before it when that is unfinished, or when it matches `continue`, or when
 * only `start` and `end` are given and it does not match `start`. With both `start` and `continue` only an event that
 * began with `start` is continued, and what matches neither is an event of its own.
 */
export class PatternRules implements Rules {
  readonly #start: Test | undefined;
  readonly #continue: Test | undefined;
  readonly #unfinished: Test | undefined;
  readonly #end: Test | undefined;
  /** Whether any line joins that does not begin an event. */
  readonly #anyLine: boolean;

  constructor(patterns: LinePatterns) {
    this.#start = testOf(patterns.start);
    this.#continue = testOf(patterns.continue);
    this.#unfinished = testOf(patterns.unfinished);
    this.#end = testOf(patterns.end);
    this.#anyLine = this.#continue === undefined && this.#unfinished === undefined;
  }

  begin(line: string): State {
    return this.#after(line, this.#start?.(line) === true ? STARTED : 0);
  }

  join(state: State, line: string): State {
    const started = (state & STARTED) !== 0;
    const continuable = started || this.#start === undefined;
    if ((state & UNFINISHED) !== 0) return this.#after(line, state & STARTED);
    if (continuable && this.#continue?.(line) === true) return this.#after(line, state & STARTED);
    if (this.#start?.(line) === true) return SEPARATE;
    if (this.#anyLine) return this.#after(line, state & STARTED);
    return continuable && this.#end?.(line) === true ? CLOSED : SEPARATE;
  }

  tentative(): boolean {
    return false;
  }

  nameOf(state: State): string {
    return String(state);
  }

  stateOf(name: string): State {
    return /^[0-3]$/.test(name) ? Number(name) : CLOSED;
  }

  #after(line: string, started: number): State {
    if (this.#end?.(line) === true) return CLOSED;
    if (this.#unfinished?.(line) === true) return started | UNFINISHED;
    if (this.#anyLine || this.#end !== undefined) return started;
    const continuable = this.#continue !== undefined && (started !== 0 || this.#start === undefined);
    return continuable ? started : CLOSED;
  }
}

/** A line longer than its pattern's time allows is judged by its beginning. */
function testOf(pattern: string | undefined): Test | undefined {
  if (pattern === undefined) return undefined;
  const expression = new RegExp(pattern);
  const checked = checkRegExp(pattern);
  const longest = checked.ok ? checked.maxInput : 0;
  return (line) => expression.test(line.length > longest ? line.slice(0, longest) : line);
}
