import { describe, expect, it } from 'vitest';
import { bindAll, recordOf, stepContext } from '../../test/support/run-step.ts';
import { bindOption, defaultScope } from '../expression/index.ts';
import type { JsonObject } from '../record/json.ts';
import { sample } from './sample.ts';

function sampling(options: object): (value: JsonObject) => boolean {
  const read = sample.options.parse(options);
  bindAll(read, (option) => expect(bindOption(option, defaultScope)).toEqual([]));
  const step = sample.create(read, stepContext('sample'));
  return (value) => step(recordOf(value)) === undefined;
}

const traces = Array.from({ length: 20_000 }, (_, i) => ({ trace: { id: `trace-${i}` } }));

describe('sample', () => {
  it.each([0.01, 0.1, 0.5])('keeps about its rate of the keys: %d', (rate) => {
    const kept = traces.filter(sampling({ rate, by: ['trace.id'] })).length;
    // Five standard deviations of the binomial distribution.
    expect(Math.abs(kept - rate * traces.length)).toBeLessThan(5 * Math.sqrt(traces.length * rate * (1 - rate)));
  });

  it('keeps all of them at 1 and none at 0', () => {
    expect(traces.every(sampling({ rate: 1, by: ['trace.id'] }))).toBe(true);
    expect(traces.some(sampling({ rate: 0, by: ['trace.id'] }))).toBe(false);
  });

  it('keeps the records of a key together, in every step and at every higher rate', () => {
    const [tenth, again, half] = [0.1, 0.1, 0.5].map((rate) => sampling({ rate, by: ['trace.id'] }));
    for (const trace of traces) {
      const kept = tenth?.(trace);
      expect(again?.({ ...trace, span: 2 })).toBe(kept);
      if (kept === true) expect(half?.(trace)).toBe(true);
    }
  });

  it('chooses the same keys as ever: others would tear traces apart that are half delivered', () => {
    const kept = traces.slice(0, 60).filter(sampling({ rate: 0.1, by: ['trace.id'] }));
    expect(kept.map(({ trace }) => trace.id)).toMatchInlineSnapshot(`
      [
        "trace-0",
        "trace-8",
        "trace-9",
        "trace-27",
        "trace-29",
        "trace-54",
        "trace-58",
      ]
    `);
  });

  it('goes by the whole value where there is no key, whatever the order of its fields', () => {
    const whole = sampling({ rate: 0.3 });
    const byKey = sampling({ rate: 0.3, by: { a: 'trace.id', b: 'user' } });
    const values = Array.from({ length: 2000 }, (_, i) => ({ n: i, m: i % 7 }));
    expect(Math.abs(values.filter(whole).length - 600)).toBeLessThan(110);
    for (const { n, m } of values) {
      expect(whole({ m, n })).toBe(whole({ n, m }));
      expect(byKey({ n, m, user: null })).toBe(whole({ n, m, user: null }));
    }
  });
});
