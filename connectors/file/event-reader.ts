import { BatchBuilder } from 'millrace/sdk';
import type { ContentReader } from './content-reader.ts';
import { type LineDecoder, lineDecoder } from './encoding.ts';
import { EventEncoder } from './event-encoder.ts';
import {
  atCharacterBorder,
  BATCH_BYTES,
  BATCH_RECORDS,
  BLOCK_BYTES,
  BlockBuffer,
  type FileReader,
  type ReaderConfig,
  type ReaderHooks,
} from './file-reader.ts';
import { firstLine } from './first-line.ts';
import type { Event } from './multiline/event-assembler.ts';
import { EventLines, type EventLinesOptions } from './multiline/event-lines.ts';
import { compileMultiline } from './multiline/options.ts';
import { singleLines } from './multiline/rules.ts';
import type { TrackedFile } from './tracked-file.ts';

const CARRIAGE_RETURN = '\r';

/**
 * Reads events of several lines, and any encoding. An event that is not complete stays in the file: the offset is where it
 * begins, and it is read again when there is more, just as after a restart. So nothing is held in memory between reads, and
 * where a read or a batch ends makes no difference.
 */
export class EventReader implements FileReader {
  readonly #config: ReaderConfig;
  readonly #hooks: ReaderHooks;
  readonly #encoder: EventEncoder;
  readonly #decoder: LineDecoder;
  readonly #options: EventLinesOptions;
  readonly #timeout: number;
  readonly #buffer = new BlockBuffer();
  readonly #builder = new BatchBuilder(['']);
  #time = 0;

  constructor(config: ReaderConfig, host: string, hooks: ReaderHooks) {
    this.#config = config;
    this.#hooks = hooks;
    this.#encoder = new EventEncoder(host, config.file_identity);
    this.#decoder = lineDecoder(config.encoding);
    const { multiline, max_line_bytes: lineBytes } = config;
    const maxBytes = multiline?.max_bytes ?? lineBytes * MOST_UTF8_PER_BYTE;
    this.#options = {
      ...(multiline === undefined ? { rules: singleLines, containers: [] } : compileMultiline(multiline)),
      bounds: { maxLines: multiline?.max_lines ?? 1, maxBytes },
      maxDistance: maxBytes + lineBytes,
    };
    this.#timeout = multiline?.timeout ?? 0;
  }

  async readBlock(file: TrackedFile, content: ContentReader): Promise<void> {
    const { offset } = file;
    file.heldUntil = Number.POSITIVE_INFINITY;
    const block = await this.#buffer.read(file, content, BLOCK_BYTES);
    if (block.length === 0) return;
    await this.#readEvents(file, block, BLOCK_BYTES);
    if (file.offset > offset || block.length < BLOCK_BYTES) return;
    const most = this.#options.maxDistance + BLOCK_BYTES;
    await this.#readEvents(file, await this.#buffer.read(file, content, most), most);
  }

  async #readEvents(file: TrackedFile, block: Buffer, requested: number): Promise<void> {
    const base = file.offset;
    const bounded = base + block.length >= file.limit;
    this.#time = this.#hooks.now();
    this.#encoder.use(file);
    const events = new EventLines(this.#options, { offset: base, lanes: file.lanes }, (event) => this.#add(event));
    const first = firstLine(file, block, this.#decoder, this.#config.max_line_bytes);
    events.skipTo(base + first);
    const from = await this.#feedLines(file, block, { events, base, first });
    const rest = block.length - from;
    if (rest > this.#config.max_line_bytes) {
      this.#feed(events, block, { from, to: block.length, end: block.length, base });
      // What follows is the rest of this line, so nothing before it may be read again.
      events.finishAll();
      file.skipping = true;
    } else if (bounded) {
      if (rest > 0) this.#feed(events, block, { from, to: block.length, end: block.length, base });
      events.finishAll();
    } else if (block.length < requested) {
      this.#finishWaiting(file, events);
    }
    await this.#flush(file, block, events, base);
  }

  /** Feeds the whole lines from `first` on; returns where the rest begins. */
  async #feedLines(
    file: TrackedFile,
    block: Buffer,
    { events, base, first }: { events: EventLines; base: number; first: number },
  ): Promise<number> {
    const { unit } = this.#decoder;
    let from = first;
    for (;;) {
      const lineFeed = this.#decoder.lineFeed(block, from);
      if (lineFeed < 0) return from;
      this.#feed(events, block, { from, to: lineFeed, end: lineFeed + unit, base });
      from = lineFeed + unit;
      if (this.#builder.length >= BATCH_RECORDS || this.#builder.bytes >= BATCH_BYTES) {
        await this.#flush(file, block, events, base);
      }
    }
  }

  #feed(events: EventLines, block: Buffer, { from, to, end, base }: LineRange): void {
    const most = from + this.#config.max_line_bytes;
    const cut = to > most + this.#decoder.unit;
    const text = this.#decoder.decode(block, from, cut ? this.#cutAt(block, from, most) : to);
    const line = text.endsWith(CARRIAGE_RETURN) && !cut ? text.slice(0, -1) : text;
    events.feed(line, base + from, base + end, cut);
  }

  /** The largest end that cuts no character in two, where that can be seen. */
  #cutAt(block: Buffer, from: number, end: number): number {
    if (this.#decoder.unit === 2) return end - ((end - from) % 2);
    return this.#config.encoding === 'utf-8' ? atCharacterBorder(block, from, end) : end;
  }

  /** Ends events that nothing was added to for long enough. Only at the end of the file: otherwise there is more. */
  #finishWaiting(file: TrackedFile, events: EventLines): void {
    const now = this.#hooks.monotonic();
    const waiting = new Map<string, { end: number; since: number }>();
    for (const [lane, end] of events.held()) {
      const before = file.waiting.get(lane);
      const since = before?.end === end ? before.since : now;
      if (now - since >= this.#timeout) {
        events.finish(lane);
      } else {
        waiting.set(lane, { end, since });
        file.heldUntil = Math.min(file.heldUntil, since + this.#timeout);
      }
    }
    file.waiting = waiting;
  }

  #add(event: Event): void {
    if (this.#config.empty_lines === 'skip' && isEmpty(event.text)) return;
    this.#builder.begin(0, -1, this.#time);
    this.#encoder.write(this.#builder, event);
  }

  /** Sends what was built, where anything was, and notes how far the file is dealt with. */
  async #flush(file: TrackedFile, block: Buffer, events: EventLines, base: number): Promise<void> {
    const { offset } = events;
    const end = offset - base;
    if (end > 0) file.advance(offset, block.subarray(0, end));
    file.lanes = events.positions();
    if (this.#builder.length > 0) await this.#hooks.send(file, this.#builder);
  }
}

/** A byte of any encoding becomes at most so many of UTF-8. */
const MOST_UTF8_PER_BYTE = 3;

interface LineRange {
  readonly from: number;
  /** Where its line break begins. */
  readonly to: number;
  readonly end: number;
  readonly base: number;
}

function isEmpty(text: string): boolean {
  return text.length === 0 || (text.startsWith('\n') && /^\n*$/.test(text));
}
