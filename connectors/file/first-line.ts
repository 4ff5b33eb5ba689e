import type { LineDecoder } from './encoding.ts';
import type { TrackedFile } from './tracked-file.ts';

/**
 * Where the first line to read begins in a block that stands at the file's offset: behind a byte order mark, the zeros
 * that a writer leaves where its file was truncated under it, header lines, and the rest of a line that was too long.
 */
export function firstLine(file: TrackedFile, block: Buffer, decoder: LineDecoder, maxLineBytes: number): number {
  let at = file.offset === 0 && startsWith(block, decoder.byteOrderMark) ? decoder.byteOrderMark.length : 0;
  if (block[at] === 0 && (file.offset === 0 || file.inHole)) at = behindZeros(block, at, decoder);
  file.inHole = at === block.length && block[at - 1] === 0 && (file.inHole || file.offset === 0);
  while (file.headerLines > 0 && at < block.length) {
    const lineFeed = decoder.lineFeed(block, at);
    if (lineFeed < 0) {
      const ends = file.offset + block.length >= file.limit || block.length - at > maxLineBytes;
      return ends ? block.length : at;
    }
    file.headerLines -= 1;
    at = lineFeed + decoder.unit;
  }
  if (!file.skipping) return at;
  const lineFeed = decoder.lineFeed(block, at);
  if (lineFeed < 0) return block.length;
  file.skipping = false;
  return lineFeed + decoder.unit;
}

function startsWith(block: Buffer, beginning: Buffer): boolean {
  return beginning.length > 0 && block.subarray(0, beginning.length).equals(beginning);
}

/** A character of two bytes may begin with a zero, so only whole characters are passed over. */
function behindZeros(block: Buffer, from: number, { unit }: LineDecoder): number {
  let at = from;
  if (unit === 1) while (block[at] === 0) at += 1;
  else while (at + 1 < block.length && block[at] === 0 && block[at + 1] === 0) at += 2;
  return at;
}
