import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createLogger } from './logger.ts';
import { createMetrics } from './metrics.ts';
import { ComponentStats } from './stats.ts';

const now = (): number => Date.UTC(2024, 0, 2, 3, 4, 5, 678);

function linesOf(format: 'text' | 'json', level: 'debug' | 'info' | 'warn' | 'error' = 'info') {
  const lines: string[] = [];
  return { lines, log: createLogger({ level, format, write: (line) => lines.push(line), now }) };
}

describe('the log', () => {
  it('writes a line to read, or one to ship', () => {
    const text = linesOf('text');
    text.log.warn('careful', { topic: 'a b', n: 1, none: undefined });
    expect(text.lines).toEqual(['03:04:05.678 warn  careful  (topic=a b n=1)\n']);
    const json = linesOf('json');
    json.log.error('bad', { code: 'X' });
    expect(JSON.parse(json.lines[0] ?? '')).toMatchObject({ time: '2024-01-02T03:04:05.678Z', code: 'X', msg: 'bad' });
  });

  it('leaves out what is below its level', () => {
    for (const format of ['text', 'json'] as const) {
      const { lines, log } = linesOf(format, 'warn');
      log.debug('a');
      log.info('b');
      log.warn('c');
      expect(lines).toHaveLength(1);
    }
  });

  it('lets nothing from outside forge a line or move the cursor', () => {
    for (const format of ['text', 'json'] as const) {
      fc.assert(
        fc.property(fc.string({ unit: 'binary' }), (outside) => {
          const { lines, log } = linesOf(format);
          log.info(outside, { field: outside });
          expect(lines).toHaveLength(1);
          const codes = [...(lines[0]?.slice(0, -1) ?? '')].map((character) => character.codePointAt(0) ?? 0);
          expect(codes.filter((code) => code < 32 || (format === 'text' && code >= 127 && code < 160))).toEqual([]);
        }),
      );
    }
  });
});

describe('the metrics', () => {
  it('show each component by its labels, as it stands when they are read', async () => {
    const stats = new ComponentStats({ pipeline: 'p', component: 'c"\n', kind: 'sink' });
    const registry = createMetrics(() => [stats]);
    stats.recordsIn = 5;
    await registry.metrics();
    stats.recordsIn = 7;
    stats.state = 'retrying';
    const text = await registry.metrics();
    expect(text).toContain('millrace_records_in_total{pipeline="p",component="c\\"\\n",kind="sink"} 7');
    expect(text).toContain('state="retrying"} 1');
    expect(text).not.toContain('state="starting"');
    expect(text).not.toMatch(/millrace_lag_records\{/);
    stats.lag = 3;
    expect(await registry.metrics()).toMatch(/millrace_lag_records\{.*\} 3/);
  });
});
