import type { JsonValue } from 'millrace/sdk';
import { CLOSED, type Rules, SEPARATE, type State } from './rules.ts';

/** A line, or what is between two line breaks of a program's output where its container cut it into pieces. */
export interface Line {
  readonly text: string;
  /** Where it stands in the file, in bytes; `end` is behind its line break. */
  readonly start: number;
  readonly end: number;
  /** Whether a part of it is left out because it is too long. */
  readonly cut: boolean;
  readonly fields: Readonly<Record<string, JsonValue>> | undefined;
}

/** Lines that belong together. */
export interface Event {
  readonly text: string;
  readonly start: number;
  readonly lines: number;
  /** Whether a part of it is left out because it is too long. */
  readonly truncated: boolean;
  readonly fields: Readonly<Record<string, JsonValue>> | undefined;
}

/** Bounds of one event. */
export interface EventBounds {
  readonly maxLines: number;
  /** In bytes of UTF-8, line breaks included. */
  readonly maxBytes: number;
}

/** Puts lines together to events by rules. It takes one line after the other and holds no more than one event. */
export class EventAssembler {
  readonly #rules: Rules;
  readonly #bounds: EventBounds;
  readonly #take: (event: Event) => void;
  readonly #lines: Line[] = [];
  /** Lines that belong to the event only if one to come does. */
  readonly #tentative: Line[] = [];
  #bytes = 0;
  #state: State = CLOSED;
  /** The state of an event that was cut and given out, whose other lines are left out. */
  #leavingOut: State = CLOSED;

  constructor(rules: Rules, bounds: EventBounds, take: (event: Event) => void) {
    this.#rules = rules;
    this.#bounds = bounds;
    this.#take = take;
  }

  /** Where the event held begins in the file; `undefined` where none is held. */
  get start(): number | undefined {
    return this.#lines[0]?.start;
  }

  /** The name of the state of an event that was cut, whose other lines are to be left out. */
  get leavingOut(): string | undefined {
    return this.#leavingOut === CLOSED ? undefined : this.#rules.nameOf(this.#leavingOut);
  }

  /** Goes on behind the beginning of an event that was cut: see {@link leavingOut}. */
  leaveOut(state: string): void {
    this.#leavingOut = this.#rules.stateOf(state);
  }

  feed(line: Line): void {
    if (this.#leavingOut !== CLOSED) {
      const state = this.#rules.join(this.#leavingOut, line.text);
      this.#leavingOut = state === SEPARATE ? CLOSED : state;
      if (state !== SEPARATE) return;
    }
    if (this.#lines.length === 0) {
      this.#begin(line);
      return;
    }
    const state = this.#tentative.length < this.#bounds.maxLines ? this.#rules.join(this.#state, line.text) : SEPARATE;
    if (state === SEPARATE) {
      this.#endWithout(line);
    } else if (state !== CLOSED && this.#rules.tentative(state)) {
      this.#state = state;
      this.#tentative.push(line);
    } else {
      this.#join(line, state);
    }
  }

  /** Ends the event held: nothing will follow, or nobody waits for it. */
  end(): void {
    while (this.#lines.length > 0) {
      const again = this.#tentative.splice(0);
      this.#give(false);
      for (const line of again) this.feed(line);
    }
  }

  #begin(line: Line): void {
    this.#state = this.#rules.begin(line.text);
    this.#lines.push(line);
    this.#bytes = Buffer.byteLength(line.text);
    if (line.cut || this.#bytes > this.#bounds.maxBytes) this.#cut(this.#state);
    else if (this.#state === CLOSED) this.#give(false);
  }

  #join(line: Line, state: State): void {
    this.#tentative.push(line);
    this.#state = state;
    for (const next of this.#tentative.splice(0)) {
      if (this.#lines.length >= this.#bounds.maxLines) {
        this.#cut(state);
        return;
      }
      this.#lines.push(next);
      this.#bytes += 1 + Buffer.byteLength(next.text);
      if (next.cut || this.#bytes > this.#bounds.maxBytes) {
        this.#cut(state);
        return;
      }
    }
    if (state === CLOSED) this.#give(false);
  }

  /** The event ended, and what was only tentatively in it is looked at anew. */
  #endWithout(line: Line): void {
    const again = this.#tentative.splice(0);
    this.#give(false);
    for (const each of again) this.feed(each);
    this.feed(line);
  }

  #cut(state: State): void {
    this.#tentative.length = 0;
    this.#give(true);
    this.#leavingOut = state;
  }

  #give(truncated: boolean): void {
    const lines = this.#lines.splice(0);
    const [first] = lines;
    if (first === undefined) return;
    const text = lines.length === 1 ? first.text : lines.map((line) => line.text).join('\n');
    const bounded = this.#bytes > this.#bounds.maxBytes ? firstBytes(text, this.#bounds.maxBytes) : text;
    this.#take({ text: bounded, start: first.start, lines: lines.length, truncated, fields: first.fields });
  }
}

/** As many whole characters from the beginning as fit into `bytes` bytes of UTF-8. */
function firstBytes(text: string, bytes: number): string {
  const encoded = Buffer.from(text);
  let end = bytes;
  while (end > 0 && ((encoded[end] as number) & 0xc0) === 0x80) end -= 1;
  return encoded.toString('utf8', 0, end);
}
