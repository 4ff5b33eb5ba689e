import { isUtf8 } from 'node:buffer';
import { BatchBuilder } from 'millrace/sdk';
import type { ContentReader } from './content-reader.ts';
import { lineDecoder } from './encoding.ts';
import {
  atCharacterBorder,
  BATCH_BYTES,
  BATCH_RECORDS,
  BLOCK_BYTES,
  BLOCKS_A_TURN,
  BlockBuffer,
  type FileReader,
  type ReaderConfig,
  type ReaderHooks,
} from './file-reader.ts';
import { firstLine } from './first-line.ts';
import { LineEncoder } from './line-encoder.ts';
import type { TrackedFile } from './tracked-file.ts';

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const decoder = lineDecoder('utf-8');

/** Makes a record of each line of UTF-8, without decoding it. */
export class LineReader implements FileReader {
  readonly #config: ReaderConfig;
  readonly #hooks: ReaderHooks;
  readonly #builder = new BatchBuilder(['']);
  readonly #encoder: LineEncoder;
  readonly #keepEmpty: boolean;
  readonly #buffer = new BlockBuffer();
  #time = 0;

  constructor(config: ReaderConfig, host: string, hooks: ReaderHooks) {
    this.#config = config;
    this.#keepEmpty = config.empty_lines === 'keep';
    this.#encoder = new LineEncoder(host, config.file_identity);
    this.#hooks = hooks;
  }

  async readBlock(file: TrackedFile, content: ContentReader): Promise<void> {
    let block = await this.#buffer.read(file, content, BLOCK_BYTES);
    const holdsLine = file.skipping || block.includes(LINE_FEED);
    if (!holdsLine && block.length === BLOCK_BYTES && this.#config.max_line_bytes >= BLOCK_BYTES) {
      block = await this.#buffer.read(file, content, this.#config.max_line_bytes + BLOCK_BYTES);
    }
    for (let blocks = 1; block.length > 0; blocks += 1) {
      this.#time = this.#hooks.now();
      this.#encoder.use(file);
      const last = block.lastIndexOf(LINE_FEED);
      // Where the block is full there is more; an archive has its own way to go on.
      const more = blocks < BLOCKS_A_TURN && block.length === BLOCK_BYTES && last >= 0 && content.length === undefined;
      const position = file.offset + last + 1;
      const next = more ? this.#buffer.ahead(file, content, position) : undefined;
      try {
        await this.#readLines(file, block);
      } finally {
        // Also where that failed: the spare buffer is the read's until then.
        await next?.catch(() => undefined);
      }
      if (next === undefined || file.offset !== position) return;
      const bytesRead = await next;
      if (bytesRead === 0) return;
      block = this.#buffer.take(file, bytesRead);
      // A line that is longer than a block needs the larger buffer: it is read again.
      if (!block.includes(LINE_FEED)) {
        file.scanned = file.offset;
        return;
      }
    }
  }

  async #readLines(file: TrackedFile, block: Buffer): Promise<void> {
    const base = file.offset;
    let start = firstLine(file, block, decoder, this.#config.max_line_bytes);
    const end = block.lastIndexOf(LINE_FEED) + 1;
    if (start < end) start = await this.#sendLines(file, block, { start, end, base });
    const rest = block.length - start;
    const bounded = base + block.length >= file.limit;
    if (rest > this.#config.max_line_bytes) {
      this.#add(block, start, block.length, base);
      file.skipping = true;
      start = block.length;
    } else if (bounded && rest > 0) {
      this.#add(block, start, block.length, base);
      start = block.length;
    }
    await this.#flush(file, block, start, base);
  }

  /** Sends the whole lines from `start` up to `end`; returns `end`. */
  async #sendLines(
    file: TrackedFile,
    block: Buffer,
    { start, end, base }: { start: number; end: number; base: number },
  ): Promise<number> {
    const builder = this.#builder;
    const text = isUtf8(block.subarray(start, end));
    this.#encoder.read(block);
    let from = start;
    while (from < end) {
      const lineFeed = block.indexOf(LINE_FEED, from);
      if (text && lineFeed - from <= this.#config.max_line_bytes) this.#addShort(block, from, lineFeed, base);
      else this.#add(block, from, lineFeed, base);
      from = lineFeed + 1;
      if (builder.length >= BATCH_RECORDS || builder.bytes >= BATCH_BYTES) await this.#flush(file, block, from, base);
    }
    return end;
  }

  /** Adds a line that is known to be UTF-8 and within bounds. */
  #addShort(block: Buffer, start: number, lineFeed: number, base: number): void {
    const end = lineFeed > start && block[lineFeed - 1] === CARRIAGE_RETURN ? lineFeed - 1 : lineFeed;
    if (end === start && !this.#keepEmpty) return;
    this.#builder.begin(0, -1, this.#time);
    this.#encoder.write(this.#builder, start, end, base + start);
  }

  /** Adds any line: cut where it is too long, and with U+FFFD in place of what is no UTF-8. */
  #add(block: Buffer, start: number, lineFeed: number, base: number): void {
    const most = start + this.#config.max_line_bytes;
    const whole = lineFeed > start && block[lineFeed - 1] === CARRIAGE_RETURN ? lineFeed - 1 : lineFeed;
    const truncated = whole > most;
    const end = truncated ? atCharacterBorder(block, start, most) : whole;
    if (end === start && !this.#keepEmpty) return;
    const line = block.subarray(start, end);
    const bytes = isUtf8(line) ? line : Buffer.from(line.toString('utf8'), 'utf8');
    this.#encoder.read(bytes);
    this.#builder.begin(0, -1, this.#time);
    if (truncated) this.#encoder.writeTruncated(this.#builder, 0, bytes.length, base + start);
    else this.#encoder.write(this.#builder, 0, bytes.length, base + start);
    this.#encoder.read(block);
  }

  /** Sends what was built, where anything was, and notes that the file is dealt with up to byte `end` of the block. */
  async #flush(file: TrackedFile, block: Buffer, end: number, base: number): Promise<void> {
    if (end === 0) return;
    file.advance(base + end, block.subarray(0, end));
    if (this.#builder.length === 0) return;
    await this.#hooks.send(file, this.#builder);
  }
}
