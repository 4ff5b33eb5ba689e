import { describe, expect, it } from 'vitest';
import { nearest } from './suggest.ts';

describe('nearest', () => {
  const known = ['include', 'exclude', 'start', 'follow', 'data_stream', 'to', 'id'];

  it.each([
    ['inlcude', 'include'],
    ['includes', 'include'],
    ['folow', 'follow'],
    ['dataStream', 'data_stream'],
    ['data-stream', 'data_stream'],
    ['START', 'start'],
    ['too', 'to'],
  ])('takes %s for %s', (written, meant) => {
    expect(nearest(written, known)).toBe(meant);
  });

  it.each(['bananas', 'xy', 'window'])('has no guess for %s', (written) => {
    expect(nearest(written, known)).toBeUndefined();
  });
});
