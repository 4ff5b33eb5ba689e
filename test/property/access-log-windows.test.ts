import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/record/json.ts';
import { parse } from '../../src/steps/parse.ts';
import { runStep } from '../support/run-step.ts';
import { OperatorRun } from './window-oracle/operator-run.ts';
import { windowFrom } from './window-oracle/subject.ts';

/** 10,000 lines of a real server, hardly one of them in order (../shared/data/access, where it is at hand). */
const ACCESS_LOG = resolve('../shared/data/access/elastic_apache_logs.log');
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** Requests and bytes of each hour, read off the lines by a pattern. */
function hourly(lines: readonly string[]): Map<string, string> {
  const hours = new Map<string, { requests: number; bytes: number }>();
  for (const line of lines) {
    const found = /\[(\d+)\/(\w+)\/(\d+):(\d+):\d+:\d+ \+0000\] "[^"]*" \d+ (\d+|-) /.exec(line);
    if (found === null) throw new Error(`no such line was expected: ${line}`);
    const [, day, month, year, hour, bytes] = found as unknown as [string, string, string, string, string, string];
    const start = new Date(Date.UTC(Number(year), MONTHS.indexOf(month), Number(day), Number(hour))).toISOString();
    const sum = hours.get(start) ?? { requests: 0, bytes: 0 };
    hours.set(start, { requests: sum.requests + 1, bytes: sum.bytes + (bytes === '-' ? 0 : Number(bytes)) });
  }
  return new Map([...hours].map(([start, { requests, bytes }]) => [start, `${requests} requests, ${bytes} bytes`]));
}

describe.runIf(existsSync(ACCESS_LOG))('hourly windows over a real access log', () => {
  const lines = existsSync(ACCESS_LOG) ? readFileSync(ACCESS_LOG, 'utf8').trim().split('\n') : [];
  const parsed = lines.flatMap((line) => {
    const { outcome, value } = runStep(parse, { format: 'apache_combined' }, { message: line });
    return outcome === undefined ? [{ line, value: value as JsonObject }] : [];
  });
  const entries = parsed.map(
    ({ value }) => ({ kind: 'record', key: null, time: Date.parse(String(value['@timestamp'])), value }) as const,
  );
  const options = { compute: { requests: 'count()', bytes: 'sum(http.response.body.bytes)' } };
  const runWith = (wait: number, tumbling: string): OperatorRun => {
    const weather = { seed: 5, batch: 700, aborts: 4, crashes: 3 };
    return new OperatorRun({ ...windowFrom({ ...options, tumbling }), entries, wait, repartitioned: false, weather }).run();
  };

  it('count what a batch computation counts, and nothing is late, with wait: 60s', () => {
    const run = runWith(60_000, '1h');
    const found = [...run.committed, ...run.openResults()].map(({ value }) => {
      const { window, requests, bytes } = value as JsonObject & { window: JsonObject };
      return [String(window['start']), `${requests} requests, ${bytes} bytes`] as const;
    });
    expect(found).toHaveLength(new Map(found).size);
    expect(new Map(found)).toEqual(hourly(parsed.map(({ line }) => line)));
    expect(parsed).toHaveLength(9_999);
    expect(run.counters).toEqual({ pairs: 9_999, assigned: 9_999, lateKept: 0, lateRouted: 0, lateDropped: 0, gapDropped: 0 });
  });

  it('refuse what is behind by no more than a second, where nothing is waited for, and none with wait: 60s', () => {
    // So many lines are older than the newest before them.
    expect(runWith(0, '1s').counters).toMatchObject({ pairs: 9_999, assigned: 9_999 - 9_447, lateDropped: 9_447 });
    expect(runWith(60_000, '1s').counters).toMatchObject({ assigned: 9_999, lateDropped: 0 });
  });
});
