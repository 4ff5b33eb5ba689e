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

  it.each([
    ['user', 'username', ['upsert', 'username']],
    ['skip_past_last_event', 'past_last_event', ['to_next', 'past_last_event']],
    ['retention.ms', 'retention', ['retention', 'replication']],
    ['group_by', 'by', ['tumbling', 'by']],
    ['bool', 'boolean', ['integer', 'boolean']],
  ])('takes %s of another tool, or a form of it, for %s', (written, meant, among) => {
    expect(nearest(written, among)).toBe(meant);
  });

  it('has no guess where several have the same beginning', () => {
    expect(nearest('max', ['max_keys', 'max_waiting'])).toBeUndefined();
    expect(nearest('wait', ['emit', 'keep', 'late'])).toBeUndefined();
  });

  it.each(['bananas', 'xy', 'window'])('has no guess for %s', (written) => {
    expect(nearest(written, known)).toBeUndefined();
  });
});
