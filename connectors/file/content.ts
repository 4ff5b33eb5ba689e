import type { Encoding } from './encoding.ts';

/** First bytes of compressed formats, which rotation produces beside the logs. */
const COMPRESSED: readonly (readonly [name: string, magic: Buffer])[] = [
  ['gzip', Buffer.from([0x1f, 0x8b])],
  ['zstd', Buffer.from([0x28, 0xb5, 0x2f, 0xfd])],
  ['xz', Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00])],
  ['bzip2', Buffer.from('BZh')],
  ['zip', Buffer.from([0x50, 0x4b, 0x03, 0x04])],
];

/** How much of a file is looked at for bytes that no text has. */
export const SNIFFED_BYTES = 1024;

/** Whether a file that begins with `head` is a gzip archive. */
export function isGzip(head: Buffer): boolean {
  return head[0] === 0x1f && head[1] === 0x8b;
}

/** Why a file that begins with `head` is no text, or `undefined` where it may be one. */
export function whyNotText(head: Buffer, encoding: Encoding): string | undefined {
  for (const [name, magic] of COMPRESSED) {
    if (head.length >= magic.length && head.subarray(0, magic.length).equals(magic)) {
      return `it is compressed (${name})${name === 'gzip' ? '; `compressed: gzip` reads it' : ''}`;
    }
  }
  if (encoding.startsWith('utf-16')) return undefined;
  const wide = head.length >= 2 ? WIDE_MARKS[head.readUInt16BE(0)] : undefined;
  if (wide !== undefined) return `it is UTF-16; write \`encoding: ${wide}\``;
  // Zeros at the beginning are what a writer leaves whose file was truncated under it.
  const begin = head.findIndex((byte) => byte !== 0);
  return begin >= 0 && head.subarray(begin, SNIFFED_BYTES).includes(0) ? 'it is binary (its first bytes hold a NUL)' : undefined;
}

/** Byte order marks of UTF-16, and the encoding that they stand for. */
const WIDE_MARKS: Readonly<Record<number, Encoding>> = { 65534: 'utf-16le', 65279: 'utf-16be' };
