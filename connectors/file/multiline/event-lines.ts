import { type ContainerFormat, type ContainerLine, unwrap } from './container.ts';
import type { Event, EventBounds, Line } from './event-assembler.ts';
import { Lane, type LanePosition } from './lane.ts';
import type { Rules } from './rules.ts';

/** How far each stream of a file is read, beyond the file's position. */
export type LanePositions = Readonly<Record<string, LanePosition>>;

/** The lane of lines that are in no container's format. */
const PLAIN = 'plain';

export interface EventLinesOptions {
  readonly rules: Rules;
  readonly containers: readonly ContainerFormat[];
  readonly bounds: EventBounds;
  /** Bytes of a file that may lie between the beginning of an event and the last line read: it is ended there. */
  readonly maxDistance: number;
}

/**
 * Makes events of the lines of a file, from its position on. It is made anew for each block: what it holds at the end of
 * the block is read again with the next one, as it is after a restart.
 */
export class EventLines {
  readonly #options: EventLinesOptions;
  readonly #positions: LanePositions;
  readonly #take: (event: Event) => void;
  readonly #lanes = new Map<string, Lane>();
  /** Behind the last line fed. */
  #cursor: number;

  constructor(options: EventLinesOptions, from: { offset: number; lanes: LanePositions }, take: (event: Event) => void) {
    this.#options = options;
    this.#positions = from.lanes;
    this.#cursor = from.offset;
    this.#take = take;
  }

  /** Takes the next line; `cut` where its rest is left out. */
  feed(text: string, start: number, end: number, cut: boolean): void {
    const { containers } = this.#options;
    const piece = containers.length === 0 ? undefined : unwrap(text, containers);
    this.#cursor = end;
    if (piece === undefined) this.#feedPlain({ text, start, end, cut, fields: undefined });
    else this.#feedPiece(piece, start, end, cut);
    if (this.#lanes.size > 0) this.#endDistant();
  }

  /** Goes on at `cursor`, behind bytes that hold no line. */
  skipTo(cursor: number): void {
    this.#cursor = cursor;
  }

  /** Where the file is to be read from: the beginning of the first event that is not complete. */
  get offset(): number {
    let offset = this.#cursor;
    for (const lane of this.#lanes.values()) offset = Math.min(offset, lane.start ?? offset);
    return offset;
  }

  /** What goes with {@link offset}. */
  positions(): LanePositions {
    const { offset } = this;
    const positions: Record<string, LanePosition> = {};
    for (const [name, before] of Object.entries(this.#positions)) {
      if (!this.#lanes.has(name) && ((before.done ?? 0) > offset || before.leaving_out !== undefined)) positions[name] = before;
    }
    for (const [name, lane] of this.#lanes) {
      const position = lane.position(offset, this.#cursor);
      if (position !== undefined) positions[name] = position;
    }
    return positions;
  }

  /** Where the last line of each lane ends that holds an unfinished event. */
  held(): Map<string, number> {
    const held = new Map<string, number>();
    for (const [name, lane] of this.#lanes) if (lane.start !== undefined) held.set(name, lane.end);
    return held;
  }

  /** Ends what a lane holds. */
  finish(name: string): void {
    this.#lanes.get(name)?.finish();
  }

  finishAll(): void {
    for (const lane of this.#lanes.values()) lane.finish();
  }

  #feedPlain(line: Line): void {
    const lane = this.#lane(PLAIN);
    if (line.start < lane.done) return;
    // A container's runtime does not break off in the middle: something else writes now.
    if (this.#lanes.size > 1) for (const other of this.#lanes.values()) if (other !== lane) other.finish();
    lane.feed(line);
  }

  #feedPiece(piece: ContainerLine, start: number, end: number, cut: boolean): void {
    const lane = this.#lane(piece.lane);
    if (start >= lane.done) lane.feedPiece(piece, start, end, cut);
  }

  #lane(name: string): Lane {
    let lane = this.#lanes.get(name);
    if (lane === undefined) {
      const { rules, bounds } = this.#options;
      lane = new Lane(rules, bounds, { position: this.#positions[name], take: this.#take });
      this.#lanes.set(name, lane);
    }
    return lane;
  }

  /** An event that waits while another stream writes on and on would have all of that read again and again. */
  #endDistant(): void {
    for (const lane of this.#lanes.values()) {
      if (lane.start !== undefined && this.#cursor - lane.start > this.#options.maxDistance) lane.finish();
    }
  }
}
