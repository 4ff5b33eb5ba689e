import type { ContainerLine } from './container.ts';
import { type Event, EventAssembler, type EventBounds, type Line } from './event-assembler.ts';
import type { Rules } from './rules.ts';

/** How far one stream of a file was read, where that is more than the file's position says. */
export type LanePosition = {
  /** Lines of this stream that begin before this byte are done. */
  readonly done?: number;
  /** Its last event was cut in this state, and its other lines are left out. */
  readonly leaving_out?: string;
};

/** Lines of one stream in a file: of the file itself, or of a container's standard output or error. */
export class Lane {
  /** Lines that begin before this byte are done: they are read again because of another lane. */
  readonly done: number;
  /** Where its last line ends. */
  end = 0;
  readonly #assembler: EventAssembler;
  readonly #bounds: EventBounds;
  #pieces: string[] = [];
  #pieceBytes = 0;
  #first: { start: number; fields: Line['fields'] } | undefined;

  constructor(rules: Rules, bounds: EventBounds, options: { position: LanePosition | undefined; take: (event: Event) => void }) {
    this.#bounds = bounds;
    this.#assembler = new EventAssembler(rules, bounds, options.take);
    this.done = options.position?.done ?? 0;
    const state = options.position?.leaving_out;
    if (state !== undefined) this.#assembler.leaveOut(state);
  }

  /** Where what it holds begins in the file; `undefined` where it holds nothing. */
  get start(): number | undefined {
    return this.#assembler.start ?? this.#first?.start;
  }

  /** Where it stands when the file's position is `offset` and everything before `cursor` was read. */
  position(offset: number, cursor: number): LanePosition | undefined {
    const done = Math.max(this.start ?? cursor, this.done);
    const state = this.#assembler.leavingOut;
    if (done <= offset && state === undefined) return undefined;
    return { ...(done > offset ? { done } : {}), ...(state === undefined ? {} : { leaving_out: state }) };
  }

  feed(line: Line): void {
    this.end = line.end;
    this.#assembler.feed(line);
  }

  /** Takes a line of a container, whose text may be a piece that the next one completes. */
  feedPiece(piece: ContainerLine, start: number, end: number, cut: boolean): void {
    this.end = end;
    this.#first ??= { start, fields: piece.fields };
    // Beyond the bound the event is cut anyway: one piece more than fits says so.
    if (this.#pieceBytes <= this.#bounds.maxBytes) this.#pieces.push(piece.text);
    this.#pieceBytes += Buffer.byteLength(piece.text);
    if (!piece.partial || cut) this.#completeLine(cut);
  }

  /** Ends what it holds, as it is. */
  finish(): void {
    if (this.#first !== undefined) this.#completeLine(false);
    this.#assembler.end();
  }

  #completeLine(cut: boolean): void {
    const { start, fields } = this.#first ?? { start: 0, fields: undefined };
    const text = this.#pieces.join('');
    this.#pieces = [];
    this.#pieceBytes = 0;
    this.#first = undefined;
    this.#assembler.feed({ text, start, end: this.end, cut, fields });
  }
}
