import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { Argument, ExpressionFunction } from './definition.ts';
import { murmur3 } from './murmur3.ts';

const TEXT = { name: 'text', type: 'string' } as const;

/** The sign bit is left out, as in Iceberg. */
const MOST_HASH = 0x7fffffff;
const MOST_BUCKETS = 2 ** 31;

/**
 * Hashes of texts, of their UTF-8 form, as lower-case hexadecimal digits. None takes a key: one in an expression would be shown in messages
 * and in the graph of the pipeline, where the options of steps keep secrets. The step `redact` hashes with a key.
 */
export const hashFunctions: readonly ExpressionFunction[] = [
  {
    name: 'sha256',
    summary: 'The SHA-256 hash of the text (64 hexadecimal digits).',
    parameters: [TEXT],
    returns: 'string',
    example: { text: "sha256('abc')", result: 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad' },
    call: (text: Argument) => digest('sha256', text),
  },
  {
    name: 'sha512',
    summary: 'The SHA-512 hash of the text (128 hexadecimal digits).',
    parameters: [TEXT],
    returns: 'string',
    example: {
      text: "substring(sha512('abc'), 0, 64)",
      result: 'ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a',
    },
    call: (text: Argument) => digest('sha512', text),
  },
  {
    name: 'sha1',
    summary: 'The SHA-1 hash of the text (40 hexadecimal digits), to tell texts apart; it protects nothing.',
    parameters: [TEXT],
    returns: 'string',
    example: { text: "sha1('abc')", result: 'a9993e364706816aba3e25717850c26c9cd0d89d' },
    call: (text: Argument) => digest('sha1', text),
  },
  {
    name: 'md5',
    summary: 'The MD5 hash of the text (32 hexadecimal digits), to tell texts apart; it protects nothing.',
    parameters: [TEXT],
    returns: 'string',
    example: { text: "md5('abc')", result: '900150983cd24fb0d6963f7d28e17f72' },
    call: (text: Argument) => digest('md5', text),
  },
  {
    name: 'crc32',
    summary: 'The CRC-32 of the text (that of zlib and Ethernet), as a number from 0 to 4294967295.',
    parameters: [TEXT],
    returns: 'number',
    example: { text: "crc32('123456789')", result: 3_421_780_262 },
    call: (text: Argument) => (typeof text === 'string' ? crc32(text) : undefined),
  },
  {
    name: 'bucket',
    summary:
      'One of the numbers from 0 to n - 1 for a text, number or boolean, always the same for the same value and evenly spread: for samples (`bucket(user.id, 100) < 5`) and tests of variants. It is the bucket of Apache Iceberg.',
    parameters: [
      { name: 'value', type: 'any' },
      { name: 'n', type: 'number' },
    ],
    returns: 'number',
    example: { text: "bucket('iceberg', 100)", result: 89 },
    call: (value: Argument, n: Argument) => {
      const bytes = isBucketCount(n) ? bytesOf(value) : undefined;
      return bytes === undefined ? undefined : (murmur3(bytes) & MOST_HASH) % (n as number);
    },
    check: ([, n]) =>
      typeof n === 'number' && !isBucketCount(n) ? `n is a whole number from 1 to ${MOST_BUCKETS}, not ${n}` : undefined,
  },
];

function digest(algorithm: string, text: Argument): string | undefined {
  return typeof text === 'string' ? createHash(algorithm).update(text).digest('hex') : undefined;
}

function isBucketCount(n: Argument): boolean {
  return typeof n === 'number' && Number.isInteger(n) && n >= 1 && n <= MOST_BUCKETS;
}

/** What Iceberg hashes (its specification, appendix B): texts as UTF-8, whole numbers and booleans as 64-bit integers, others as doubles. */
function bytesOf(value: Argument): Buffer | undefined {
  if (typeof value === 'string') return Buffer.from(value);
  if (typeof value !== 'number' && typeof value !== 'boolean') return undefined;
  const bytes = Buffer.allocUnsafe(8);
  const number = Number(value);
  if (Number.isSafeInteger(number)) bytes.writeBigInt64LE(BigInt(number));
  else bytes.writeDoubleLE(number);
  return bytes;
}
