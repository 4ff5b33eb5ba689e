import { type BatchBuilder, escapedLength, JsonEscaper, MAX_ESCAPED_BYTES } from 'millrace/sdk';
import { recordHead } from './record-head.ts';
import type { TrackedFile } from './tracked-file.ts';

const DIGIT_0 = 0x30;
const MAX_DIGITS = 16;
/** `"}` */
const CLOSE_BYTES = 2;
/** Up to this length room is reserved for the worst case instead of counting. */
const SHORT_LINE = 16 * 1024;
const WORD = 4;
const MESSAGE = Buffer.from('},"message":"');

/**
 * Writes lines as JSON records straight into a batch's memory.
 */
export class LineEncoder {
  readonly #host: string;
  readonly #identity: boolean;
  #file: TrackedFile | undefined;
  #path = '';
  #head: Buffer = Buffer.alloc(0);
  #truncatedHead: Buffer = Buffer.alloc(0);
  #block: Buffer = Buffer.alloc(0);
  readonly #escaper = new JsonEscaper();

  constructor(host: string, identity: boolean) {
    this.#host = host;
    this.#identity = identity;
  }

  /** Says which file the lines that follow are of. */
  use(file: TrackedFile): void {
    if (file === this.#file && file.path === this.#path) return;
    this.#file = file;
    this.#path = file.path;
    const head = recordHead(this.#host, file, this.#identity);
    const beginning = `{"host":${JSON.stringify(head.host)},"log":{"file":${JSON.stringify(head.file)},`;
    this.#head = Buffer.from(`${beginning}"offset":`);
    this.#truncatedHead = Buffer.from(`${beginning}"flags":["truncated"],"offset":`);
  }

  /** Says which bytes the lines that follow are in. */
  read(block: Buffer): void {
    this.#block = block;
    this.#escaper.from(block);
  }

  /** Puts the line from `start` up to `end` of the block, which is at `offset` in its file, into the record begun last. */
  write(builder: BatchBuilder, start: number, end: number, offset: number): void {
    this.#write(builder, this.#head, { start, end, offset });
  }

  /** As {@link write}, for a line that is cut. */
  writeTruncated(builder: BatchBuilder, start: number, end: number, offset: number): void {
    this.#write(builder, this.#truncatedHead, { start, end, offset });
  }

  #write(builder: BatchBuilder, head: Buffer, { start, end, offset }: Line): void {
    const from = builder.openValue(head.length + MAX_DIGITS + MESSAGE.length + this.#escapedBound(start, end) + CLOSE_BYTES);
    const target = builder.arena;
    this.#escaper.to(target);
    target.set(head, from);
    let at = writeDecimal(target, from + head.length, offset);
    target.set(MESSAGE, at);
    at = this.#escaper.copy(at + MESSAGE.length, start, end);
    target[at] = 0x22;
    target[at + 1] = 0x7d;
    builder.endValue(at + CLOSE_BYTES);
  }

  /** Room that the line may need: the worst case, counted exactly where that would be much. */
  #escapedBound(start: number, end: number): number {
    if (end - start <= SHORT_LINE) return (end - start) * MAX_ESCAPED_BYTES;
    // Whole words are written before they are looked at, so the last one may reach beyond the line.
    let bytes = end - start + WORD;
    for (let i = start; i < end; i += 1) {
      bytes += escapedLength(this.#block[i] as number) - 1;
    }
    return bytes;
  }
}

interface Line {
  readonly start: number;
  readonly end: number;
  readonly offset: number;
}

function writeDecimal(target: Buffer, to: number, value: number): number {
  let end = to + 1;
  for (let bound = 10; value >= bound; bound *= 10) end += 1;
  let rest = value;
  for (let at = end - 1; at >= to; at -= 1) {
    const tenth = Math.floor(rest / 10);
    target[at] = DIGIT_0 + (rest - tenth * 10);
    rest = tenth;
  }
  return end;
}
