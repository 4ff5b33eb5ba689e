const C1 = 0xcc9e2d51;
const C2 = 0x1b873593;
const BLOCK = 4;

/** MurmurHash3_x86_32 with seed 0 (A. Appleby, public domain) of bytes. Unsigned. */
export function murmur3(bytes: Buffer): number {
  const { length } = bytes;
  const whole = length - (length % BLOCK);
  let hash = 0;
  for (let i = 0; i < whole; i += BLOCK) {
    hash ^= scrambled(bytes.readInt32LE(i));
    hash = (hash << 13) | (hash >>> 19);
    hash = (Math.imul(hash, 5) + 0xe6546b64) | 0;
  }
  let rest = 0;
  for (let i = length - 1; i >= whole; i -= 1) rest = (rest << 8) | (bytes[i] as number);
  if (whole < length) hash ^= scrambled(rest);
  hash ^= length;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

function scrambled(block: number): number {
  const mixed = Math.imul(block, C1);
  return Math.imul((mixed << 15) | (mixed >>> 17), C2);
}
