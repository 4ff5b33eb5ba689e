import { BatchBuilder, Outcomes, type SinkBatch } from 'millrace/sdk';
import { describe, expect, it } from 'vitest';
import { consoleConfig } from './config.ts';
import { ConsoleSink, type Output } from './sink.ts';

function batchOf(values: readonly (string | null)[]): SinkBatch {
  const builder = new BatchBuilder(['t']);
  for (const value of values) {
    builder.begin(0, 0, 0);
    builder.value(value);
  }
  return { records: builder.batch(), id: (i) => `id-${i}` };
}

/** A stream that does with each write what the test says. */
class FakeOutput implements Output {
  text = '';
  readonly listeners = new Set<unknown>();
  readonly #answer: (done: (error?: Error | null) => void) => void;

  constructor(answer: (done: (error?: Error | null) => void) => void = (done) => done()) {
    this.#answer = answer;
  }

  write(text: string, done: (error?: Error | null) => void): boolean {
    this.text += text;
    this.#answer(done);
    return false;
  }

  on(_event: 'error', listener: unknown): void {
    this.listeners.add(listener);
  }

  off(_event: 'error', listener: unknown): void {
    this.listeners.delete(listener);
  }
}

async function printed(format: string, values: readonly (string | null)[]): Promise<string[]> {
  const output = new FakeOutput();
  const batch = batchOf(values);
  const outcomes = new Outcomes(values.length);
  await new ConsoleSink(consoleConfig.parse({ format }), output).write(batch, outcomes, new AbortController().signal);
  expect(values.map((_, i) => outcomes.of(i))).toEqual(values.map(() => 'delivered'));
  return output.text.split('\n').slice(0, -1);
}

describe('console sink', () => {
  const event = JSON.stringify({
    '@timestamp': '2024-05-17T10:05:00Z',
    message: 'a "b" c',
    log: { level: 'warn' },
    n: [1, 2],
    empty: '',
  });

  it('prints the value as it is, and never more than a line', async () => {
    expect(await printed('json', [event, '{\n "a": 1\n}', 'no\njson', null])).toEqual([
      event,
      '{"a":1}',
      'no\\u000ajson',
      'null',
    ]);
  });

  it('prints time, level and message as text, and the value where there is no message', async () => {
    expect(await printed('text', [event, '{"a":1}', 'plain'])).toEqual(['2024-05-17T10:05:00Z warn a "b" c', '{"a":1}', 'plain']);
  });

  it('prints fields as logfmt', async () => {
    expect(await printed('logfmt', [event])).toEqual([
      '@timestamp=2024-05-17T10:05:00Z message="a \\"b\\" c" log.level=warn n=[1,2] empty=""',
    ]);
  });

  it.each(['json', 'text', 'logfmt'])('shows control characters as escapes in %s', async (format) => {
    const lines = await printed(format, ['{"message":"\\u001b[31mred\\u009b"}', 'raw \u001b[2J']);
    expect(lines.join('')).not.toMatch(/\p{Cc}/u);
    expect(lines).toHaveLength(2);
  });

  it('says retry for every record when nobody reads any more, and does not end the process', async () => {
    const output = new FakeOutput((done) => done(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' })));
    const sink = new ConsoleSink(consoleConfig.parse({}), output);
    await sink.open();
    expect(output.listeners.size).toBe(1);
    const outcomes = new Outcomes(2);
    await sink.write(batchOf(['1', '2']), outcomes, new AbortController().signal);
    expect([outcomes.of(0), outcomes.of(1)]).toEqual(['retry', 'retry']);
    expect(outcomes.errorOf(0)).toEqual({
      code: 'CONSOLE_UNWRITABLE',
      message: expect.stringContaining('whoever read it has gone'),
    });
    await sink.close();
    expect(output.listeners.size).toBe(0);
  });

  it('waits until the stream has taken the batch, and stops waiting when told to', async () => {
    const sink = new ConsoleSink(consoleConfig.parse({}), new FakeOutput(() => undefined));
    const abort = new AbortController();
    const outcomes = new Outcomes(1);
    const writing = sink.write(batchOf(['1']), outcomes, abort.signal);
    abort.abort(new Error('stop'));
    await expect(writing).rejects.toThrow('stop');
    expect(outcomes.of(0)).toBe('unknown');
  });
});
