import { describe, expect, it } from 'vitest';
import { comparisonOf } from './comparison.ts';

describe('comparisonOf', () => {
  it('compares with one value', () => {
    expect(comparisonOf(30, [12])).toEqual({ windows: 1, before: 12, difference: 18, ratio: 2.5 });
    expect(comparisonOf(3, [0])).toEqual({ windows: 1, before: 0, difference: 3 });
    expect(comparisonOf(null, [12])).toEqual({ windows: 1, before: 12 });
    expect(comparisonOf(30, [null])).toEqual({ windows: 0 });
  });

  it('compares with the mean of several and their spread', () => {
    // The sample 2, 4, 4, 4, 6: mean 4, variance 8 / 4.
    const spread = Math.SQRT2;
    expect(comparisonOf(10, [2, 4, null, 4, 4, 6])).toEqual({
      ...{ windows: 5, before: 4, stddev: spread, difference: 6, ratio: 2.5, zscore: 6 / spread },
    });
    // Of one value that is left there is no spread.
    expect(comparisonOf(10, [null, 4])).toEqual({ windows: 1, before: 4, difference: 6, ratio: 2.5 });
  });

  it('takes no rounding for a spread', () => {
    expect(comparisonOf(0.2, [0.1, 0.1, 0.1])).toEqual({ windows: 3, before: 0.1, stddev: 0, difference: 0.1, ratio: 2 });
  });

  it('has no number where JSON has none', () => {
    expect(comparisonOf(1, [1e308, 1.5e308])).toEqual({ windows: 2 });
    expect(comparisonOf(1e308, [-1e308])).toEqual({ windows: 1, before: -1e308, ratio: -1 });
  });
});
