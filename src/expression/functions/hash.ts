import { createHash } from 'node:crypto';
import type { Argument, ExpressionFunction } from './definition.ts';

/** Hashes of texts, of their UTF-8 form, as lower-case hexadecimal digits. */
export const hashFunctions: readonly ExpressionFunction[] = [
  {
    name: 'sha256',
    summary: 'The SHA-256 hash of the text (64 hexadecimal digits).',
    parameters: [{ name: 'text', type: 'string' }],
    returns: 'string',
    example: { text: "sha256('abc')", result: 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad' },
    call: (text: Argument) => (typeof text === 'string' ? createHash('sha256').update(text).digest('hex') : undefined),
  },
  {
    name: 'md5',
    summary: 'The MD5 hash of the text (32 hexadecimal digits), to tell texts apart; it protects nothing.',
    parameters: [{ name: 'text', type: 'string' }],
    returns: 'string',
    example: { text: "md5('abc')", result: '900150983cd24fb0d6963f7d28e17f72' },
    call: (text: Argument) => (typeof text === 'string' ? createHash('md5').update(text).digest('hex') : undefined),
  },
];
