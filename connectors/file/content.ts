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

/** Why a file that begins with `head` is no text, or `undefined` where it may be one. */
export function whyNotText(head: Buffer): string | undefined {
  for (const [name, magic] of COMPRESSED) {
    if (head.length >= magic.length && head.subarray(0, magic.length).equals(magic)) return `it is compressed (${name})`;
  }
  if (head.length >= 2 && ((head[0] === 0xff && head[1] === 0xfe) || (head[0] === 0xfe && head[1] === 0xff))) {
    return 'it is UTF-16; only UTF-8 is read';
  }
  return head.subarray(0, SNIFFED_BYTES).includes(0) ? 'it is binary (its first bytes hold a NUL)' : undefined;
}
