import { createHash } from 'node:crypto';
import type { ContentReader } from './content-reader.ts';

/** What a range of a file's bytes was, kept as its length and a hash: enough to tell whether it still is the same. */
export interface Fingerprint {
  readonly bytes: number;
  readonly hash: string;
}

/** 64 bits: a false match needs the same inode and two different contents with the same hash. */
const HASH_DIGITS = 16;

export function fingerprintOf(content: Uint8Array): Fingerprint {
  const hash = createHash('sha256').update(content).digest('hex').slice(0, HASH_DIGITS);
  return { bytes: content.length, hash };
}

/** The fingerprint of nothing, which every content begins with. */
export const NO_CONTENT: Fingerprint = fingerprintOf(new Uint8Array(0));

/** Whether `content` begins with what `fingerprint` was taken of. */
export function beginsWith(content: Uint8Array, fingerprint: Fingerprint): boolean {
  if (content.length < fingerprint.bytes) return false;
  return fingerprintOf(content.subarray(0, fingerprint.bytes)).hash === fingerprint.hash;
}

/** Reads `bytes` bytes from `offset` on, or as many as there are. */
export async function readRange(content: ContentReader, offset: number, bytes: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(bytes);
  let filled = 0;
  while (filled < bytes) {
    const { bytesRead } = await content.read(buffer, filled, bytes - filled, offset + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return buffer.subarray(0, filled);
}
