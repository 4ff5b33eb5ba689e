import type { JsonObject } from '../../record/json.ts';

/**
 * What a value is beside earlier ones: `before`, the earlier value, or the mean of several; `difference` from it; `ratio` to it, unless
 * it is 0; of several also their standard deviation `stddev` (of a sample, as the aggregate) and `zscore`, how many of these the value
 * is away from the mean, unless it is 0. `windows`: how many earlier values there are. Null: no value.
 */
export function comparisonOf(value: number | null, earlier: readonly (number | null)[]): JsonObject {
  const known = earlier.filter((each) => each !== null);
  const windows = known.length;
  const result: JsonObject = { windows };
  if (windows === 0) return result;
  const before = meanOf(known);
  if (!Number.isFinite(before)) return result;
  result['before'] = before;
  const stddev = windows > 1 ? deviationOf(known, before) : Number.NaN;
  setFinite(result, 'stddev', stddev);
  if (value === null) return result;
  setFinite(result, 'difference', value - before);
  setFinite(result, 'ratio', value / before);
  setFinite(result, 'zscore', (value - before) / stddev);
  return result;
}

/** Of equal values exactly the value: what rounding makes of their sum would be a deviation, and their next a spike. */
function meanOf(values: readonly number[]): number {
  const [first] = values as [number];
  if (values.every((value) => value === first)) return first;
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function deviationOf(values: readonly number[], mean: number): number {
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1));
}

/** What JSON has no number for is left out: a division by 0, and what is beyond the largest number. */
function setFinite(result: JsonObject, name: string, value: number): void {
  if (Number.isFinite(value)) result[name] = value;
}
